"""Buffers read messages for the consumer: ordered, bounded, with a count of lost messages."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from screenpop.asterisk.ami_framing import BadMessage
from screenpop.asterisk.ami_message import AmiMessage

MAX_BUFFERED = 100_000
"""Messages that wait for the loop; further ones are dropped and counted."""


@dataclass(frozen=True, slots=True)
class MessageBatch:
    """The messages of one read. ``at`` is seconds since 1970."""

    messages: list[AmiMessage]
    at: float
    lost: int = 0
    """Messages dropped just before these, because the loop was too slow."""
    bad: tuple[BadMessage, ...] = ()


class ReadBuffer:
    """A bounded buffer: ``give`` is called by one reader at a time, ``deliver`` by the loop's
    thread."""

    def __init__(
        self, on_batch: Callable[[MessageBatch], None], most_waiting: int = MAX_BUFFERED
    ) -> None:
        self._on_batch = on_batch
        self._most_waiting = most_waiting
        self._batches: deque[MessageBatch] = deque()
        # Two counters with one writer each need no lock.
        self._given = 0
        self._arrived = 0
        self._lost = 0

    def give(self, messages: list[AmiMessage], at: float, bad: tuple[BadMessage, ...]) -> None:
        if self._given - self._arrived + len(messages) > self._most_waiting:
            self._lost += len(messages)
            return
        if messages or bad:
            self._given += len(messages)
            self._batches.append(MessageBatch(messages, at, self._lost, bad))
            self._lost = 0

    def deliver(self) -> None:
        """Deliver all waiting batches."""
        while self._batches:
            batch = self._batches.popleft()
            self._arrived += len(batch.messages)
            self._on_batch(batch)
