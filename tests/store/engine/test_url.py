"""The database setting, and where an SQLite file may live."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.url import check_sqlite_location, filesystem_type, parse_database_url


@pytest.mark.parametrize(
    ("written", "kind", "driver"),
    [
        ("sqlite:///data/screenpop.db", "sqlite", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:////var/x.db", "sqlite", "sqlite+aiosqlite"),
        ("postgresql://u:p@host/db", "postgresql", "postgresql+asyncpg"),
        ("postgres://u:p@host/db", "postgresql", "postgresql+asyncpg"),
        ("postgresql+psycopg2://u:p@host:5433/db", "postgresql", "postgresql+asyncpg"),
    ],
)
def test_a_url_gets_the_driver_we_use_whatever_was_written(
    written: str, kind: str, driver: str
) -> None:
    address = parse_database_url(written)

    assert (address.kind, address.url.drivername) == (kind, driver)
    assert (address.path is not None) == (kind == "sqlite")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "screenpop.db",
        "mysql://h/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "postgresql://host",
        "postgresql://h:port/db",
    ],
)
def test_a_url_that_cannot_work_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(DatabaseProblemError) as refused:
        parse_database_url(written)

    assert refused.value.code == "bad_url"
    assert "sqlite:///" in str(refused.value)


def test_an_unknown_word_of_a_postgresql_url_is_named_with_those_that_are_known() -> None:
    known = "postgresql://h/db?host=/run/pg&port=5433&ssl=require&sslmode=verify-full&timeout=5"
    assert parse_database_url(known).tls == {"sslmode": "verify-full"}
    with pytest.raises(DatabaseProblemError, match=r"'sslmod'.*sslmode") as refused:
        parse_database_url("postgresql://h/db?sslmod=verify-full")
    assert refused.value.code == "bad_url"


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with suppress(DatabaseProblemError):
        parse_database_url(text)


@pytest.mark.defends("command-passwords")
def test_the_password_is_never_displayed() -> None:
    assert "sesame" not in parse_database_url("postgresql://me:sesame@host/db").shown
    with pytest.raises(DatabaseProblemError) as refused:
        parse_database_url("postgresql://me:sesame@host")
    assert "sesame" not in str(refused.value)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError) as refused:
        check_sqlite_location(tmp_path / "no" / "x.db")
    assert refused.value.code == "no_folder"


def test_a_folder_instead_of_a_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError) as refused:
        check_sqlite_location(tmp_path)
    assert refused.value.code == "bad_url"


def test_a_folder_or_file_that_cannot_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere, so the answer of the system is played.
    path = tmp_path / "x.db"
    path.touch()
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place) == tmp_path)
    with pytest.raises(DatabaseProblemError) as refused:
        check_sqlite_location(path)
    assert refused.value.code == "not_writable"

    monkeypatch.setattr(os, "access", lambda _place, _mode: False)
    with pytest.raises(DatabaseProblemError) as refused:
        check_sqlite_location(path)
    assert refused.value.code == "not_writable"
    assert "folder" in str(refused.value)


def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screenpop.store.engine.url.filesystem_type", lambda _folder: "cifs")

    with pytest.raises(DatabaseProblemError) as refused:
        check_sqlite_location(tmp_path / "x.db")

    assert refused.value.code == "network_drive"
    assert "PostgreSQL" in str(refused.value)


def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(tmp_path: Path) -> None:
    share = tmp_path / "my share" / "data"
    share.mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda1 / ext4 rw 0 0\n//nas/x {tmp_path}/my\\040share cifs rw 0 0\nshort line\n"
    )

    assert filesystem_type(share, mounts) == "cifs"
    assert filesystem_type(tmp_path, mounts) == "ext4"
    assert filesystem_type(tmp_path, tmp_path / "none") == ""


def test_a_missing_driver_names_the_pip_of_this_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bare ``pip`` would be another Python's."""
    monkeypatch.setattr("screenpop.store.engine.url.find_spec", lambda _: None)
    with pytest.raises(DatabaseProblemError) as missing:
        parse_database_url("postgresql://u:p@host/db")
    assert f"Run: {sys.executable} -m pip install asyncpg" in str(missing.value)


def test_words_of_libpq_for_tls_go_to_the_driver_and_not_into_its_address() -> None:
    address = parse_database_url(
        "postgresql://u:p@h/db?sslmode=verify-full&sslrootcert=/etc/my%20ca.crt&command_timeout=5"
    )
    assert dict(address.url.query) == {"command_timeout": "5"}
    dsn = "postgresql:///?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy+ca.crt"
    assert address.connect_args == {"dsn": dsn}
    assert parse_database_url("postgresql://u:p@h/db").connect_args == {}
