"""The readiness check leaves SQLite's locks on the database file alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from screenpop.store.engine.database import migrate, opened
from screenpop.store.engine.health_check import FitnessCheck
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio

_COUNT = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
print(other.execute("SELECT count(*) FROM calls").fetchone()[0])
other.close()
"""


def calls_seen_by_another_program(path: Path) -> int:
    run = (sys.executable, "-c", _COUNT, str(path))
    return int(subprocess.run(run, check=True, capture_output=True, timeout=30).stdout)


async def test_another_program_that_closes_the_database_after_a_check_leaves_the_wal_in_use(
    tmp_path: Path,
) -> None:
    path = tmp_path / "screenpop.db"
    migrate(f"sqlite:///{path}")
    async with opened(f"sqlite:///{path}") as database:
        database.log.start()
        await add_user(database)
        check = FitnessCheck(database)
        assert await check.problems() == {}
        assert calls_seen_by_another_program(path) == 0
        assert (tmp_path / "screenpop.db-wal").exists()
        database.log.keep(finished_call())
        await database.log.flush()
        assert await check.problems() == {}
        assert calls_seen_by_another_program(path) == 1
