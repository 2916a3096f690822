"""AMI messages as typed events: only what the tracker needs, validated once.

Classes keep Asterisk's spelling. Field meanings: Asterisk's "AMI Events" reference; checked against
recordings of 16.28 and 22.10 (``tests/scenarios``).
"""

from collections.abc import Callable
from typing import NamedTuple

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.ami_values import MissingHeaderError, unescape
from screenpop.asterisk.chan_spy_events import CHAN_SPY_READERS, ChanSpyEvent
from screenpop.asterisk.queue_member_events import (
    QueueMemberAdded,
    QueueMemberEvent,
    QueueMemberPause,
    QueueMemberRemoved,
    member_of,
)


class EventChannel(NamedTuple):
    """A channel in an event, with Asterisk's placeholders for "nothing" replaced by "".

    Frequent events are read only up to ``state``; the other fields stay empty there, because
    reading them would be the largest part of the decoding cost.
    """

    name: str
    uniqueid: str
    linkedid: str
    state: int
    number: str = ""
    caller_name: str = ""
    connected: str = ""
    exten: str = ""
    withheld: bool = False


class Malformed(NamedTuple):
    """An event without a required header. It is counted and logged, never completed by a guess."""

    event: str
    missing: str


class Newchannel(NamedTuple):
    pbx_at: float | None
    channel: EventChannel


class Newstate(NamedTuple):
    """``context`` and ``exten`` are read only when the channel is answered."""

    pbx_at: float | None
    channel: EventChannel
    context: str = ""
    exten: str = ""


class NewCallerid(NamedTuple):
    pbx_at: float | None
    channel: EventChannel


class DialBegin(NamedTuple):
    """``channel`` is None for an Originate, which has no dialling channel."""

    pbx_at: float | None
    channel: EventChannel | None
    dest: EventChannel
    dial_string: str = ""


class DialState(NamedTuple):
    pbx_at: float | None
    dest: EventChannel
    status: str


class DialEnd(NamedTuple):
    pbx_at: float | None
    dest: EventChannel
    status: str
    forward: str


