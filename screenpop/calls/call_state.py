"""The state of one call, built from its events; independent of who may see it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerChanged,
    CallerInfo,
    CallEvent,
    CallHeld,
    CallLeftQueue,
    CallListenerJoined,
    CallListenerLeft,
    CallQueued,
    CallResumed,
    CallTransferred,
    Correction,
    Direction,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
    StopReason,
)
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId


class LegPhase(StrEnum):
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    STOPPED = "stopped"
    """Ended without an answer."""
    ENDED = "ended"
    """Ended after an answer."""


_OVER = frozenset({LegPhase.STOPPED, LegPhase.ENDED})


@dataclass(slots=True)
class LegInfo:
    leg: LegId
    endpoint: Endpoint
    state: LegPhase
    queue: str = ""
    """The queue that dials the phone; empty if none."""
    rang_at: float | None = None
    """When the phone was first dialled, or first seen ringing."""
    rang: bool = False
    """The phone was seen ringing (``LegRang``), not only dialled."""
    answered_at: float | None = None
    reason: StopReason | None = None
    by: Endpoint | None = None
    """The endpoint that answered instead; of a cancelled leg the colleague who stopped
    consulting."""
    forwarded_from: Endpoint | None = None
    """The phone that forwarded the caller to this one."""
    forwarded_to: str = ""
    dialled: str = ""
    """The number dialled over a trunk; empty for a phone."""
    asked_by: Endpoint | None = None
    """The colleague who consults this phone while the caller waits."""
    over_at: float | None = None
    held_at: float | None = None
    """When the hold that goes on began."""
    hold_s: float = 0.0
    """Seconds of the holds that have ended."""

    @property
    def over(self) -> bool:
        return self.state in _OVER


NO_ENDPOINT = Endpoint("")

CallKey = tuple[PbxId, BootId, CallId]


@dataclass(slots=True)
class CallState:
    """Created by ``open_call``, updated by ``apply_event``. Legs only move forward."""

    pbx: PbxId
    boot: BootId
    call: CallId
    arrived_at: float
    direction: Direction
    caller: CallerInfo
    called: str = ""
    did: str = ""
    endpoint: Endpoint = NO_ENDPOINT
    """The trunk of an inbound call, or the phone that dials."""
    arrived_pbx_at: float | None = None
    """``arrived_at`` by the PBX's own clock."""
    logged: bool = False
    """``CallArrived`` was seen. A call known only from a ringing phone has no record."""
    customer_first: bool = False
    """An outbound call that rang the customer before any agent; ``endpoint`` is the trunk."""
    estimated: bool = False
    queue: str = ""
    first_queue: str = ""
    """The first queue of the call, wherever it was transferred later."""
    position: int | None = None
    legs: dict[LegId, LegInfo] = field(default_factory=dict)
    transfers: list[CallTransferred] = field(default_factory=list)
    answered_at: float | None = None
    """When the first of ``answered_by`` answered."""
    answered_pbx_at: float | None = None
    """``answered_at`` by the PBX's own clock."""
    answered_by: list[Endpoint] = field(default_factory=list)
    """Endpoints in the order of their answers, as in the call log; not the phone that made the
    call."""
    listeners: tuple[tuple[LegId, Endpoint], ...] = ()
    """The phones that listen to the call now, and the ids of their channels; no parties of it."""
    ended: CallEnded | None = None

    @property
    def key(self) -> CallKey:
        return (self.pbx, self.boot, self.call)

    @property
    def over(self) -> bool:
        return self.ended is not None

    def ringing(self) -> Iterator[LegInfo]:
        return (leg for leg in self.legs.values() if leg.state is LegPhase.RINGING)

    def talking(self) -> Iterator[LegInfo]:
        return (leg for leg in self.legs.values() if leg.state in {LegPhase.TALKING, LegPhase.HELD})

    def placing_leg(self) -> LegInfo | None:
        """Return the first leg of an originated call: the phone of the clicking agent, or the
        customer."""
        first = next(iter(self.legs.values()), None)
        if first is None or self.direction is not Direction.OUTBOUND:
            return None
        return first if first.endpoint == self.endpoint else None

    def is_placing(self, leg: LegId) -> bool:
        """Return whether this is the clicking agent's phone; false for a customer who is called
        first."""
        placing = self.placing_leg()
        return not self.customer_first and placing is not None and placing.leg == leg

    def outside_number(self, endpoint: Endpoint) -> str:
        """Return the number last dialled over a trunk; empty for a phone of this PBX."""
        numbers = [leg.dialled for leg in self.legs.values() if leg.endpoint == endpoint]
        return next((number for number in reversed(numbers) if number), "")

    def reached_at(self) -> float | None:
        """Return when an endpoint other than the calling one first answered."""
        placing = self.placing_leg()
        answers = [leg.answered_at for leg in self.legs.values() if leg is not placing]
        return min((at for at in answers if at is not None), default=None)

    def far_side(self) -> CallerInfo:
        """Return the party whose card is shown: the caller, or the called customer of an outbound
        call."""
        if self.direction is Direction.OUTBOUND:
            return CallerInfo(number=self.called)
        return self.caller


