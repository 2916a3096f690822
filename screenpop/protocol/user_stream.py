"""One user's stream: a log with dense numbers, a short history, and its current state.

Urgent objects get their number at once. Others are offered, newest per object, and get their number
when committed: an object that changes faster than browsers can read is sent less often, but no
numbered entry is ever left out.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from screenpop.protocol.server_messages import Entry, Position, Resumed, Snapshot, Start

KINDS = ("card", "call", "pbx", "agent")


class StaleStreamsError(Exception):
    """The streams cannot be read now: the process that follows the calls has not been heard of for
    some seconds, or the server between it and this process is away."""


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How much history a stream keeps for reconnecting clients."""

    entries: int = 128
    bytes: int = 256 * 1024


class UserStream:
    """The entries and the state of one stream. Numbers start at 1; ``seq`` 0 is the empty stream.

    ``epoch`` must change whenever the history is lost, and consists of letters, digits, ``_`` and
    ``-``.
    """

    __slots__ = ("_history", "_history_bytes", "_limits", "_picture", "_waiting", "epoch", "seq")

    def __init__(self, epoch: str, limits: HistoryLimits | None = None) -> None:
        self.epoch = epoch
        self.seq = 0
        self._limits = limits or HistoryLimits()
        self._history: deque[Entry] = deque()
        self._history_bytes = 0
        self._picture: dict[tuple[str, str], bytes] = {}
        self._waiting: dict[tuple[str, str], tuple[bytes, bool]] = {}

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.seq)

    @property
    def waiting(self) -> int:
        """Return how many objects are offered and not numbered yet."""
        return len(self._waiting)

    def publish(self, kind: str, key: str, payload: bytes, *, gone: bool = False) -> Entry:
        """Number the newest state of an object now. ``gone``: the last entry about it."""
        self._waiting.pop((kind, key), None)
        return self._append(kind, key, payload, gone)

    def offer(self, kind: str, key: str, payload: bytes, *, gone: bool = False) -> None:
        """Offer the newest state of an object, to be numbered when there is capacity."""
        self._waiting[kind, key] = (payload, gone)

    def commit(self, most: int | None = None) -> tuple[Entry, ...]:
        """Number the offered objects, in the order in which each was first offered."""
        ready = list(islice(self._waiting.items(), most))
        for thing, _ in ready:
            del self._waiting[thing]
        return tuple(
            self._append(kind, key, payload, gone) for (kind, key), (payload, gone) in ready
        )

    def since(self, last: Position | None) -> Start:
        """Return what a client at ``last`` lacks: the entries since, or a snapshot.

        An unknown position (another epoch, older than the history, in the future) is a gap.
        """
        if last is None or last.epoch != self.epoch or not self._reaches(last.seq):
            return self._snapshot()
        missed = self.seq - last.seq
        newest = tuple(self._history)[-missed:] if missed else ()
        return Resumed(self.position, newest)

    def _reaches(self, seq: int) -> bool:
        return self.seq - len(self._history) <= seq <= self.seq

    def _snapshot(self) -> Snapshot:
        cards, calls, pbx, agents = (
            tuple(payload for (kind, _), payload in self._picture.items() if kind == wanted)
            for wanted in KINDS
        )
        return Snapshot(self.position, cards, calls, pbx, agents)

    def _append(self, kind: str, key: str, payload: bytes, gone: bool) -> Entry:
        self.seq += 1
        entry = Entry(self.seq, kind, payload, gone)
        if gone:
            self._picture.pop((kind, key), None)
        else:
            self._picture[kind, key] = payload
        self._remember(entry)
        return entry

    def _remember(self, entry: Entry) -> None:
        self._history.append(entry)
        self._history_bytes += len(entry.payload)
        while len(self._history) > self._limits.entries or self._history_bytes > self._limits.bytes:
            self._history_bytes -= len(self._history.popleft().payload)
