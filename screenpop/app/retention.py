"""Deletes what is older than the settings keep it, each night while the server runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from screenpop.customers.retention import (
    RetentionKind,
    RetentionRules,
    contact_limit,
    is_night,
    is_run_due,
)
from screenpop.store.accounts.login_records import forget_logins
from screenpop.store.accounts.refusal_records import forget_refusals
from screenpop.store.calls.retention import (
    delete_old_calls,
    delete_old_notes,
    delete_old_traces,
    delete_unattached_notes,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.privacy.clock_record import look_at_clock
from screenpop.store.privacy.inactive_customers import erase_some_inactive
from screenpop.store.privacy.retention_runs import RetentionRun, last_runs, record_runs

_log = structlog.get_logger()

FIRST_LOOK_AFTER_S = 20.0
"""Seconds after the start of the server: agents' pages connect again first."""
LOOK_EVERY_S = 900.0
DAY_S = 86_400.0
CUSTOMERS_AT_ONCE = 5
"""Customers of one transaction, which searches all calls."""
MOST_BY_DAY = 20
"""Customers of a run by day, of a server that is off each night; by night there is no limit."""
_BETWEEN_S = 0.05
"""Seconds between two batches, so that other writers get the lock."""
_BETWEEN_CUSTOMERS_S = 1.0

ForgetSome = Callable[[Database, float], Awaitable[int]]
"""``forget(database, before)``: deletes some older rows; returns how many, 0 when none is left."""


class RetentionKeeper:
    """Deletes old data of each kind, and keeps for the page when and how much."""

    def __init__(
        self,
        database: Database,
        rules: RetentionRules,
        zone: ZoneInfo,
        clock: Callable[[], float],
        importing: Callable[[], bool] = lambda: False,
        between_s: float = _BETWEEN_S,
        between_customers_s: float = _BETWEEN_CUSTOMERS_S,
        expect: Callable[[str], Callable[[], None]] = lambda _: lambda: None,
    ) -> None:
        """``zone``: of the office. No customers are erased while ``importing``.

        ``expect(task)``: returns what is called when nothing of a kind is over its time.
        """
        self._database, self._rules, self._zone, self._clock = database, rules, zone, clock
        self._importing = importing
        self._between_s, self._between_customers_s = between_s, between_customers_s
        self._logged_hold: float | None = None
        day, logins = rules.notes_days, rules.logins_days
        # Traces before calls, with which they go.
        self._kinds: dict[RetentionKind, tuple[int, tuple[ForgetSome, ...]]] = {
            RetentionKind.TRACES: (rules.traces_days, (delete_old_traces,)),
            RetentionKind.CALLS: (rules.calls_days, (delete_old_calls, delete_unattached_notes)),
            RetentionKind.NOTES: (day, (delete_old_notes,)),
            RetentionKind.LOGINS: (logins, (forget_logins,)),
            RetentionKind.REFUSALS: (logins, (forget_refusals,)),
        }
        self._succeeded = {
            kind: expect(f"forget_{kind.value}")
            for kind in RetentionKind
            if self._is_kept_for_a_time(kind)
        }

    async def run(self, remove_left_files: Callable[[], object] = lambda: None) -> None:
        """Run for ever. ``remove_left_files()``: deletes files that nothing needs any more."""
        await asyncio.sleep(FIRST_LOOK_AFTER_S)
        while True:
            try:
                await self.delete_when_due()
                await asyncio.to_thread(remove_left_files)
            except DatabaseProblemError:
                pass  # logged once, by the database; retried
            except Exception as problem:  # noqa: BLE001 -- retried; calls must go on
                _log.warning("Old data could not be deleted yet", why=type(problem).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def delete_when_due(self) -> None:
        """Delete old data of the kinds whose last run is not of this night.

        Nothing while the clock may be wrong (``customers.retention.clock_seen``)."""
        now = self._clock()
        if await self._is_clock_held(now):
            return
        known = await last_runs(self._database)
        due = [
            kind
            for kind in (*self._kinds, RetentionKind.CUSTOMERS)
            if kind in self._succeeded
            and is_run_due(now, known[kind].at if kind in known else None, self._zone)
        ]
        if RetentionKind.CUSTOMERS in due and self._importing():
            due.remove(RetentionKind.CUSTOMERS)
        if due:
            known |= await self.delete_old(due)
        for kind, succeeded in self._succeeded.items():
            if kind in known and not known[kind].problem:
                succeeded()

    async def delete_old(self, kinds: list[RetentionKind]) -> dict[RetentionKind, RetentionRun]:
        """Delete old data of these kinds; a kind that fails does not stop the others."""
        runs: dict[RetentionKind, RetentionRun] = {}
        for kind in kinds:
            counts: list[int] = []
            problem = ""
            try:
                if kind is RetentionKind.CUSTOMERS:
                    await self._erase_customers(counts)
                else:
                    await self._delete_kind(kind, counts)
            except Exception as error:  # noqa: BLE001 -- kept for the page; retried the next night
                problem = type(error).__name__
                _log.warning("Old data could not be deleted yet", kind=kind.value, why=problem)
            runs[kind] = RetentionRun(self._clock(), sum(counts), problem)
        await record_runs(self._database, runs, now=self._clock())
        deleted = {kind.value: run.deleted for kind, run in runs.items() if run.deleted}
        if deleted:
            _log.info("Old data was deleted", **deleted)
        return runs

    async def _is_clock_held(self, now: float) -> bool:
        """Return whether nothing is deleted because the clock has leapt; log the first time."""
        held_until = (await look_at_clock(self._database, now)).held_until
        if held_until is not None and held_until != self._logged_hold:
            _log.warning(
                "The clock is days ahead of its last time, so nothing old is deleted until"
                f" {datetime.fromtimestamp(held_until, self._zone):%Y-%m-%d %H:%M}. Check the"
                " machine's date; after a time without Screenpop there is nothing to do"
            )
        self._logged_hold = held_until
        return held_until is not None

    def _is_kept_for_a_time(self, kind: RetentionKind) -> bool:
        if kind is RetentionKind.CUSTOMERS:
            return bool(self._rules.customers_years)
        return bool(self._kinds[kind][0])

    async def _delete_kind(self, kind: RetentionKind, counts: list[int]) -> None:
        days, forget = self._kinds[kind]
        before = self._clock() - days * DAY_S
        for forget_some in forget:
            while some := await forget_some(self._database, before):
                counts.append(some)
                await asyncio.sleep(self._between_s)

    async def _erase_customers(self, counts: list[int]) -> None:
        """Erase customers without contact, until none is left or the night is over."""
        began = self._clock()
        began_by_night = is_night(began, self._zone)
        # A run lasts a night at most; a clock that is set meanwhile makes no more customers old.
        limit = contact_limit(began, self._rules.customers_years, self._zone)
        while True:
            now = self._clock()
            if began_by_night and not is_night(now, self._zone):
                return
            if self._importing() or (not began_by_night and sum(counts) >= MOST_BY_DAY):
                return
            some = await erase_some_inactive(self._database, limit, CUSTOMERS_AT_ONCE, now)
            if not some:
                return
            counts.append(some)
            await asyncio.sleep(self._between_customers_s)