def open_call(change: CallEvent) -> CallState | None:
    """Return the call that an event opens; None for events that cannot open one.

    A call opens when it arrives or rings. Any other event belongs to a call that was never seen.
    """
    match change:
        case CallArrived():
            return CallState(
                change.pbx,
                change.boot,
                change.call,
                change.at,
                change.direction,
                change.caller,
                called=change.called,
                did=change.did,
                endpoint=change.endpoint,
                arrived_pbx_at=change.pbx_at,
                customer_first=change.customer_first,
                estimated=change.estimated,
            )
        case LegRinging():
            return CallState(
                change.pbx,
                change.boot,
                change.call,
                change.at,
                Direction.INBOUND,
                change.caller,
                did=change.did,
                arrived_pbx_at=change.pbx_at,
                estimated=change.estimated,
            )
        case _:
            return None


def apply_event(call: CallState, change: CallEvent) -> bool:
    """Apply an event to the call. A late or repeated event changes nothing that is already over.

    Returns False when the event cannot change anything displayed of the call.
    """
    if call.over or _is_known(call, change):
        return False
    call.estimated = call.estimated or change.estimated
    match change:
        case CallArrived():
            _arrive(call, change)
        case CallerChanged():
            call.caller = change.caller
            call.called = call.called if change.called is None else change.called
        case CallQueued() | CallLeftQueue():
            _queue(call, change)
        case CallTransferred():
            call.transfers.append(change)
        case CallEnded():
            _end(call, change)
        case CallHeld() | CallResumed():
            _hold(call, change)
        case CallListenerJoined() | CallListenerLeft():
            _listen(call, change)
        case LegRinging() | LegRang() | LegAnswered() | LegStopped() | LegEnded():
            _step_leg(call, change)
        case _:
            assert_never(change)
    return True


def _is_known(call: CallState, change: CallEvent) -> bool:
    """Return whether a ring adds nothing: a dialled phone already appears as ringing on the
    card."""
    if not isinstance(change, LegRang) or change.estimated is not call.estimated:
        return False
    leg = call.legs.get(change.leg)
    if leg is None or leg.rang_at is None:
        return False
    leg.rang = True
    return True


def _arrive(call: CallState, change: CallArrived) -> None:
    call.direction, call.caller = change.direction, change.caller
    call.called, call.endpoint = change.called, change.endpoint
    call.customer_first = change.customer_first
    call.did = call.did or change.did
    call.logged = True
    if change.at < call.arrived_at:
        call.arrived_at, call.arrived_pbx_at = change.at, change.pbx_at


LegChange = LegRinging | LegRang | LegAnswered | LegStopped | LegEnded


