"""Messages of the server on ``/ws/v1`` and their JSON; ``client_messages`` has the other direction.

The format is a public contract: ``docs/websocket-protocol.md``. A payload (a whole card, call or
PBX state) comes here already encoded and is only put into its frame, so that one card is encoded
once for all its browsers.
"""

from dataclasses import dataclass
from typing import NamedTuple

import orjson

from screenpop.protocol.close_codes import RETRY_MS, WORD, CloseCode

PROTOCOL_VERSION = "1.3"
"""Of ``docs/websocket-protocol.md``, in each ``welcome``."""


class Position(NamedTuple):
    """A position in a stream: everything up to and including ``seq`` of this ``epoch``."""

    epoch: str
    seq: int


class Entry(NamedTuple):
    """A published object with its number in the stream."""

    seq: int
    kind: str
    """``card``, ``call``, ``pbx``, ``agent`` or ``callback``."""
    payload: bytes
    gone: bool = False
    """The last message about this object: it is in no later snapshot."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The client's state is still valid; these entries are new."""

    position: Position
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state at a position, each list in the order in which its objects first appeared."""

    position: Position
    cards: tuple[bytes, ...]
    calls: tuple[bytes, ...]
    pbx: tuple[bytes, ...]
    agents: tuple[bytes, ...] = ()


Start = Resumed | Snapshot


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a command: ``value`` on success, else an error code."""

    id: str
    ok: bool
    value: dict[str, object] | None = None
    error: str | None = None


def encode_entry(epoch: str, entry: Entry) -> bytes:
    """Return the frame of one published object, of any ``Entry.kind``."""
    kind = entry.kind.encode()
    head = b'{"type":"%b","epoch":"%b","seq":%d,' % (kind, epoch.encode(), entry.seq)
    if entry.gone:
        head += b'"gone":true,'
    if entry.kind == "pbx":
        # A PBX state has no name of its own in the frame: its fields are next to epoch and seq.
        return head + entry.payload[1:]
    return b'%b"%b":%b}' % (head, kind, entry.payload)


def welcome(start: Start, build: str, at: float) -> bytes:
    """Return the first frame. ``at`` is the server's wall clock, so that a page can correct its
    own."""
    return orjson.dumps(
        {
            "type": "welcome",
            "mode": "resumed" if isinstance(start, Resumed) else "snapshot",
            "epoch": start.position.epoch,
            "seq": start.position.seq,
            "build": build,
            "protocol": PROTOCOL_VERSION,
            "at": at,
        }
    )


def snapshot(picture: Snapshot) -> bytes:
    head = b'{"type":"snapshot","epoch":"%b","seq":%d,"cards":[%b],"calls":[%b],'
    return (head + b'"pbx":[%b],"agents":[%b]}') % (
        picture.position.epoch.encode(),
        picture.position.seq,
        b",".join(picture.cards),
        b",".join(picture.calls),
        b",".join(picture.pbx),
        b",".join(picture.agents),
    )


def heartbeat(head: Position, at: float, missed: int | None = None) -> bytes:
    """Return a heartbeat. ``missed``: version of the user's list of missed calls, if known."""
    beat = b'{"type":"hb","epoch":"%b","seq":%d,"at":%.3f' % (head.epoch.encode(), head.seq, at)
    return beat + (b"}" if missed is None else b',"missed":%d}' % missed)


def result(answer: Result) -> bytes:
    message: dict[str, object] = {"type": "result", "id": answer.id, "ok": answer.ok}
    if answer.ok:
        message["value"] = answer.value or {}
    else:
        message["error"] = answer.error or "failed"
    return orjson.dumps(message)


def bye(code: CloseCode, detail: str = "") -> bytes:
    """Return the last frame before a close. ``detail`` is an English sentence for a developer."""
    message: dict[str, object] = {
        "type": "bye",
        "code": int(code),
        "retry_ms": RETRY_MS[code],
        "reason": WORD[code],
    }
    if detail:
        message["detail"] = detail
    return orjson.dumps(message)
