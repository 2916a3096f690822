"""From the reader thread to the loop: one call a read, bounded, nothing lost in silence."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from screenpop.asterisk.framing import BadMessage
from screenpop.asterisk.message import AmiMessage

MOST_WAITING = 100_000
"""Messages between the reader thread and the loop; what comes on top is lost, and counted."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one read brought. ``at`` is seconds since 1970."""

    messages: list[AmiMessage]
    at: float
    lost: int = 0
    """Messages thrown away just before these, because the loop was too far behind."""
    bad: tuple[BadMessage, ...] = ()


class HandOver:
    """``give`` belongs to the reader thread; ``on_batch`` is called in the loop's thread."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_batch: Callable[[Batch], None],
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._loop = loop
        self._on_batch = on_batch
        self._most_waiting = most_waiting
        # Two counters with one writer each need no lock.
        self._given = 0
        self._arrived = 0
        self._lost = 0

    def give(self, messages: list[AmiMessage], at: float, bad: tuple[BadMessage, ...]) -> None:
        """Raises RuntimeError when the loop is closed."""
        if self._given - self._arrived + len(messages) > self._most_waiting:
            self._lost += len(messages)
            return
        if messages or bad:
            self._given += len(messages)
            batch = Batch(messages, at, self._lost, bad)
            self._lost = 0
            self._loop.call_soon_threadsafe(self._arrive, batch)

    def _arrive(self, batch: Batch) -> None:
        self._arrived += len(batch.messages)
        self._on_batch(batch)
