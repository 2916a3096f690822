"""Secure deletion: remove the traces that deleted rows leave in the database.

SQLite leaves deleted bytes in the file until their pages are used again, deleted words in the
search index until its segments are merged, and both in the write-ahead log. PostgreSQL keeps dead
rows until VACUUM, which autovacuum runs by itself; its WAL archives and backups live longer and
are outside of this program.
"""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind

_PAGES_A_TIME = 64
"""Pages of the search index merged in one short transaction."""
_MOST_ROUNDS = 20_000
_TRIES = 25
_BETWEEN_TRIES_S = 0.2


async def enable_secure_delete(connection: AsyncConnection, kind: Kind) -> None:
    """Make this connection overwrite with zeros what it deletes (SQLite only)."""
    if kind == "sqlite":
        await connection.exec_driver_sql("PRAGMA secure_delete=ON")


async def purge_deleted_data(database: Database) -> bool:
    """Merge deleted words out of the search index and truncate the write-ahead log.

    Takes a moment for each hundred thousand customers, in steps between which others can write.
    Returns False when a reader kept the log from being truncated: the next checkpoint does it.
    """
    if database.kind != "sqlite":
        return True
    for index in ("customers_found", "calls_found"):
        await _merge_index(database, index)
    if database.path is None:
        return True
    for _ in range(_TRIES):
        if await asyncio.to_thread(_empty_log, database.path):
            return True
        await asyncio.sleep(_BETWEEN_TRIES_S)
    return False


async def _merge_index(database: Database, index: str) -> None:
    """Merge all parts of a search index.

    https://www.sqlite.org/fts5.html#the_merge_command: a negative number begins a merge of all
    parts into one, positive numbers continue it until there is nothing left to do.
    """
    pages = -_PAGES_A_TIME
    for _ in range(_MOST_ROUNDS):
        async with database.writing() as connection:
            await enable_secure_delete(connection, database.kind)
            before = await _changes(connection)
            await connection.execute(
                text(f"INSERT INTO {index}({index}, rank) VALUES('merge', :pages)"),
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
