"""The PostgreSQL of the tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.needed_postgres import ensure_for_tests


@pytest.mark.postgres
def test_tests_that_are_killed_leave_no_server_behind(tmp_path: Path) -> None:
    ensure_for_tests()
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
    tests.communicate(timeout=60)  # returns when the last process that can write has ended

    assert not place.exists()
    assert not runs(pid)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
