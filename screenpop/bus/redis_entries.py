"""How entries of a stream, positions and pictures are written in Redis. No I/O.

Reading never raises: other programs may have written into our keys, so what cannot be read is None.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from screenpop.accounts.users import UserId
from screenpop.protocol.server_messages import Entry, Position, Resumed, Snapshot, Start
from screenpop.protocol.user_stream import KINDS

_LONGEST_VERSION = 40


class BusKeys:
    """The names of keys and channels below one prefix.

    Channels have the number of the database in their name, because Redis has them in common for
    all its databases.
    """

    def __init__(self, prefix: str, database: str = "0") -> None:
        self.prefix = prefix
        self._channels = f"{prefix}:{database}"
        self.fence = f"{prefix}:fence"
        self.epoch = f"{prefix}:epoch"
        self.beats = f"{self._channels}:beat"
        """A channel."""
        self.presence = f"{self._channels}:presence"
        """A channel."""
        self.requests = f"{prefix}:requests"

    def of_user(self, epoch: str, user: UserId) -> tuple[str, str]:
        """Return the keys of a user's picture and history."""
        base = f"{self.prefix}:{epoch}:u:{user}"
        return f"{base}:now", f"{base}:log"

    def channel(self, user: UserId) -> str:
        return f"{self._channels}:u:{user}"

    def facts(self, epoch: str) -> str:
        return f"{self.prefix}:{epoch}:facts"

    def sent(self, sender: str) -> str:
        return f"{self.prefix}:sent:{sender}"

    def answers(self, sender: str) -> str:
        return f"{self.prefix}:answers:{sender}"

    def once(self, name: str) -> str:
        """Return the key that a request which is handled once has; its value is the answer."""
        return f"{self.prefix}:once:{name}"


class EpochAge(NamedTuple):
    """Orders epochs: a listener that took over later has a higher fence."""

    fence: int
    turn: int


def epoch_age(epoch: str) -> EpochAge | None:
    """Return the age that ``<fence>-<turn>-<random>`` contains; None for another text."""
    fence, _, rest = epoch.partition("-")
    turn, _, random = rest.partition("-")
    if not (_is_number(fence) and _is_number(turn) and random):
        return None
    if not epoch.isascii() or not epoch.replace("-", "").replace("_", "").isalnum():
        return None
    return EpochAge(int(fence), int(turn))


class Beat(NamedTuple):
    epoch: str
    facts: int
    """The version of the facts."""
    program: str = ""
    """The version of the listener's program; empty before 0.1."""


def encode_beat(beat: Beat) -> bytes:
    return orjson.dumps(beat._asdict())


def read_beat(data: bytes) -> Beat | None:
    """Read a beat; further fields, of a newer version, are no harm."""
    match _parsed(data):
        case {"epoch": str(epoch), "facts": int(facts), **more} if epoch_age(epoch) is not None:
            return Beat(epoch, facts, str(more.get("program", ""))[:_LONGEST_VERSION])
        case _:
            return None


def encode_facts(version: int, facts_json: bytes) -> bytes:
    return b"%d\n%b" % (version, facts_json)


def read_facts(value: object) -> tuple[int, Mapping[str, object]] | None:
    """Return the version of the facts and the facts."""
    if not isinstance(value, bytes):
        return None
    number, _, text = value.partition(b"\n")
    version, facts = number.decode("ascii", "replace"), _parsed(text)
    if not _is_number(version) or not isinstance(facts, dict):
        return None
    return int(version), facts


class LineEntry(NamedTuple):
    epoch: str
    entry: Entry


def read_entry(line: object) -> LineEntry | None:
    r"""Read ``<epoch> <seq> <gone> <kind>\n<payload>``."""
    if not isinstance(line, bytes):
        return None
    head, _, payload = line.partition(b"\n")
    parts = head.decode("ascii", "replace").split(" ")
    if len(parts) != 4 or not payload.startswith(b"{") or not payload.endswith(b"}"):
        return None
    epoch, seq, gone, kind = parts
    if not _is_number(seq) or gone not in ("0", "1") or not kind.isalpha() or not kind.isascii():
        return None
    return LineEntry(epoch, Entry(int(seq), kind, payload, gone == "1"))


def read_start(reply: object) -> Start | None:
    """Read the reply of ``redis_scripts.READ``; None where it is none, or entries are missing."""
    match reply:
        case [bytes(epoch_bytes), int(seq), b"log", list(lines)]:
            epoch = epoch_bytes.decode("ascii", "replace")
            found = [read_entry(line) for line in lines]
            entries = [one.entry for one in found if one is not None and one.epoch == epoch]
            numbers = [entry.seq for entry in entries]
            if numbers != list(range(seq - len(lines) + 1, seq + 1)):
                return None
            return Resumed(Position(epoch, seq), tuple(entries))
        case [bytes(epoch_bytes), int(seq), b"now", list(pairs)]:
            return _snapshot(Position(epoch_bytes.decode("ascii", "replace"), seq), pairs)
        case _:
            return None


def _snapshot(position: Position, pairs: Sequence[object]) -> Snapshot:
    found: list[tuple[int, str, bytes]] = []
    for thing, value in zip(pairs[::2], pairs[1::2], strict=False):
        if not isinstance(thing, bytes) or not isinstance(value, bytes):
            continue
        kind = thing.partition(b":")[0].decode("ascii", "replace")
        since, _, payload = value.partition(b" ")
        number = since.decode("ascii", "replace")
        if _is_number(number) and payload.startswith(b"{") and payload.endswith(b"}"):
            found.append((int(number), kind, payload))
    found.sort(key=lambda one: one[0])
    cards, calls, pbx, agents = (
        tuple(payload for _, kind, payload in found if kind == wanted) for wanted in KINDS
    )
    return Snapshot(position, cards, calls, pbx, agents)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _parsed(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except ValueError:
        return None
