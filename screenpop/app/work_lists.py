"""Keeps the work lists up to date: all of them each day, and customers that changed at once.

A few customers are listed again directly. All of them are listed in a separate process, because a
busy thread or loop would delay cards (ADR 6).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from screenpop.app.change_window import ChangeWindow, is_over
from screenpop.common.worker_main import EXPECTED_FAILURE
from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.follow_ups.work_list_build import (
    build_work_list,
    changed_customers,
    is_built_for,
    list_customers_again,
)
from screenpop.store.follow_ups.work_list_worker import work_list_request

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0
MAX_INLINE_CUSTOMERS = 20
"""Customers that take about as long to list again as one page request."""
BUILD_AGAIN_AFTER_S = 600.0
"""Seconds between two builds in one day, when many customers change at once."""


class WorkListError(Exception):
    """The process that builds the lists failed; the message is its error output."""


class WorkListKeeper:
    def __init__(
        self,
        database: Database,
        address: str,
        zone: ZoneInfo,
        clock: Callable[[], float],
        importing: Callable[[], bool] = lambda: False,
    ) -> None:
        """``address``: URL of the database. It pauses while ``importing``."""
        self._database, self._address, self._zone = database, address, zone
        self._clock, self._importing = clock, importing
        self._changes = ChangeWindow(clock())
        self._built_at = 0.0
        self._waiting = False

    async def run(self) -> None:
        """Run for ever."""
        while True:
            try:
                if not self._importing():
                    await self.bring_up_to_date()
            except DatabaseProblemError:
                pass  # logged once, by the database; retried
            except Exception as problem:  # noqa: BLE001 -- the database may come back; it logs its own errors
                _log.warning("The work lists could not be built", why=str(problem))
            await asyncio.sleep(LOOK_EVERY_S)

    async def bring_up_to_date(self) -> None:
        now = self._clock()
        today = datetime.fromtimestamp(now, self._zone).date()
        if not await is_built_for(self._database, today):
            await self._build(now)
            return
        since, until = self._changes.span(now)
        most = MAX_INLINE_CUSTOMERS + 1
        changed = await changed_customers(self._database, since, most, until)
        if len(changed) <= MAX_INLINE_CUSTOMERS and not self._waiting:
            if changed:
                await list_customers_again(self._database, changed, self._zone, now)
            self._changes.looked(now)
        elif is_over(self._built_at, now, BUILD_AGAIN_AFTER_S):
            await self._build(now)
        else:
            self._waiting = True

    async def _build(self, now: float) -> None:
        if len(await changed_customers(self._database, 0.0, MAX_INLINE_CUSTOMERS + 1)) <= (
            MAX_INLINE_CUSTOMERS
        ):
            await build_work_list(self._database, self._zone, now)
        else:
            await self._build_in_process(now)
        self._built_at, self._waiting = now, False
        self._changes.looked(now)

    async def _build_in_process(self, now: float) -> None:
        async with start_worker_process(
            "screenpop.store.follow_ups.work_list_worker", stdout=DEVNULL, stderr=PIPE
        ) as worker:
            request = work_list_request(self._address, self._zone, now, self._database.fence)
            await worker.send(request)
            code = await worker.wait()
            if code == EXPECTED_FAILURE:
                raise DatabaseProblemError("worker", await worker.stderr_tail())
            if code:
                raise WorkListError(await worker.stderr_tail())
