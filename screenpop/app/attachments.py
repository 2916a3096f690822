"""Finishes interrupted uploads and removals of attached files: at the start and every hour."""

import asyncio

import structlog

from screenpop.store.attachments.cleanup import clean_up_attachments, count_missing_files
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError

_log = structlog.get_logger()

CLEAN_EVERY_S = 3600.0
"""No upload takes so long: a connection without progress is closed much earlier."""


async def clean_up_at_start(database: Database) -> None:
    """Finish what a crash left; warn of attachments whose files are missing."""
    try:
        await clean_up_attachments(database)
        missing = await count_missing_files(database)
    except DatabaseProblemError:
        return  # logged once, by the database
    if missing:
        _log.warning(
            "Files of customers are missing; bring them back from the backup",
            folder=str(database.attachments_folder),
            missing=missing,
        )


async def keep_attachments_clean(database: Database) -> None:
    """Run for ever."""
    while True:
        await asyncio.sleep(CLEAN_EVERY_S)
        try:
            await clean_up_attachments(database, older_than_s=CLEAN_EVERY_S)
        except DatabaseProblemError:
            pass  # logged once, by the database; retried
        except Exception as problem:  # noqa: BLE001 -- retried; calls must go on
            _log.warning("Removed files could not be deleted yet", why=str(problem))
