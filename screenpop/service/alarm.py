"""What the runner's queue holds, and the timer that adds to it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from screenpop.accounts.users import UserId
from screenpop.protocol.client_messages import Stage

Work = Callable[[float], bool | None]
"""A piece of work on the calls; takes the wall clock. False: it has changed nothing, so no lookup,
flush or alarm follows it."""


class ReceiptWork(NamedTuple):
    """A receipt in its turn: it changes no card, so no lookup, flush or alarm follows it."""

    user: UserId
    card: str
    rev: int
    stages: Mapping[Stage, float]


def flush_only(_now: float) -> None:
    """Change nothing: each piece of work is followed by a flush."""


class Alarm:
    """Runs ``ring`` once when the time it is set to has come.

    ``clock`` is the wall clock. Setting the same time again costs nothing, so it may be set after
    each piece of work.
    """

    __slots__ = ("_clock", "_due", "_ring", "_timer")

    def __init__(self, clock: Callable[[], float], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, due: float | None) -> None:
        """Ring at ``due``, in seconds since 1970, and no longer at an earlier setting."""
        if due == self._due:
            return
        self.cancel()
        self._due = due
        if due is not None:
            delay = max(0.0, due - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._now)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._due = None

    def _now(self) -> None:
        self._timer = self._due = None
        self._ring()
