"""A task that is cancelled in the middle of a write leaves no lock behind."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import _RollingBackConnection

pytestmark = pytest.mark.anyio

LONG = """WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
SELECT n FROM numbers"""


def test_a_closed_connection_has_no_lock_although_a_cursor_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    first = sqlite3.connect(path, factory=_RollingBackConnection, isolation_level=None)
    first.execute("CREATE TABLE meta (key TEXT)")
    first.execute("BEGIN IMMEDIATE")
    cursor = first.execute(LONG)
    assert cursor.fetchone() == (1,)
    first.close()
    first.close()
    second = sqlite3.connect(path, timeout=0)
    second.execute("INSERT INTO meta VALUES ('written')")
    second.close()
    assert cursor is not None


async def test_a_write_goes_on_after_others_were_cancelled_at_any_step(database: Database) -> None:
    kept: list[object] = []  # with their tracebacks, and so with the cursors in them

    async def write() -> None:
        async with database.writing() as connection:
            await connection.execute(text("DELETE FROM meta WHERE key = 'none'"))
            if database.kind == "sqlite":
                await connection.exec_driver_sql(LONG)

    for turns in range(60):
        task = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0.0002 if turns % 2 else 0)
        task.cancel()
        kept += await asyncio.gather(task, return_exceptions=True)
        async with database.writing() as connection:
            await connection.execute(text("DELETE FROM meta WHERE key = 'none'"))
