"""From the changes of a call to its entry in the call log."""

from dataclasses import dataclass, field

from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord, TransferRecord
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerChanged,
    CallerInfo,
    CallEvent,
    CallHeld,
    CallLeftQueue,
    CallQueued,
    CallResumed,
    CallTransferred,
    Correction,
    Direction,
    Disposition,
    EndReason,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
    StopReason,
)
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId


@dataclass(frozen=True, slots=True)
class _Timestamp:
    """When: our clock at arrival, and the PBX's own where it tells it."""

    at: float
    pbx_at: float | None


@dataclass(slots=True)
class _OpenLeg:
    endpoint: Endpoint
    queue: str
    rang_at: _Timestamp
    answered: _Timestamp | None = None
    ended: _Timestamp | None = None
    reason: StopReason | None = None
    by: Endpoint | None = None
    rang: bool = False
    dialled: str = ""


@dataclass(slots=True)
class _OpenCall:
    arrived: CallArrived
    caller: CallerInfo
    called: str = ""
    queue: str = ""
    legs: dict[LegId, _OpenLeg] = field(default_factory=dict)
    transfers: list[TransferRecord] = field(default_factory=list)
    answered_by: list[Endpoint] = field(default_factory=list)
    answered: _Timestamp | None = None
    estimated: bool = False


class CallRecorder:
    """Keeps each live call's story and gives its entry once, when it ends.

    ``wall_clock``: whether ``at`` is time. In a recording without ``Timestamp`` headers it is only
    a message number, and there are no durations.
    """

    def __init__(self, *, wall_clock: bool = True) -> None:
        self._wall_clock = wall_clock
        self._open: dict[tuple[PbxId, BootId, CallId], _OpenCall] = {}

    def apply(self, change: CallEvent) -> CallRecord | None:
        """The finished entry when this change ends a call of its own, else None."""
        key = (change.pbx, change.boot, change.call)
        if isinstance(change, CallArrived):
            if key not in self._open:
                self._open[key] = _OpenCall(
                    change, change.caller, change.called, estimated=change.estimated
                )
            return None
        call = self._open.get(key)
        if call is None:
            return None
        if isinstance(change, CallEnded):
            del self._open[key]
            return None if change.reason is EndReason.MERGED else self._close(call, change)
        _apply_event(call, change)
        return None

    def open_entry(self, pbx: PbxId, boot: BootId, call: CallId) -> CallRecord | None:
        """The entry so far of a call in progress, without its legs; None for any other call."""
        found = self._open.get((pbx, boot, call))
        if found is None:
            return None
        arrived, answered = found.arrived, found.answered
        start = _Timestamp(arrived.at, arrived.pbx_at)
        return CallRecord(
            pbx=pbx,
            boot=boot,
            call=call,
            direction=arrived.direction,
            caller=found.caller,
            called=arrived.called,
            did=arrived.did,
            queue=found.queue,
            arrived_at=start.at,
            answered_at=answered.at if answered else None,
            ended_at=None,
            disposition=None,
            answered_by=tuple(_shown_at(found, phone) for phone in found.answered_by),
            transfers=(),
            wait_s=self._between(start, answered) if answered else None,
            talk_s=None,
            legs=(),
            estimated=found.estimated,
        )

    def _close(self, call: _OpenCall, end: CallEnded) -> CallRecord:
        over = _Timestamp(end.at, end.pbx_at)
        parted = over if end.parted_at is None else _Timestamp(end.parted_at, end.parted_pbx_at)
        _correct(call, end.corrected)
        start = _Timestamp(call.arrived.at, call.arrived.pbx_at)
        answered = call.answered if end.disposition is Disposition.ANSWERED else None
        return CallRecord(
            pbx=end.pbx,
            boot=end.boot,
            call=end.call,
            direction=call.arrived.direction,
            caller=call.caller,
            called=call.called,
            did=call.arrived.did,
            queue=call.queue,
            arrived_at=start.at,
            answered_at=answered.at if answered else None,
            ended_at=over.at,
            disposition=end.disposition or Disposition.FAILED,
            answered_by=tuple(call.answered_by),
            transfers=tuple(call.transfers),
            wait_s=self._between(start, answered or parted),
            talk_s=self._between(answered, parted) if answered else self._between(over, over),
            legs=tuple(_leg_entry(i, leg, over) for i, leg in call.legs.items()),
            estimated=call.estimated or end.estimated,
        )

    def _between(self, start: _Timestamp, end: _Timestamp) -> float | None:
        if start.pbx_at is not None and end.pbx_at is not None:
            return round(max(0.0, end.pbx_at - start.pbx_at), 3)
        return round(max(0.0, end.at - start.at), 3) if self._wall_clock else None


