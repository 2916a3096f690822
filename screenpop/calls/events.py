"""Events of a call, independent of the PBX maker.

A **call** is one Linkedid, as merged by transfers. A **leg** is one attempt to reach one real
endpoint. The tracker of a PBX maker emits these; every later package reads only
these. ``at`` is the wall clock at arrival in seconds since 1970 (UTC); ``pbx_at`` the PBX's
own clock in seconds where it sends one, valid only for differences inside one PBX.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class StopReason(StrEnum):
    """Why a leg stopped unanswered. Also a leg's outcome in the call log."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """The caller hung up."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    UNREACHABLE = "unreachable"
    """It was dialled but never rang: the phone is off or the trunk refused."""
    FORWARDED = "forwarded"
    """The phone itself sent the caller on (SIP 302)."""


class Disposition(StrEnum):
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    """The caller hung up before an agent answered."""
    NO_ANSWER = "no_answer"
    """Phones rang until the PBX gave up."""
    VOICEMAIL = "voicemail"
    """Unanswered, and a voicemail took the call."""
    BUSY = "busy"
    FAILED = "failed"


class EndReason(StrEnum):
    HUNG_UP = "hung_up"
    ENDED_UNKNOWN = "ended_unknown"
    """Found gone after the link was down; the time is an estimate."""
    MERGED = "merged"
    """It became part of the call ``into`` and has no row of its own."""


@dataclass(frozen=True, slots=True)
class CallerInfo:
    """The caller as sent by the PBX: untrusted text."""

    number: str
    name: str = ""
    withheld: bool = False
    """The PBX marks the presentation as prohibited (``CALLERID(num-pres)``)."""


class Correction(NamedTuple):
    """The corrected stop reason of a leg, and the endpoint that answered instead, if known."""

    leg: LegId
    reason: StopReason
    by: Endpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEventBase:
    """Fields that all events have."""

    pbx: PbxId
    boot: BootId
    call: CallId
    at: float
    pbx_at: float | None = None
    estimated: bool = False
    """Rebuilt by a resync, so seen late or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(CallEventBase):
    direction: Direction
    caller: CallerInfo
    """The other side for inbound calls; for outbound and internal ones the agent's phone. A
    dialler that calls the customer first has no agent yet: the customer, as in ``called``."""
    called: str = ""
    """The number dialled, for outbound and internal calls."""
    did: str = ""
    """The number the caller dialled, as the trunk sent it."""
    endpoint: Endpoint
    """The trunk of an inbound call, or the phone that dials."""
    customer_first: bool = False
    """An outbound call whose customer is rung before any agent; ``endpoint`` is the trunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerChanged(CallEventBase):
    """The PBX sent a name or number of the other side after the call had arrived."""

    caller: CallerInfo
    called: str | None = None
    """The number really dialled, for an outbound call; None where nothing new is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(CallEventBase):
    queue: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeftQueue(CallEventBase):
    queue: str
    reason: str
    """``answered``, ``abandoned`` or ``timeout``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging(CallEventBase):
    """A phone is being dialled for this call: the moment for the card."""

    leg: LegId
    endpoint: Endpoint
    queue: str = ""
    caller: CallerInfo
    """The customer, also after a transfer."""
    did: str = ""
    forwarded_from: Endpoint | None = None
    dialled: str = ""
    """The number dialled over a trunk; empty for a phone."""
    asked_by: Endpoint | None = None
    """The colleague who consults this phone while the caller waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRang(CallEventBase):
    """Proof that the phone really rang (``Newstate Ringing``): a dialled phone may be off."""

    leg: LegId
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(CallEventBase):
    leg: LegId
    endpoint: Endpoint
    corrected: tuple[Correction, ...] = ()
    """Legs that stopped before this answer, whose reason it corrects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegStopped(CallEventBase):
    leg: LegId
    endpoint: Endpoint
    reason: StopReason
    by: Endpoint | None = None
    """The endpoint that answered instead; of a cancelled leg the colleague who stopped
    consulting."""
    target: str = ""
    """Where a phone that forwards sent the caller: an extension or a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnded(CallEventBase):
    """An answered leg is over (hung up, or its agent passed the call on)."""

    leg: LegId
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(CallEventBase):
    leg: LegId | None
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(CallEventBase):
    leg: LegId | None
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class CallListenerJoined(CallEventBase):
    """A phone begins to listen to this call. It is no party: it has no leg and answers nothing."""

    listener: LegId
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class CallListenerLeft(CallEventBase):
    """A phone listens no longer. Not emitted where the call ends, which ends it too."""

    listener: LegId
    endpoint: Endpoint


class TransferKind(StrEnum):
    BLIND = "blind"
    ATTENDED = "attended"
    REDIRECT = "redirect"
    """An AMI or dialplan redirect of the channel, without a transfer event."""
    FORWARD = "forward"
    PICKUP = "pickup"
    PARK = "park"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTransferred(CallEventBase):
    transfer: TransferKind
    origin: Endpoint
    """The transferring endpoint."""
    target: str
    """The endpoint that takes the call, or the extension it was sent to."""
    talked_s: float | None = None
    """How long the transferring endpoint had talked, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEventBase):
    reason: EndReason
    into: CallId | None = None
    disposition: Disposition | None = None
    """None for a merged call."""
    parted_at: float | None = None
    parted_pbx_at: float | None = None
    """When the caller or the last talker hung up: a prompt may still play to a mobile."""
    corrected: tuple[Correction, ...] = ()
    """Legs whose reason differs from the one in their ``LegStopped``."""


CallEvent = (
    CallArrived
    | CallerChanged
    | CallQueued
    | CallLeftQueue
    | LegRinging
    | LegRang
    | LegAnswered
    | LegStopped
    | LegEnded
    | CallHeld
    | CallResumed
    | CallListenerJoined
    | CallListenerLeft
    | CallTransferred
    | CallEnded
)