def _step_leg(call: CallState, change: LegChange) -> None:
    leg = call.legs.get(change.leg)
    if leg is None:
        leg = call.legs[change.leg] = LegInfo(change.leg, change.endpoint, LegPhase.RINGING)
    if leg.over:
        return
    match change:
        case LegRinging():
            _ring(call, leg, change)
        case LegRang():
            leg.rang = True
            leg.rang_at = leg.rang_at if leg.rang_at is not None else change.at
        case LegAnswered():
            _answer(call, leg, change)
        case LegStopped():
            _stop(leg, change)
        case LegEnded():
            leg.state = LegPhase.ENDED
        case _:
            assert_never(change)
    if leg.over:
        leg.over_at = change.at


def _ring(call: CallState, leg: LegInfo, change: LegRinging) -> None:
    if leg.rang_at is None:
        leg.rang_at, leg.queue = change.at, change.queue
    leg.forwarded_from = leg.forwarded_from or change.forwarded_from
    leg.dialled = leg.dialled or change.dialled
    leg.asked_by = leg.asked_by or change.asked_by
    if change.queue and change.asked_by is None:
        call.queue = change.queue
        call.first_queue = call.first_queue or change.queue
    call.did = call.did or change.did
    if change.caller.number and call.direction is Direction.INBOUND:
        call.caller = change.caller


def _answer(call: CallState, leg: LegInfo, change: LegAnswered) -> None:
    if leg.answered_at is not None:
        return
    leg.state, leg.answered_at = LegPhase.TALKING, change.at
    _correct(call, change.corrected)
    if call.direction is not Direction.INBOUND and call.endpoint == change.endpoint:
        return
    if call.answered_by[-1:] != [change.endpoint]:
        call.answered_by.append(change.endpoint)
    if call.answered_at is None:
        call.answered_at, call.answered_pbx_at = change.at, change.pbx_at


def _correct(call: CallState, corrected: tuple[Correction, ...]) -> None:
    for leg_id, reason, by in corrected:
        leg = call.legs.get(leg_id)
        if leg is not None:
            leg.reason, leg.by = reason, by


def _stop(leg: LegInfo, change: LegStopped) -> None:
    if leg.answered_at is not None:
        leg.state = LegPhase.ENDED
        return
    leg.state, leg.reason, leg.by = LegPhase.STOPPED, change.reason, change.by
    leg.forwarded_to = change.target


def _hold(call: CallState, change: CallHeld | CallResumed) -> None:
    before, after = (
        (LegPhase.TALKING, LegPhase.HELD)
        if isinstance(change, CallHeld)
        else (LegPhase.HELD, LegPhase.TALKING)
    )
    # The phone that dialled out has no leg of its own: its hold applies to the other party's leg.
    own = any(leg.endpoint == change.endpoint for leg in call.legs.values())
    origin = change.endpoint == call.endpoint and not own
    for leg in call.legs.values():
        meant = origin or leg.leg == change.leg or leg.endpoint == change.endpoint
        if meant and leg.state is before:
            leg.state = after
            if after is LegPhase.HELD:
                leg.held_at = change.at
            elif leg.held_at is not None:
                leg.hold_s += max(change.at - leg.held_at, 0.0)
                leg.held_at = None


def _queue(call: CallState, change: CallQueued | CallLeftQueue) -> None:
    if isinstance(change, CallLeftQueue):
        call.position = None
        return
    call.queue, call.position = change.queue, change.position
    call.first_queue = call.first_queue or change.queue


def _listen(call: CallState, change: CallListenerJoined | CallListenerLeft) -> None:
    others = tuple(one for one in call.listeners if one[0] != change.listener)
    joined = isinstance(change, CallListenerJoined)
    call.listeners = (*others, (change.listener, change.endpoint)) if joined else others


def _end(call: CallState, change: CallEnded) -> None:
    call.ended, call.position, call.listeners = change, None, ()
    _correct(call, change.corrected)
    for leg in call.legs.values():
        if leg.over:
            continue
        leg.over_at = change.at
        if leg.answered_at is not None:
            leg.state = LegPhase.ENDED
        else:
            leg.state = LegPhase.STOPPED
            leg.reason = leg.reason or StopReason.CANCELLED
