"""What a database keeps of rows that were deleted, and how it is made to forget.

SQLite leaves deleted bytes in the file until their place is used again, the words of the search
in its index until its parts are merged, and all of it in the write-ahead log. PostgreSQL keeps dead
rows until VACUUM, which autovacuum runs by itself; its log files and every backup live longer than
both, and are not ours to change.
"""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind

_PAGES_A_TIME = 64
"""Of the search index, merged in one short transaction."""
_MOST_ROUNDS = 20_000
_TRIES = 25
_BETWEEN_TRIES_S = 0.2


async def enable_secure_delete(connection: AsyncConnection, kind: Kind) -> None:
    """From now on this connection writes zeros over what it deletes."""
    if kind == "sqlite":
        await connection.exec_driver_sql("PRAGMA secure_delete=ON")


async def purge_deleted_data(database: Database) -> bool:
    """Bring the words of deleted rows out of the search index, and everything out of the log. It
    takes a moment for each hundred thousand customers, in steps that let others write between.

    False when somebody went on reading, so that the log still holds the last change: it goes with
    the next one.
    """
    if database.kind != "sqlite":
        return True
    await _merge_index(database)
    if database.path is None:
        return True
    for _ in range(_TRIES):
        if await asyncio.to_thread(_empty_log, database.path):
            return True
        await asyncio.sleep(_BETWEEN_TRIES_S)
    return False


async def _merge_index(database: Database) -> None:
    """https://www.sqlite.org/fts5.html#the_merge_command: a negative number begins a merge of all
    parts into one, positive ones go on with it until there is nothing left to do."""
    pages = -_PAGES_A_TIME
    for _ in range(_MOST_ROUNDS):
        async with database.writing() as connection:
            await enable_secure_delete(connection, database.kind)
            before = await _changes(connection)
            await connection.execute(
                text("INSERT INTO customers_found(customers_found, rank) VALUES('merge', :pages)"),
                {"pages": pages},
            )
            done = await _changes(connection) - before
        if done < 2:
            return
        pages = _PAGES_A_TIME


async def _changes(connection: AsyncConnection) -> int:
    return int((await connection.exec_driver_sql("SELECT total_changes()")).scalar_one())


def _empty_log(path: Path) -> bool:
    connection = sqlite3.connect(path, timeout=1)
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        busy = 1
    finally:
        connection.close()
    return not busy
