"""Buffers read messages for the consumer: ordered, bounded, with a count of lost messages."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from screenpop.asterisk.ami_framing import BadMessage
from screenpop.asterisk.ami_message import AmiMessage

MAX_BUFFERED = 100_000
"""Messages that wait for the loop or, delivered, to be handled; further ones are dropped and
counted."""


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
        self,
        on_batch: Callable[[MessageBatch], None],
        most_waiting: int = MAX_BUFFERED,
        unhandled: Callable[[], int] = lambda: 0,
    ) -> None:
        """``unhandled``: returns how many delivered messages still wait; called in any thread."""
        self._on_batch = on_batch
        self._most_waiting = most_waiting
        self._unhandled = unhandled
        self._batches: deque[tuple[int, MessageBatch]] = deque()
        """Each with the number of messages dropped before it, since the beginning."""
        # Counters with one writer each need no lock: the reader counts what is given and dropped,
        # the loop what arrived and which losses were reported.
        self._given = 0
        self._arrived = 0
        self._dropped = 0
        self._reported = 0

    def give(self, messages: list[AmiMessage], at: float, bad: tuple[BadMessage, ...]) -> None:
        waiting = self._given - self._arrived + self._unhandled()
        if waiting + len(messages) > self._most_waiting:
            self._dropped += len(messages)
            return
        if messages or bad:
            self._given += len(messages)
            self._batches.append((self._dropped, MessageBatch(messages, at, bad=bad)))

    def deliver(self, now: float) -> None:
        """Deliver all waiting batches. Messages dropped after the last of them are reported too, in
        a batch without messages: a burst may end while nothing fits, and nothing follow for long.
        """
        while self._batches:
            dropped, batch = self._batches.popleft()
            self._arrived += len(batch.messages)
            if dropped > self._reported:
                batch = replace(batch, lost=dropped - self._reported)
                self._reported = dropped
            self._on_batch(batch)
        if (dropped := self._dropped) > self._reported:
            lost, self._reported = dropped - self._reported, dropped
            self._on_batch(MessageBatch([], now, lost))
