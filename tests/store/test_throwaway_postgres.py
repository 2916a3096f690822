"""The PostgreSQL of the tests."""

import subprocess
import sys
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


@pytest.mark.postgres
def test_tests_that_are_killed_leave_no_server_behind(tmp_path: Path) -> None:
    program = (
        "import sys; from tests.store.throwaway_postgres import throwaway_postgres as make;"
        "c = make(); print(c.__enter__(), flush=True); sys.stdin.read()"
    )
    tests = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tests.stdout is not None
    place = Path(tests.stdout.readline().strip().partition("host=")[2]).parent
    pid = int((place / "data" / "postmaster.pid").read_text().split()[0])

    tests.kill()
    tests.communicate(timeout=60)  # its output ends with the last who could write to it

    assert not place.exists()
    assert not runs(pid)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
