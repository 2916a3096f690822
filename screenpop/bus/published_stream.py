"""The listener's own view of one user's stream in Redis. No I/O."""

from collections import deque
from itertools import islice
from typing import NamedTuple

from screenpop.protocol.user_stream import HistoryLimits

Thing = tuple[str, str]
"""Kind and key of an object."""


class NumberedEntry(NamedTuple):
    thing: Thing
    payload: bytes
    gone: bool
    since: int
    """The seq with which the object appeared: snapshots keep this order."""


class NumberedEntries(NamedTuple):
    """Entries that follow each other, and the history after them."""

    first_seq: int
    entries: tuple[NumberedEntry, ...]
    keep: int
    """How many of the newest entries the history keeps."""


class PublishedStream:
    """Numbers the entries of one user, and keeps the picture that Redis must have.

    Objects are first due (or waiting, if they may wait), the newest state of each, and get their
    number when they are written. ``HistoryLimits`` apply as in ``protocol.user_stream``.
    """

    __slots__ = ("_bytes", "_limits", "_picture", "_sizes", "due", "seq", "waiting")

    def __init__(self, limits: HistoryLimits | None = None) -> None:
        self.seq = 0
        self.due: dict[Thing, tuple[bytes, bool]] = {}
        self.waiting: dict[Thing, tuple[bytes, bool]] = {}
        self._limits = limits or HistoryLimits()
        self._picture: dict[Thing, tuple[bytes, int]] = {}
        self._sizes: deque[int] = deque()
        self._bytes = 0

    @property
    def objects(self) -> int:
        """Return how many objects the picture has."""
        return len(self._picture)

    def store(self, kind: str, key: str, payload: bytes, *, gone: bool) -> None:
        """Put an object into the picture only: Redis is to have the whole picture later."""
        if gone:
            self._picture.pop((kind, key), None)
        else:
            self._picture[kind, key] = (payload, 0)

    def offer(self, kind: str, key: str, payload: bytes, *, gone: bool, may_wait: bool) -> None:
        """Put the newest state of an object among those to be written."""
        (self.waiting if may_wait else self.due)[kind, key] = (payload, gone)

    def release(self, most: int) -> int:
        """Make waiting objects due, the longest waiting first; return how many."""
        ready = list(islice(self.waiting.items(), most))
        for thing, state in ready:
            del self.waiting[thing]
            self.due[thing] = state
        return len(ready)

    def number(self, most: int) -> NumberedEntries:
        """Number due objects, the first offered first."""
        ready = list(islice(self.due.items(), most))
        first = self.seq + 1
        entries = []
        for thing, (payload, gone) in ready:
            del self.due[thing]
            self.seq += 1
            known = self._picture.get(thing)
            since = known[1] if known is not None else self.seq
            if gone:
                self._picture.pop(thing, None)
            else:
                self._picture[thing] = (payload, since)
            entries.append(NumberedEntry(thing, payload, gone, since))
            self._remember(len(payload))
        return NumberedEntries(first, tuple(entries), len(self._sizes))

    def fold(self) -> None:
        """Put all that is due or waiting into the picture only."""
        for states in (self.due, self.waiting):
            for (kind, key), (payload, gone) in states.items():
                self.store(kind, key, payload, gone=gone)
            states.clear()

    def restart(self) -> None:
        """Begin an epoch: number from 1 again, with the whole picture due."""
        self.fold()
        self.due = {thing: (payload, False) for thing, (payload, _) in self._picture.items()}
        self._picture.clear()
        self.seq = 0
        self._sizes.clear()
        self._bytes = 0

    def _remember(self, size: int) -> None:
        self._sizes.append(size)
        self._bytes += size
        while len(self._sizes) > self._limits.entries or self._bytes > self._limits.bytes:
            self._bytes -= self._sizes.popleft()
