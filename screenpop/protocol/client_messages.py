"""Parses the messages of a client on ``/ws/v1``, which are untrusted until ``parse`` has run.

Every text has a limit and every number a range; anything else is a ``BadMessage``, which ends the
socket with 4004. Unknown fields are ignored, so that a newer client can connect to an older server.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

from screenpop.protocol.server_messages import Position

MAX_MESSAGE_LENGTH = 32 * 1024
"""Characters. A note of a few pages fits; it is the longest field."""

_MAX_INTEGER = 2**53 - 1  # Largest integer that JavaScript represents exactly.
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OP = re.compile(r"[a-z][a-z_]{0,31}")
_MAX_CARD_ID_LENGTH = 256
_MAX_ARGS = 16


class Stage(StrEnum):
    RECEIVED = "received"
    NOTIFIED = "notified"
    """Reported by a notification of the operating system, as the page is hidden."""
    PAINTED = "painted"
    """Painted in a frame of a visible page."""
    SEEN = "seen"
    """The page was visible and had the focus."""


_STAGES = {stage.value: stage for stage in Stage}


@dataclass(frozen=True, slots=True)
class Hello:
    last: Position | None
    """The last position that the client has; None for a fresh page."""
    tab: str
    build: str


@dataclass(frozen=True, slots=True)
class Ack:
    seq: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a card reached some stages."""

    card: str
    rev: int
    stages: Mapping[Stage, int]
    """Milliseconds between the moment when a stage was reached and that of sending."""
    seq: int | None = None
    """Acknowledged as by an ``Ack``; None acknowledges nothing."""


@dataclass(frozen=True, slots=True)
class HeartbeatReply:
    """The answer to a heartbeat."""

    seq: int | None = None
    """Acknowledged as by an ``Ack``; None acknowledges nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    op: str
    args: dict[str, object]


@dataclass(frozen=True, slots=True)
class BadMessage:
    detail: str


ClientMessage = Hello | Ack | Receipt | HeartbeatReply | Command


def parse_client_message(text: str) -> ClientMessage | BadMessage:
    if len(text) > MAX_MESSAGE_LENGTH:
        return BadMessage(f"a message is longer than {MAX_MESSAGE_LENGTH} characters")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return BadMessage("a message is not JSON")
    if not isinstance(message, dict):
        return BadMessage("a message is not a JSON object")
    kind = message.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return BadMessage("the type is none of " + ", ".join(_READERS))
    return reader(message) or BadMessage(f"a field of {kind} is missing or out of its range")


def _hello(message: dict[str, object]) -> Hello | None:
    last = message.get("last")
    tab = _matching(_ID, message.get("tab", "-"))
    build = _matching(_ID, message.get("build", "-"))
    if tab is None or build is None:
        return None
    if last is None:
        return Hello(None, tab, build)
    position = _position(last)
    return Hello(position, tab, build) if position else None


def _position(value: object) -> Position | None:
    if not isinstance(value, dict):
        return None
    epoch, seq = _matching(_EPOCH, value.get("epoch")), _number(value.get("seq"))
    return None if epoch is None or seq is None else Position(epoch, seq)


def _ack(message: dict[str, object]) -> Ack | None:
    seq = _number(message.get("seq"))
    return None if seq is None else Ack(seq)


def _receipt(message: dict[str, object]) -> Receipt | None:
    card, rev, stages = message.get("card"), _number(message.get("rev")), _stages(message)
    if not isinstance(card, str) or not 0 < len(card) <= _MAX_CARD_ID_LENGTH or rev is None:
        return None
    seq = _number(message.get("seq", 0))
    if not stages or seq is None:
        return None
    return Receipt(card, rev, stages, seq if "seq" in message else None)


def _stages(message: dict[str, object]) -> dict[Stage, int] | None:
    """Return the stages of ``stages`` in their order, or the single ``stage`` of version 1.0."""
    if "stages" not in message:
        stage = message.get("stage")
        return {_STAGES[stage]: 0} if isinstance(stage, str) and stage in _STAGES else None
    stages = message["stages"]
    if not isinstance(stages, dict) or not stages.keys() <= _STAGES.keys():
        return None
    ago_ms = {stage: _number(stages[name]) for name, stage in _STAGES.items() if name in stages}
    numbers = {stage: number for stage, number in ago_ms.items() if number is not None}
    return numbers if len(numbers) == len(ago_ms) else None


def _beat(message: dict[str, object]) -> HeartbeatReply | None:
    seq = _number(message.get("seq", 0))
    return None if seq is None else HeartbeatReply(seq if "seq" in message else None)


def _command(message: dict[str, object]) -> Command | None:
    id_, op = _matching(_ID, message.get("id")), _matching(_OP, message.get("op"))
    args = message.get("args", {})
    if id_ is None or op is None or not isinstance(args, dict) or len(args) > _MAX_ARGS:
        return None
    return Command(id_, op, args)


_READERS: dict[str, Callable[[dict[str, object]], ClientMessage | None]] = {
    "hello": _hello,
    "ack": _ack,
    "receipt": _receipt,
    "hb": _beat,
    "command": _command,
}


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _number(value: object) -> int | None:
    # bool is an int in Python, but not in JSON.
    if type(value) is int and 0 <= value <= _MAX_INTEGER:
        return value
    return None
