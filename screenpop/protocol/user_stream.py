"""One user's stream: a log with dense numbers, a short history, and the picture it adds up to.

What is urgent gets its number at once. What can wait is offered, newest per thing, and gets its
number when it is committed: a thing that changes faster than browsers can read is told less
often, but nothing that has a number is ever left out.
"""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from screenpop.protocol.server_messages import Entry, Position, Resumed, Snapshot, Start

KINDS = ("card", "call", "pbx")


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How much of the past a stream keeps for those who come back."""

    entries: int = 128
    bytes: int = 256 * 1024


class UserStream:
    """Numbers start at 1; ``seq`` 0 is the empty stream.

    ``epoch`` must be another one whenever the history before is lost, and is made of letters,
    digits, ``_`` and ``-`` only.
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
        """How many things are offered and have no number yet."""
        return len(self._waiting)

    def publish(self, kind: str, key: str, payload: bytes, *, gone: bool = False) -> Entry:
        """The newest state of one thing, numbered now. ``gone``: the last anyone hears of it."""
        self._waiting.pop((kind, key), None)
        return self._append(kind, key, payload, gone)

    def offer(self, kind: str, key: str, payload: bytes, *, gone: bool = False) -> None:
        """The newest state of one thing, numbered when there is room for it."""
        self._waiting[kind, key] = (payload, gone)

    def commit(self, most: int | None = None) -> tuple[Entry, ...]:
        """Number what was offered, in the order each thing was first offered."""
        ready = list(islice(self._waiting.items(), most))
        for thing, _ in ready:
            del self._waiting[thing]
        return tuple(
            self._append(kind, key, payload, gone) for (kind, key), (payload, gone) in ready
        )

    def since(self, last: Position | None) -> Start:
        """What somebody who knows everything up to ``last`` needs: the rest, or all anew.

        A place we do not know (another epoch, older than the history, ahead of us) is a gap.
        """
        if last is None or last.epoch != self.epoch or not self._reaches(last.seq):
            return self._snapshot()
        missed = self.seq - last.seq
        newest = tuple(self._history)[-missed:] if missed else ()
        return Resumed(self.position, newest)

    def _reaches(self, seq: int) -> bool:
        return self.seq - len(self._history) <= seq <= self.seq

    def _snapshot(self) -> Snapshot:
        cards, calls, pbx = (
            tuple(payload for (kind, _), payload in self._picture.items() if kind == wanted)
            for wanted in KINDS
        )
        return Snapshot(self.position, cards, calls, pbx)

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
