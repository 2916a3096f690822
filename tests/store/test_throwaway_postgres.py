"""The PostgreSQL of the tests."""

from pathlib import Path

import pytest

from . import throwaway_postgres
from .throwaway_postgres import REMEDY, NoPostgresError, ensure_binaries, find_binaries


def test_a_missing_postgresql_is_told_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throwaway_postgres, "find_binaries", lambda: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(NoPostgresError, match=REMEDY):
        ensure_binaries()


def test_it_is_looked_for_on_the_path_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throwaway_postgres, "VERSIONS", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binaries() is None

    for name in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / name).touch()
    assert find_binaries() == tmp_path


def test_the_newest_version_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9.6", "15", "16beta", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "pg_ctl", "postgres"):
            (folder / name).touch()
    monkeypatch.setattr(throwaway_postgres, "VERSIONS", tmp_path)

    assert find_binaries() == tmp_path / "17" / "bin"
