"""The clock of the calls: it runs on evenly while the machine's clock is set.

A machine without a battery starts in 1970 and leaps when the network has the time; others are
corrected by hours. By such a clock a call would have rung for an hour, or for less than nothing,
and cards would leave at once or stay.
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from screenpop.app.steady_clock import seconds_since_boot
from screenpop.service.runner import ScreenPopRunner

_log = structlog.get_logger()

SMALL_S = 1.0
"""Seconds by which the clock of the calls follows at once, as a network time server corrects."""
WAITS_S = 600.0
"""Seconds for which a larger step waits for a moment without a call."""
_LOOK_EVERY_S = 1.0


class CallClock:
    """Seconds since 1970, counted on since the start; ``follow`` corrects them."""

    def __init__(
        self,
        machine: Callable[[], float] = time.time,
        steady: Callable[[], float] = seconds_since_boot,
    ) -> None:
        """``machine``: seconds since 1970. ``steady``: seconds on a clock that is never set."""
        self._machine, self._steady = machine, steady
        self._ahead = machine() - steady()
        self._differs_since: float | None = None

    def __call__(self) -> float:
        return self._steady() + self._ahead

    def follow(self, *, is_idle: bool) -> float:
        """Take over the machine's time; return the seconds of a step, 0.0 for a small one or none.

        A step of more than ``SMALL_S`` is taken over when ``is_idle`` (no call is live), at the
        latest ``WAITS_S`` after it was first seen; calls that are live then have it in their times.
        """
        now = self._steady()
        step = self._machine() - (now + self._ahead)
        if abs(step) <= SMALL_S:
            self._ahead += step
            self._differs_since = None
            return 0.0
        if self._differs_since is None:
            self._differs_since = now
        if not is_idle and now - self._differs_since < WAITS_S:
            return 0.0
        self._ahead += step
        self._differs_since = None
        return step


async def follow_machine_clock(clock: CallClock, calls: ScreenPopRunner) -> None:
    """Keep the clock of the calls right, for ever."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        step = clock.follow(is_idle=calls.is_idle())
        if step:
            calls.clock_set(step)
            _log.warning("The machine's clock was set; calls follow it", by_s=round(step, 1))
