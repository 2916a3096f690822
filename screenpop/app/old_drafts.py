"""Deletes unfinished forms and notes of users a day after their last change."""

import asyncio
from collections.abc import Callable

import structlog

from screenpop.store.accounts.form_drafts import forget_old_drafts
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError

_log = structlog.get_logger()

LOOK_EVERY_S = 3600.0


async def keep_drafts_short(database: Database, clock: Callable[[], float]) -> None:
    """Run for ever: look at once and every hour."""
    while True:
        try:
            await forget_old_drafts(database, clock())
        except DatabaseProblemError:
            pass  # logged once, by the database; retried
        except Exception as problem:  # noqa: BLE001 -- retried; calls must go on
            _log.warning("Old drafts could not be deleted yet", why=type(problem).__name__)
        await asyncio.sleep(LOOK_EVERY_S)
