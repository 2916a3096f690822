"""The file of a backup: whole and unchanged, or refused with a sentence."""

import dataclasses
import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screenpop.store.backup import archive, sealing
from screenpop.store.backup.archive import BackupFacts, read_archive, write_archive
from screenpop.store.backup.errors import BackupError

FACTS = BackupFacts("sqlite", "0056", "1.0", 1_795_300_000.5)
PASSPHRASE = "κλειδί گذرواژه 2026"


@pytest.fixture(scope="module", autouse=True)
def a_quick_key() -> object:
    """The cost of the key is scrypt's own: with N=2 the tests need no 128 MiB each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "_SCRYPT_N", 2)
        patch.setattr(sealing, "_PIECE_BYTES", 64)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


def saved(folder: Path, content: bytes, passphrase: str) -> bytes:
    (folder / "db").write_bytes(content)
    (folder / "scan").write_bytes(content[::-1])
    out = io.BytesIO()
    files = [("database", folder / "db"), (f"attachments/{'0f' * 16}", folder / "scan")]
    assert write_archive(out, FACTS, files, passphrase) == 2
    return out.getvalue()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=500), passphrase=st.sampled_from(["", PASSPHRASE]))
def test_what_was_saved_comes_back_to_the_byte(
    content: bytes, passphrase: str, tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> None:
    into = tmp_path_factory.mktemp("into")
    packed = saved(folder, content, passphrase)
    assert read_archive(io.BytesIO(packed), passphrase, into) == FACTS
    assert (into / "database").read_bytes() == content
    assert (into / "attachments" / ("0f" * 16)).read_bytes() == content[::-1]
    assert (into / "database").stat().st_mode & 0o777 == 0o600


@pytest.mark.defends("backup-encryption")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), passphrase=st.sampled_from(["", PASSPHRASE]))
def test_a_backup_that_is_cut_or_changed_anywhere_is_refused(
    data: st.DataObject, passphrase: str, tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> None:
    content = b"names and numbers " * 30
    packed = saved(folder, content, passphrase)
    at = data.draw(st.integers(0, len(packed) - 1))
    flip = data.draw(st.integers(0, 255))
    changed = packed[:at]
    if flip:
        changed += bytes([packed[at] ^ flip]) + packed[at + 1 :]
    into = tmp_path_factory.mktemp("into")
    try:
        found = read_archive(io.BytesIO(changed), passphrase, into)
    except BackupError:
        return
    # Some bits of gzip mean nothing: its time, its system, the rest of the last byte.
    assert flip
    assert not passphrase
    assert (found, (into / "database").read_bytes()) == (FACTS, content)


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_other_file_is_refused_with_a_sentence(content: bytes) -> None:
    for head in (b"", sealing._MAGIC, gzip.compress(content)):
        with pytest.raises(BackupError):
            read_archive(io.BytesIO(head + content), PASSPHRASE)


@pytest.mark.defends("backup-encryption")
def test_another_passphrase_opens_nothing_and_none_is_asked_for(folder: Path) -> None:
    packed = saved(folder, b"x" * 1000, PASSPHRASE)
    with pytest.raises(BackupError, match="does not open this backup"):
        read_archive(io.BytesIO(packed), PASSPHRASE + " ")
    with pytest.raises(BackupError, match="--passphrase-file"):
        read_archive(io.BytesIO(packed))


@pytest.mark.defends("backup-encryption")
def test_two_backups_with_one_passphrase_have_nothing_in_common(folder: Path) -> None:
    secret = os.urandom(500)  # not compressible: without encryption it would be there as it is
    first, second = (saved(folder, secret, PASSPHRASE) for _ in range(2))
    assert secret[:50] not in first
    same = sum(a == b for a, b in zip(first[10:], second[10:], strict=True))
    assert same < len(first) / 20


def test_a_passphrase_has_at_least_eight_characters(folder: Path) -> None:
    saved(folder, b"", "x" * sealing.MIN_PASSPHRASE)
    assert sealing.MIN_PASSPHRASE == 8
    with pytest.raises(BackupError, match="fewer than 8"):
        saved(folder, b"", "x" * 7)


def packed_with(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with gzip.open(out, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for entry, content in members:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    out.seek(0)
    return out


def member(name: str, content: object = b"", **values: object) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(entry, key, value)
    return entry, content if isinstance(content, bytes) else json.dumps(content).encode()


HEAD = member("backup.json", dataclasses.asdict(FACTS))
END = member("checksums.json", {})


@pytest.mark.defends("backup-archive")
@pytest.mark.parametrize(
    "members",
    [
        [HEAD, member("../../etc/passwd", b"x"), END],
        [HEAD, member("/etc/cron.d/x", b"x"), END],
        [HEAD, member("attachments/../../x", b"x"), END],
        [HEAD, member("attachments/" + "0" * 31, b"x"), END],
        [HEAD, member("url", b"x"), END],
        [HEAD, member("database", type=tarfile.SYMTYPE, linkname="/etc/shadow"), END],
        [HEAD, member("database", type=tarfile.LNKTYPE, linkname="token"), END],
        [HEAD, member("database", type=tarfile.CHRTYPE), END],
        [HEAD, member("attachments", type=tarfile.DIRTYPE), END],
        [HEAD, member("database", b"1"), member("database", b"2"), END],
        [HEAD, member("database", b"1"), END],
        [HEAD, END, member("database", b"1")][:1],
        [END],
        [member("database", b"1"), HEAD, END],
        [member("backup.json", {**dataclasses.asdict(FACTS), "kind": "oracle"}), END],
        [member("backup.json", {**dataclasses.asdict(FACTS), "kind": ["sqlite"]}), END],
        [member("backup.json", [1]), END],
        [member("backup.json", b"[" * 100_000), END],
        [member("backup.json", b"\xff"), END],
        [],
    ],
)
def test_an_archive_of_a_stranger_writes_nothing_outside_its_folder(
    members: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path
) -> None:
    into = tmp_path / "deep" / "into"
    into.mkdir(parents=True)
    with pytest.raises(BackupError):
        read_archive(packed_with(*members), into=into)
    outside = {path for path in tmp_path.rglob("*") if not path.is_relative_to(into)}
    assert outside == {tmp_path / "deep"}
    assert not any(path.is_symlink() for path in into.rglob("*"))


@pytest.mark.defends("backup-archive")
def test_only_the_wanted_file_is_written(folder: Path, tmp_path: Path) -> None:
    packed = saved(folder, b"content", "")
    read_archive(io.BytesIO(packed), into=tmp_path, only=frozenset({"database"}))
    assert [path.name for path in tmp_path.rglob("*")] == ["database"]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 127, 128, 129])
def test_pieces_end_where_the_content_does(size: int) -> None:
    assert sealing._PIECE_BYTES == 64  # of these tests
    out = io.BytesIO()
    writer = sealing.SealingWriter(out, PASSPHRASE)
    writer.write(b"x" * size)
    writer.close()
    pieces = max(1, -(-size // 64))
    assert len(out.getvalue()) == sealing.HEAD_BYTES + 16 + size + 16 * pieces
    out.seek(0)
    assert io.BufferedReader(sealing.SealedReader(out, PASSPHRASE)).read() == b"x" * size


@pytest.mark.defends("backup-archive")
def test_a_list_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(HEAD[1])
    assert size < archive._LARGEST_TEXT == 64 * 1024 * 1024
    monkeypatch.setattr(archive, "_LARGEST_TEXT", size)
    assert read_archive(packed_with(HEAD, END)) == FACTS
    monkeypatch.setattr(archive, "_LARGEST_TEXT", size - 1)
    with pytest.raises(BackupError, match="too large"):
        read_archive(packed_with(HEAD, END))
