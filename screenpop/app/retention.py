"""Deletes old calls, traces, notes of calls and login records while the server runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from screenpop.store.accounts.login_records import forget_logins
from screenpop.store.calls.retention import (
    delete_old_calls,
    delete_old_notes,
    delete_old_traces,
    delete_unattached_notes,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError

_log = structlog.get_logger()

LOOK_EVERY_S = 3600.0
_BETWEEN_S = 0.05
"""Seconds between two batches, so that other writers get the lock."""
DAY_S = 86_400.0


async def run_retention(
    database: Database,
    calls_days: int,
    traces_days: int,
    clock: Callable[[], float],
    succeeded: Callable[[], None] = lambda: None,
) -> None:
    """Delete old calls and traces, for ever. 0 days: keep them.

    ``succeeded``: called after each round that left nothing over its time.
    """
    while calls_days or traces_days:
        try:
            gone = await apply_retention(database, calls_days, traces_days, clock())
            if any(gone):
                _log.info("Old calls are forgotten", calls=gone[0], traces=gone[1])
            succeeded()
        except DatabaseProblemError:
            pass  # logged once, by the database; retried
        except Exception as problem:  # noqa: BLE001 -- the database may come back; retried
            _log.warning("Old calls could not be forgotten yet", why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)


async def apply_retention(
    database: Database, calls_days: int, traces_days: int, now: float
) -> tuple[int, int]:
    """Delete what is older than its limit; return how many calls and traces were deleted."""
    calls = traces = 0
    if traces_days:
        before = now - traces_days * DAY_S
        while some := await delete_old_traces(database, before):
            traces += some
            await asyncio.sleep(_BETWEEN_S)
    if calls_days:
        before = now - calls_days * DAY_S
        while some := await delete_old_calls(database, before):
            calls += some
            await asyncio.sleep(_BETWEEN_S)
        while some := await delete_unattached_notes(database, before):
            _log.debug("Notes of calls that never ended are forgotten", notes=some)
            await asyncio.sleep(_BETWEEN_S)
    return calls, traces


async def forget_logins_in_time(
    database: Database,
    days: int,
    clock: Callable[[], float],
    succeeded: Callable[[], None] = lambda: None,
) -> None:
    """Delete records of logins older than ``days``, once an hour, for ever. 0 days: keep them."""
    await _forget_in_time("logins", forget_logins, database, days, clock, succeeded)


async def forget_notes_in_time(
    database: Database,
    days: int,
    clock: Callable[[], float],
    succeeded: Callable[[], None] = lambda: None,
) -> None:
    """Delete notes of calls unchanged for ``days``, once an hour, for ever. 0 days: keep them."""
    await _forget_in_time("notes", delete_old_notes, database, days, clock, succeeded)


async def _forget_in_time(
    what: str,
    forget_some: Callable[[Database, float], Awaitable[int]],
    database: Database,
    days: int,
    clock: Callable[[], float],
    succeeded: Callable[[], None],
) -> None:
    while days:
        try:
            while some := await forget_some(database, clock() - days * DAY_S):
                _log.debug("Old records are forgotten", kind=what, records=some)
                await asyncio.sleep(_BETWEEN_S)
            succeeded()
        except Exception as problem:  # noqa: BLE001 -- the database may come back; retried
            _log.warning("Old records could not be forgotten yet", kind=what, why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)
