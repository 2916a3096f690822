"""The readiness check names what is wrong, and leaves SQLite's locks on the database file alone."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from screenpop.store.engine.database import Database, migrate, opened
from screenpop.store.engine.health_check import LOW_DISK_BYTES, FitnessCheck
from screenpop.store.engine.migrate import newest_revision
from tests.store.conftest import run_on, with_database
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


async def test_a_database_that_can_be_used_has_no_problem(database: Database) -> None:
    assert await FitnessCheck(database).problems() == {}


async def test_another_schema_than_that_of_this_version_is_a_problem(database: Database) -> None:
    check, codes = FitnessCheck(database), []
    for revision in ("0001", "zzzz", newest_revision()):
        async with database.writing() as connection:
            change = text("UPDATE alembic_version SET version_num = :revision")
            await connection.execute(change, {"revision": revision})
        codes.append(list(await check.problems()))
    assert codes == [["database_schema_older"], ["database_schema_newer"], []]


async def test_a_disk_is_nearly_full_below_the_limit_and_not_at_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database.attachments_folder = tmp_path / "attachments"
    free = [LOW_DISK_BYTES]
    monkeypatch.setattr("screenpop.store.engine.health_check._free_bytes", lambda _: free[0])
    assert await FitnessCheck(database).problems() == {}
    free[0] -= 1
    problems = await FitnessCheck(database).problems()
    assert list(problems) == ["disk_nearly_full"]
    assert "less than 64 MiB" in problems["disk_nearly_full"]


@pytest.mark.postgres
async def test_a_server_that_accepts_no_changes_is_read_only(migrated_postgres: str) -> None:
    change = "ALTER DATABASE migrated SET default_transaction_read_only"
    await run_on(migrated_postgres, f"{change} = on")
    try:
        async with opened(migrated_postgres) as database:
            problems = await FitnessCheck(database).problems()
    finally:
        await run_on(with_database(migrated_postgres, "postgres"), f"{change} = off")
    assert list(problems) == ["database_read_only"]


async def test_calls_that_cannot_be_written_are_a_problem_while_the_database_answers(
    database: Database,
) -> None:
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE legs RENAME TO legs_elsewhere"))
    check = FitnessCheck(database)
    database.log.start()
    database.log.keep(finished_call())
    async with asyncio.timeout(20):
        while database.log.state.failing_since is None:  # noqa: ASYNC110 -- its own task finds it
            await asyncio.sleep(0.01)
    assert await check.problems() == {
        "call_log_failing": "The call log cannot be written; 1 calls and notes wait."
    }
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE legs_elsewhere RENAME TO legs"))
    await database.log.flush()
    assert await check.problems() == {}


async def test_a_file_that_another_program_keeps_locked_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "screenpop.db"
    migrate(f"sqlite:///{path}")
    async with opened(f"sqlite:///{path}") as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = await FitnessCheck(database).problems()
            other.execute("ROLLBACK")
        assert list(locked) == ["database_locked"]
        assert await FitnessCheck(database).problems() == {}
