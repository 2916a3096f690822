"""Follows steps of the machine's clock, for what the database keeps for a while.

The calls have a clock of their own (``call_clock``).
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from screenpop.app.steady_clock import seconds_since_boot
from screenpop.store.clock_steps import keep_ages, limit_times_ahead
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError

_log = structlog.get_logger()

STEP_S = 60.0
"""Seconds up to which a step changes nothing."""
_LOOK_EVERY_S = 1.0


class ClockSteps:
    """Compares the machine's clock with one that is never set."""

    def __init__(
        self,
        database: Database,
        machine: Callable[[], float] = time.time,
        steady: Callable[[], float] = seconds_since_boot,
    ) -> None:
        self._database, self._machine, self._steady = database, machine, steady
        self._looked_at = steady()
        self._ahead = machine() - self._looked_at
        self._has_begun = False

    async def look(self) -> None:
        """Put times right at the first look and after a step. Raises ``DatabaseProblemError``;
        the next look does it again."""
        steady, now = self._steady(), self._machine()
        before = steady + self._ahead
        is_step = abs(now - before) > STEP_S
        if is_step:
            await keep_ages(self._database, before, now, steady - self._looked_at)
        if is_step or not self._has_begun:
            await limit_times_ahead(self._database, now)
        self._has_begun = True
        self._ahead, self._looked_at = now - steady, steady

    async def run(self) -> None:
        """Look each second, for ever."""
        while True:
            try:
                await self.look()
            except DatabaseProblemError:
                pass  # logged once, by the database; retried
            except Exception as problem:  # noqa: BLE001 -- retried; calls must go on
                _log.warning("A step of the clock was not followed yet", why=type(problem).__name__)
            await asyncio.sleep(_LOOK_EVERY_S)
