"""What the server says on ``/ws/v1``, and its JSON. ``client_messages`` has the other direction.

The shapes are a public contract: ``docs/websocket-protocol.md``. A payload (a whole card, call or
PBX state) comes here already encoded and is only put into its frame, so that one card is encoded
once for all its browsers.
"""

from dataclasses import dataclass
from typing import NamedTuple

import orjson

from screenpop.protocol.close_codes import RETRY_MS, WORD, CloseCode


class Position(NamedTuple):
    """A place in a stream: everything up to and with ``seq`` of this ``epoch``."""

    epoch: str
    seq: int


class Entry(NamedTuple):
    """One thing published in a stream, with the number it has there."""

    seq: int
    kind: str
    """``card``, ``call`` or ``pbx``."""
    payload: bytes
    gone: bool = False
    """The last anyone hears of this thing: it stands in no later snapshot."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The client's picture is still good; these came since."""

    position: Position
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole picture at a position, each list in the order things first appeared."""

    position: Position
    cards: tuple[bytes, ...]
    calls: tuple[bytes, ...]
    pbx: tuple[bytes, ...]


Start = Resumed | Snapshot


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a command: ``value`` when it was done, else the code of what was wrong."""

    id: str
    ok: bool
    value: dict[str, object] | None = None
    error: str | None = None


def encode_entry(epoch: str, entry: Entry) -> bytes:
    """The frame of one published thing: ``card``, ``call`` or ``pbx``."""
    kind = entry.kind.encode()
    head = b'{"type":"%b","epoch":"%b","seq":%d,' % (kind, epoch.encode(), entry.seq)
    if entry.gone:
        head += b'"gone":true,'
    if entry.kind == "pbx":
        # A PBX state has no name of its own in the frame: its fields stand beside epoch and seq.
        return head + entry.payload[1:]
    return b'%b"%b":%b}' % (head, kind, entry.payload)


def welcome(start: Start, build: str, at: float) -> bytes:
    """``at`` is the server's wall clock, so that a page can tell how wrong its own is."""
    return orjson.dumps(
        {
            "type": "welcome",
            "mode": "resumed" if isinstance(start, Resumed) else "snapshot",
            "epoch": start.position.epoch,
            "seq": start.position.seq,
            "build": build,
            "at": at,
        }
    )


def snapshot(picture: Snapshot) -> bytes:
    return b'{"type":"snapshot","epoch":"%b","seq":%d,"cards":[%b],"calls":[%b],"pbx":[%b]}' % (
        picture.position.epoch.encode(),
        picture.position.seq,
        b",".join(picture.cards),
        b",".join(picture.calls),
        b",".join(picture.pbx),
    )


def heartbeat(head: Position, at: float) -> bytes:
    return b'{"type":"hb","epoch":"%b","seq":%d,"at":%.3f}' % (head.epoch.encode(), head.seq, at)


def result(answer: Result) -> bytes:
    message: dict[str, object] = {"type": "result", "id": answer.id, "ok": answer.ok}
    if answer.ok:
        message["value"] = answer.value or {}
    else:
        message["error"] = answer.error or "failed"
    return orjson.dumps(message)


def bye(code: CloseCode, detail: str = "") -> bytes:
    """The last frame before a close. ``detail`` is an English sentence for a developer."""
    message: dict[str, object] = {
        "type": "bye",
        "code": int(code),
        "retry_ms": RETRY_MS[code],
        "reason": WORD[code],
    }
    if detail:
        message["detail"] = detail
    return orjson.dumps(message)
