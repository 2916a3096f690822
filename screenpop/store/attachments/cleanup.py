"""Finishes what an interrupted upload or removal of a file left; deletes files of erased customers.

It touches only files that it knows by their ending or by a recorded removal. A file without a row
stays otherwise: the database may be an older backup, or another one.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.attachments.files import NEW, delete_files, publish_file
from screenpop.store.customers.removed import removed_files, take_expired
from screenpop.store.engine.database import Database
from screenpop.store.schema.attachment_tables import attachment_removals, customer_attachments

log = logging.getLogger(__name__)

_SLICE = 500


async def release_files(
    connection: AsyncConnection, customer_ids: Sequence[int], now: float
) -> int:
    """Record the files of customers for removal; return how many. Their rows go with the customers.

    After the commit call ``remove_released_files``.
    """
    files: list[str] = []
    for start in range(0, len(customer_ids), _SLICE):
        found = await connection.execute(
            select(customer_attachments.c.file).where(
                customer_attachments.c.customer_id.in_(customer_ids[start : start + _SLICE])
            )
        )
        files += found.scalars()
        files += await removed_files(connection, customer_ids[start : start + _SLICE])
    await record_removals(connection, files, now)
    return len(files)


async def record_removals(connection: AsyncConnection, files: Sequence[str], now: float) -> None:
    if files:
        rows = [{"file": file, "at": now} for file in files]
        await connection.execute(insert(attachment_removals), rows)


async def remove_released_files(database: Database) -> None:
    """Delete every file that is recorded for removal; what cannot be deleted stays recorded."""
    folder = database.attachments_folder
    async with database.reading() as connection:
        files = (await connection.execute(select(attachment_removals.c.file))).scalars().all()
    if not files:
        return
    if folder is None:
        log.warning("%d files of removed attachments are deleted by the server", len(files))
        return
    gone = await asyncio.to_thread(delete_files, folder, files)
    async with database.writing() as connection:
        for start in range(0, len(gone), _SLICE):
            part = gone[start : start + _SLICE]
            await connection.execute(
                delete(attachment_removals).where(attachment_removals.c.file.in_(part))
            )


async def settle_file(database: Database, folder: Path, file: str) -> None:
    """Give a new file its name if its row was committed; else delete it."""
    async with database.reading() as connection:
        found = await connection.execute(
            select(customer_attachments.c.id).where(customer_attachments.c.file == file)
        )
        is_kept = found.first() is not None
    if is_kept:
        await asyncio.to_thread(publish_file, folder, file)
    else:
        await asyncio.to_thread(delete_files, folder, [file])


async def clean_up_attachments(database: Database, *, older_than_s: float = 0) -> None:
    """Finish interrupted uploads and removals, and removals that can no longer be undone.

    ``older_than_s``: leave newer files alone, which may be uploads in progress; at the start of the
    server there are none.
    """
    async with database.writing() as connection:
        now = time.time()
        await record_removals(connection, await take_expired(connection, now), now)
    await remove_released_files(database)
    folder = database.attachments_folder
    if folder is None:
        return
    for file in await asyncio.to_thread(_unfinished, folder, time.time() - older_than_s):
        await settle_file(database, folder, file)


def _unfinished(folder: Path, before: float) -> list[str]:
    if not folder.is_dir():
        return []
    return [
        path.name.removesuffix(NEW)
        for path in folder.glob(f"*{NEW}")
        if path.lstat().st_mtime <= before
    ]


async def count_missing_files(database: Database) -> int:
    """Return how many kept attachments have no file, as after a backup without the folder."""
    folder = database.attachments_folder
    async with database.reading() as connection:
        files = (await connection.execute(select(customer_attachments.c.file))).scalars().all()
    if not files or folder is None:
        return len(files)
    there = await asyncio.to_thread(_names, folder)
    return sum(file not in there for file in files)


def _names(folder: Path) -> set[str]:
    return {path.name.removesuffix(NEW) for path in folder.iterdir()} if folder.is_dir() else set()
