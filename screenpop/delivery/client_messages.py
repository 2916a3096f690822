"""What a client may say on ``/ws/v1``. Its bytes are a stranger's until ``parse`` has checked them.

Every text has a limit and every number a range; anything else is a ``BadMessage``, which ends the
socket with 4004. Fields that are not known are ignored, so that a newer client can talk to us.
"""

import re
from collections.abc import Callable
from enum import StrEnum

import orjson

from screenpop.delivery.messages import Position
from screenpop.values import dataclass

LONGEST_MESSAGE = 32 * 1024
"""Characters. A note of a few pages fits; nothing a page says is longer."""

_LARGEST_NUMBER = 2**53 - 1  # what a browser counts exactly
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OP = re.compile(r"[a-z][a-z_]{0,31}")
_LONGEST_CARD_ID = 256
_MOST_ARGS = 16


class Stage(StrEnum):
    RECEIVED = "received"
    NOTIFIED = "notified"
    """A hidden page told the operating system."""
    PAINTED = "painted"
    """It stood in the next frame of a visible page."""
    SEEN = "seen"
    """The page was visible and had the focus."""


_STAGES = {stage.value: stage for stage in Stage}


@dataclass(frozen=True, slots=True)
class Hello:
    last: Position | None
    """Up to where the client's picture is good; None for a fresh page."""
    tab: str
    build: str


@dataclass(frozen=True, slots=True)
class Ack:
    seq: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a card came as far as ``stage``."""

    card: str
    rev: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a heartbeat."""


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    op: str
    args: dict[str, object]


@dataclass(frozen=True, slots=True)
class BadMessage:
    detail: str


ClientMessage = Hello | Ack | Receipt | Beat | Command


def parse(text: str) -> ClientMessage | BadMessage:
    if len(text) > LONGEST_MESSAGE:
        return BadMessage(f"a message is longer than {LONGEST_MESSAGE} characters")
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return BadMessage("a message is not JSON")
    if not isinstance(said, dict):
        return BadMessage("a message is not a JSON object")
    kind = said.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return BadMessage("the type is none of " + ", ".join(_READERS))
    return reader(said) or BadMessage(f"a field of {kind} is missing or out of its range")


def _hello(said: dict[str, object]) -> Hello | None:
    last = said.get("last")
    tab = _matching(_ID, said.get("tab", "-"))
    build = _matching(_ID, said.get("build", "-"))
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


def _ack(said: dict[str, object]) -> Ack | None:
    seq = _number(said.get("seq"))
    return None if seq is None else Ack(seq)


def _receipt(said: dict[str, object]) -> Receipt | None:
    card, rev, stage = said.get("card"), _number(said.get("rev")), said.get("stage")
    if not isinstance(card, str) or not 0 < len(card) <= _LONGEST_CARD_ID or rev is None:
        return None
    if not isinstance(stage, str) or stage not in _STAGES:
        return None
    return Receipt(card, rev, _STAGES[stage])


def _beat(_: dict[str, object]) -> Beat:
    return Beat()


def _command(said: dict[str, object]) -> Command | None:
    id_, op = _matching(_ID, said.get("id")), _matching(_OP, said.get("op"))
    args = said.get("args", {})
    if id_ is None or op is None or not isinstance(args, dict) or len(args) > _MOST_ARGS:
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
    # bool is an int in Python; it is none in JSON.
    if type(value) is int and 0 <= value <= _LARGEST_NUMBER:
        return value
    return None
