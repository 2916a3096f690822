"""Runs the lookups of callers: inline if the records answer at once, else in a task each."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from screenpop.customers.models import CallerRecord
from screenpop.service.alarm import Work
from screenpop.service.lookup_queue import LOOKUP_TIMEOUT_S, LookupRequest
from screenpop.service.ports import CallerLookup, Clock, RecordsUnreachableError
from screenpop.service.runner_counters import RunnerCounters
from screenpop.service.screen_pop import ScreenPop

_log = structlog.get_logger()


class LookupRunner:
    """``start_waiting`` after each piece of work; answers that come later are ``put``."""

    def __init__(
        self,
        screen_pop: ScreenPop,
        lookup: CallerLookup,
        *,
        put: Callable[[Work], None],
        tally: RunnerCounters,
        clock: Clock,
    ) -> None:
        self._screen_pop = screen_pop
        self._lookup = lookup
        self._put = put
        self._tally = tally
        self._clock = clock
        self.tasks: set[asyncio.Task[None]] = set()
        """Those that wait for an answer; the owner cancels them at the end."""

    def start_waiting(self) -> None:
        """Start the lookups that are due."""
        for look_up in self._screen_pop.lookups_to_start():
            began = time.perf_counter()
            try:
                answer = self._lookup.now_or_later(look_up.caller)
            except RecordsUnreachableError as problem:
                self._not_reached(look_up, problem, began)
                continue
            if isinstance(answer, CallerRecord):
                self._answered(look_up, answer, began, self._clock())
            else:
                self._await(look_up, answer, began)

    def _await(self, look_up: LookupRequest, answer: Awaitable[CallerRecord], began: float) -> None:
        task = asyncio.get_running_loop().create_task(self._bring(look_up, answer, began))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _bring(
        self, look_up: LookupRequest, answer: Awaitable[CallerRecord], began: float
    ) -> None:
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT_S):
                record = await answer
        except (TimeoutError, RecordsUnreachableError) as problem:
            failed = problem
            self._put(lambda _: self._not_reached(look_up, failed, began))
        else:
            self._put(lambda now: self._answered(look_up, record, began, now))

    def _answered(
        self, look_up: LookupRequest, record: CallerRecord | None, began: float, now: float
    ) -> None:
        self._tally.looked_up(record, time.perf_counter() - began)
        self._screen_pop.handle_lookup(look_up.key, record, now)

    def _not_reached(self, look_up: LookupRequest, problem: Exception, began: float) -> None:
        why = str(problem) or "no answer in time"
        for pbx, _, call in self._screen_pop.calls_awaiting(look_up.key):
            _log.warning("The records could not be reached", pbx=pbx, call=call, problem=why)
        self._answered(look_up, None, began, self._clock())
