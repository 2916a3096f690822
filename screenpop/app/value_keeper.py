"""Keeps customers' values up to date: all of them each day, and some soon after a change.

Both run in a process of their own, which alone imports numpy and scipy (ADR 6).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from screenpop.app.change_window import ChangeWindow, is_over
from screenpop.common.worker_main import EXPECTED_FAILURE
from screenpop.common.worker_process import DEVNULL, PIPE, start_worker_process
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.tiers import TierRule
from screenpop.scoring.request import WORKER, WORKER_ENV, score_request
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.follow_ups.work_list_build import changed_customers
from screenpop.store.value.queries import has_customers, is_scored_for

_log = structlog.get_logger()

FIRST_LOOK_AFTER_S = 20.0
"""Seconds after the start of the server: agents' pages connect again first."""
LOOK_EVERY_S = 180.0
BUSY_WAIT_S = 2.0
"""Seconds until the next look while customers are imported."""
MAX_CHANGED = 500
"""Changed customers that are scored alone; more, as after an import, are scored with all others."""
SCORE_AGAIN_AFTER_S = 1800.0
"""Seconds between two runs over all customers on one day."""


class ScoringError(Exception):
    """The scoring process failed; the message is its error output."""


class ValueKeeper:
    def __init__(
        self,
        database: Database,
        address: str,
        zone: ZoneInfo,
        rules: Sequence[TierRule],
        clock: Callable[[], float],
        importing: Callable[[], bool] = lambda: False,
        first_look_after_s: float = FIRST_LOOK_AFTER_S,
        points: PointRules | None = None,
    ) -> None:
        """``address``: URL of the database. It pauses while ``importing``."""
        self._first_look_after_s, self._points = first_look_after_s, points
        self._database, self._address, self._zone, self._rules = database, address, zone, rules
        self._clock, self._importing = clock, importing
        self._changes = ChangeWindow(clock())
        self._scored_at = 0.0
        self._failed_at: float | None = None

    async def run(self) -> None:
        """Run for ever."""
        await asyncio.sleep(self._first_look_after_s)
        while True:
            wait_s = LOOK_EVERY_S
            try:
                if self._importing():
                    wait_s = BUSY_WAIT_S
                else:
                    await self.bring_up_to_date()
            except DatabaseProblemError:
                pass  # logged once, by the database; retried
            except Exception as problem:  # noqa: BLE001 -- the database may come back; it logs its own errors
                _log.warning("The customers could not be scored", why=str(problem))
                self._failed_at = self._clock()
            await asyncio.sleep(wait_s)

    async def bring_up_to_date(self) -> None:
        now = self._clock()
        if self._failed_at is not None and not is_over(self._failed_at, now, SCORE_AGAIN_AFTER_S):
            return
        if not await has_customers(self._database):
            return
        today = datetime.fromtimestamp(now, self._zone).date()
        if not await is_scored_for(self._database, today):
            await self._score(now, None)
            return
        since, until = self._changes.span(now)
        changed = await changed_customers(self._database, since, MAX_CHANGED + 1, until)
        if len(changed) <= MAX_CHANGED:
            if changed:
                await self._score(now, changed)
            self._changes.looked(now)
        elif is_over(self._scored_at, now, SCORE_AGAIN_AFTER_S):
            await self._score(now, None)

    async def _score(self, now: float, ids: Sequence[int] | None) -> None:
        today = datetime.fromtimestamp(now, self._zone).date()
        async with start_worker_process(
            WORKER, stdout=DEVNULL, stderr=PIPE, env={**os.environ, **WORKER_ENV}
        ) as worker:
            await worker.send(
                score_request(
                    *(self._address, today, now, self._rules, ids, self._points),
                    self._database.fence,
                )
            )
            code = await worker.wait()
            if code == EXPECTED_FAILURE:
                raise DatabaseProblemError("worker", await worker.stderr_tail())
            if code:
                raise ScoringError(await worker.stderr_tail())
        if ids is None:
            self._changes.looked(now)
            self._scored_at = now
