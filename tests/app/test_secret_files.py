"""Secret files: whole or absent, readable by one user, mended at the next start."""

import os
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from screenpop.accounts.api_token import MIN_API_TOKEN_LENGTH, is_usable_api_token
from screenpop.app.data_dir import DataDirError, prepare_data_dir, read_or_create_token
from screenpop.app.secret_files import write_secret_file
from screenpop.simulator.api_client import ApiClientError, find_server
from tests.faults.small_disk import NoSmallDiskError, fill_up, small_disk


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def full_disk(tmp_path: Path) -> Generator[Path]:
    try:
        with small_disk(tmp_path / "disk", 64) as folder:
            fill_up(folder)
            yield folder
    except NoSmallDiskError as problem:
        pytest.skip(str(problem))


@pytest.mark.defends("data-folder")
def test_written_secret_file_holds_the_text_and_is_for_its_user_only(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old")
    path.chmod(0o644)
    write_secret_file(path, b"new and longer\n")
    assert path.read_bytes() == b"new and longer\n"
    assert mode_of(path) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["token"]


def test_secret_file_is_synced_before_it_takes_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, order = tmp_path / "token", []
    real = os.fsync

    def fsync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        order.append(("folder" if is_folder else "file", path.exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_secret_file(path, b"text")
    assert order == [("file", False), ("folder", True)]


def test_full_disk_leaves_the_old_secret_file_as_it_was(full_disk: Path) -> None:
    filler = full_disk / "filler"
    filler.write_bytes(b"")
    write_secret_file(full_disk / "token", b"the old one")
    fill_up(full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_secret_file(full_disk / "token", b"x" * 8192)
    assert (full_disk / "token").read_bytes() == b"the old one"
    assert {file.name for file in full_disk.iterdir()} == {"filler", "token"}


def test_first_start_on_a_full_disk_stops_with_a_sentence_and_leaves_no_token(
    full_disk: Path,
) -> None:
    with pytest.raises(DataDirError, match=r"token cannot be written \(No space left.*Free some"):
        read_or_create_token(full_disk)
    assert not (full_disk / "token").exists()
    (full_disk / "filler").unlink()
    assert is_usable_api_token(read_or_create_token(full_disk))


@pytest.mark.parametrize(
    "left",
    [b"", b"\n", b"   \n", b"\0" * 44, b"short\n", b"x" * (MIN_API_TOKEN_LENGTH - 1), b"\xff"],
)
def test_empty_or_cut_off_token_file_is_made_anew_at_the_next_start(
    tmp_path: Path, left: bytes
) -> None:
    path = tmp_path / "token"
    path.write_bytes(left)
    token = read_or_create_token(tmp_path)
    assert is_usable_api_token(token)
    assert path.read_text() == token + "\n"
    assert mode_of(path) == 0o600
    assert read_or_create_token(tmp_path) == token


def test_whole_token_file_is_kept_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"x" * MIN_API_TOKEN_LENGTH + b"\n")
    assert read_or_create_token(tmp_path) == "x" * MIN_API_TOKEN_LENGTH


def test_command_line_refuses_an_empty_token_file_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"")
    with pytest.raises(ApiClientError, match=r"empty or cut off.*Restart the server"):
        find_server((tmp_path,), "http://127.0.0.1:1")


@pytest.mark.defends("data-folder")
def test_existing_data_folder_that_others_can_read_is_closed_with_its_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    (folder / "imports" / "one").mkdir(parents=True)
    folder.chmod(0o755)
    files = [folder / "screenpop.db", folder / "token", folder / "imports" / "one" / "sheet"]
    for file in files:
        file.write_text("x")
        file.chmod(0o664)
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (folder / "link").symlink_to(outside)
    prepare_data_dir(folder)
    assert mode_of(folder) == mode_of(folder / "imports" / "one") == 0o700
    assert {mode_of(file) for file in files} == {0o600}
    assert mode_of(outside) == 0o644


@pytest.mark.defends("data-folder")
def test_world_writable_folder_is_refused_as_data_folder(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(DataDirError, match="a folder of its own"):
        prepare_data_dir(shared)
    assert mode_of(shared) == 0o1777