def _apply_event(call: _OpenCall, change: CallEvent) -> None:
    match change:
        case CallerChanged():
            call.caller = change.caller
            if change.called is not None:
                call.called = change.called
        case CallQueued():
            call.queue = call.queue or change.queue
        case LegRinging():
            moment = _Timestamp(change.at, change.pbx_at)
            call.legs.setdefault(
                change.leg,
                _OpenLeg(change.endpoint, change.queue, moment, dialled=change.dialled),
            )
        case CallTransferred():
            call.transfers.append(
                TransferRecord(change.origin, change.target, change.transfer, change.at)
            )
        case LegRang() | LegAnswered() | LegStopped() | LegEnded():
            _apply_leg_event(call, change)
        case CallArrived() | CallEnded() | CallLeftQueue() | CallHeld() | CallResumed():
            pass


def _apply_leg_event(
    call: _OpenCall, change: LegRang | LegAnswered | LegStopped | LegEnded
) -> None:
    leg = call.legs.get(change.leg)
    if leg is None:
        return
    moment = _Timestamp(change.at, change.pbx_at)
    match change:
        case LegRang():
            leg.rang = True
        case LegAnswered():
            leg.answered = leg.answered or moment
            if not _is_own_phone(call.arrived, change.endpoint):
                if call.answered_by[-1:] != [change.endpoint]:
                    call.answered_by.append(change.endpoint)
                call.answered = call.answered or moment
            _correct(call, change.corrected)
        case LegStopped():
            leg.reason, leg.by, leg.ended = change.reason, change.by, moment
        case LegEnded():
            leg.ended = moment


def _correct(call: _OpenCall, corrected: tuple[Correction, ...]) -> None:
    for leg_id, reason, by in corrected:
        leg = call.legs.get(leg_id)
        if leg is not None:
            leg.reason, leg.by = reason, by


def _shown_at(call: _OpenCall, phone: Endpoint) -> Endpoint:
    """The number dialled over a trunk: an open entry has no legs that could tell it."""
    numbers = [leg.dialled for leg in call.legs.values() if leg.endpoint == phone and leg.dialled]
    return Endpoint(numbers[-1]) if numbers else phone


def _is_own_phone(arrived: CallArrived, endpoint: Endpoint) -> bool:
    """Click-to-call rings the agent first; the call is answered when the other side is there."""
    return arrived.direction is not Direction.INBOUND and arrived.endpoint == endpoint


def _leg_entry(leg_id: LegId, leg: _OpenLeg, over: _Timestamp) -> LegRecord:
    outcome = (
        LegOutcome.ANSWERED
        if leg.answered is not None
        else LegOutcome((leg.reason or StopReason.NO_ANSWER).value)
    )
    return LegRecord(
        leg=leg_id,
        endpoint=leg.endpoint,
        queue=leg.queue,
        rang_at=leg.rang_at.at,
        answered_at=leg.answered.at if leg.answered else None,
        ended_at=(leg.ended or over).at,
        outcome=outcome,
        rang=leg.rang,
        dialled=leg.dialled,
        by=None if leg.answered is not None else leg.by,
    )