class BridgeEnter(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    bridge: str
    kind: str
    """``basic``, ``base`` or ``holding``; parked callers wait in a holding bridge."""


class BridgeLeave(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    bridge: str


class HangupRequest(NamedTuple):
    """The far end hung up (or refused)."""

    pbx_at: float | None
    channel: EventChannel
    cause: int
    context: str = ""
    exten: str = ""


class SoftHangupRequest(NamedTuple):
    """Asterisk itself hangs a channel up."""

    pbx_at: float | None
    channel: EventChannel
    cause: int


class Hangup(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    cause: int
    context: str = ""
    exten: str = ""


class Hold(NamedTuple):
    pbx_at: float | None
    channel: EventChannel


class Unhold(NamedTuple):
    pbx_at: float | None
    channel: EventChannel


class QueueCallerJoin(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    queue: str
    position: int | None


class QueueCallerLeave(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    queue: str


class AgentRingNoAnswer(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    dest: EventChannel


class BlindTransfer(NamedTuple):
    pbx_at: float | None
    transferer: EventChannel
    extension: str
    success: bool


class AttendedTransfer(NamedTuple):
    pbx_at: float | None
    original: EventChannel
    """The transferer's channel in the first call."""
    second: EventChannel
    """The transferer's channel in the consultation; the same one with feature codes."""
    success: bool


class Pickup(NamedTuple):
    pbx_at: float | None
    channel: EventChannel
    """The channel that picks up."""
    target: EventChannel
    """The channel that was ringing."""


class ParkedCall(NamedTuple):
    pbx_at: float | None
    parkee: EventChannel


class UnParkedCall(NamedTuple):
    pbx_at: float | None
    parkee: EventChannel
    retriever: EventChannel


class MessageWaiting(NamedTuple):
    """A mailbox has changed; ``channel`` is None if no call caused it."""

    pbx_at: float | None
    channel: EventChannel | None


class FullyBooted(NamedTuple):
    pbx_at: float | None


class Shutdown(NamedTuple):
    pbx_at: float | None


AmiEvent = (
    Newchannel
    | Newstate
    | NewCallerid
    | DialBegin
    | DialState
    | DialEnd
    | BridgeEnter
    | BridgeLeave
    | HangupRequest
    | SoftHangupRequest
    | Hangup
    | Hold
    | Unhold
    | QueueCallerJoin
    | QueueCallerLeave
    | AgentRingNoAnswer
    | BlindTransfer
    | AttendedTransfer
    | Pickup
    | ParkedCall
    | UnParkedCall
    | MessageWaiting
    | ChanSpyEvent
    | QueueMemberEvent
    | FullyBooted
    | Shutdown
)

_EMPTY_VALUES = frozenset({"<unknown>", "(null)", "<none>"})
_NO_NUMBER = _EMPTY_VALUES | {"s"}
"""``s`` is the start extension of a dialplan; Asterisk 22 sends it as the number of channels it
dials."""


_STATES = {str(state): state for state in range(10)}
"""Channel states by their text, which nearly every event has."""


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _state(value: str) -> int:
    known = _STATES.get(value)
    return known if known is not None else _number(value)


def _pbx_timestamp(fields: dict[str, str]) -> float | None:
    stamp = fields.get("Timestamp")
    if stamp is None:
        return None
    try:
        return float(stamp)
    except ValueError:
        return None


def _withheld(message: AmiMessage, prefix: str) -> bool:
    """Return whether ``channelvars`` has ``CALLERID(num-pres)=prohib…``."""
    name = f"{prefix}ChanVariable"
    if name not in message.fields:
        return False
    return any(v.startswith("CALLERID(num-pres)=prohib") for v in message.all(name))


def _channel_full(message: AmiMessage, prefix: str = "") -> EventChannel:
    """Return all fields of a channel; ``prefix`` is its role, such as ``Dest``."""
    get = message.fields.get
    uniqueid = get(prefix + "Uniqueid")
    if not uniqueid:
        raise MissingHeaderError(prefix + "Uniqueid")
    number = get(prefix + "CallerIDNum", "")
    connected = get(prefix + "ConnectedLineNum", "")
    name = get(prefix + "CallerIDName", "")
    return EventChannel(
        get(prefix + "Channel", ""),
        uniqueid,
        get(prefix + "Linkedid") or uniqueid,
        _state(get(prefix + "ChannelState", "")),
        "" if number in _NO_NUMBER else number,
        "" if name in _EMPTY_VALUES else unescape(name),
        "" if connected in _NO_NUMBER else connected,
        get(prefix + "Exten", ""),
        _withheld(message, prefix),
    )


def _channel_ids(message: AmiMessage, prefix: str = "") -> EventChannel:
    """Return only the ids, name and state of a channel."""
    get = message.fields.get
    uniqueid = get(prefix + "Uniqueid")
    if not uniqueid:
        raise MissingHeaderError(prefix + "Uniqueid")
    return EventChannel(
        get(prefix + "Channel", ""),
        uniqueid,
        get(prefix + "Linkedid") or uniqueid,
        _state(get(prefix + "ChannelState", "")),
    )


def _cause(message: AmiMessage) -> int:
    return _number(message.get("Cause"))


def _position(message: AmiMessage) -> int | None:
    return _number(message.get("Position")) or None


def _succeeded(message: AmiMessage) -> bool:
    return message.get("Result", "Success") == "Success"


_Reader = Callable[[AmiMessage, float | None], AmiEvent]

_READERS: dict[str, _Reader] = {
    "Newchannel": lambda m, at: Newchannel(at, _channel_full(m)),
    "Newstate": lambda m, at: (
        Newstate(at, _channel_ids(m), m.get("Context"), m.get("Exten"))
        if m.fields.get("ChannelState") == "6"
        else Newstate(at, _channel_ids(m))
    ),
    "NewCallerid": lambda m, at: NewCallerid(at, _channel_full(m)),
    "DialBegin": lambda m, at: DialBegin(
        at,
        _channel_full(m) if "Uniqueid" in m.fields else None,
        _channel_full(m, "Dest"),
        m.get("DialString"),
    ),
    "DialState": lambda m, at: DialState(at, _channel_ids(m, "Dest"), m.get("DialStatus")),
    "DialEnd": lambda m, at: DialEnd(
        at, _channel_ids(m, "Dest"), m.get("DialStatus"), m.get("Forward")
    ),
    "BridgeEnter": lambda m, at: BridgeEnter(
        at, _channel_ids(m), m.get("BridgeUniqueid"), m.get("BridgeType")
    ),
    "BridgeLeave": lambda m, at: BridgeLeave(at, _channel_ids(m), m.get("BridgeUniqueid")),
    "HangupRequest": lambda m, at: HangupRequest(
        at, _channel_ids(m), _cause(m), m.get("Context"), m.get("Exten")
    ),
    "SoftHangupRequest": lambda m, at: SoftHangupRequest(at, _channel_ids(m), _cause(m)),
    "Hangup": lambda m, at: Hangup(
        at, _channel_ids(m), _cause(m), m.get("Context"), m.get("Exten")
    ),
    "Hold": lambda m, at: Hold(at, _channel_ids(m)),
    "Unhold": lambda m, at: Unhold(at, _channel_ids(m)),
    "QueueCallerJoin": lambda m, at: QueueCallerJoin(
        at, _channel_full(m), m.get("Queue"), _position(m)
    ),
    "QueueCallerLeave": lambda m, at: QueueCallerLeave(at, _channel_ids(m), m.get("Queue")),
    "AgentRingNoAnswer": lambda m, at: AgentRingNoAnswer(
        at, _channel_ids(m), _channel_ids(m, "Dest")
    ),
    "BlindTransfer": lambda m, at: BlindTransfer(
        at, _channel_ids(m, "Transferer"), m.get("Extension"), _succeeded(m)
    ),
    "AttendedTransfer": lambda m, at: AttendedTransfer(
        at, _channel_ids(m, "OrigTransferer"), _channel_ids(m, "SecondTransferer"), _succeeded(m)
    ),
    "Pickup": lambda m, at: Pickup(at, _channel_ids(m), _channel_ids(m, "Target")),
    "ParkedCall": lambda m, at: ParkedCall(at, _channel_ids(m, "Parkee")),
    "UnParkedCall": lambda m, at: UnParkedCall(
        at, _channel_ids(m, "Parkee"), _channel_ids(m, "Retriever")
    ),
    "MessageWaiting": lambda m, at: MessageWaiting(
        at, _channel_ids(m) if m.fields.get("Uniqueid") else None
    ),
    "QueueMemberAdded": lambda m, at: QueueMemberAdded(at, member_of(m)),
    "QueueMemberRemoved": lambda m, at: QueueMemberRemoved(at, member_of(m)),
    "QueueMemberPause": lambda m, at: QueueMemberPause(at, member_of(m)),
    **CHAN_SPY_READERS,
    "FullyBooted": lambda _, at: FullyBooted(at),
    "Shutdown": lambda _, at: Shutdown(at),
}

WANTED_EVENTS: frozenset[str] = frozenset(_READERS)
"""The event names that are decoded; the framer drops all others as bytes."""


def decode(message: AmiMessage) -> AmiEvent | Malformed | None:
    """Return a message as a typed event; None for an event that is not wanted."""
    name = message.fields.get("Event")
    if name is None:
        return None
    reader = _READERS.get(name)
    if reader is None:
        return None
    try:
        return reader(message, _pbx_timestamp(message.fields))
    except MissingHeaderError as error:
        return Malformed(name, str(error))
