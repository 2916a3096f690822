"""Builds call records from the state of a call: while it is in progress and when it ended."""

from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord, TransferRecord
from screenpop.calls.call_state import CallKey, CallState, LegInfo, apply_event, open_call
from screenpop.calls.events import CallEnded, CallEvent, Disposition, EndReason, StopReason
from screenpop.telephony.identifiers import Endpoint

CLOCK_SET_S = 60.0
"""Seconds by which two clocks differ on a duration only if one of them was set. Events that wait
their turn on a busy machine come less late."""


def build_record(call: CallState, *, wall_clock: bool = True) -> CallRecord | None:
    """Return the record of an ended call; None if the call has no record of its own.

    A call has none while in progress, after merging into another, or when its arrival was never
    seen. ``wall_clock``: whether ``at`` is real time. In a recording without ``Timestamp`` headers
    it is a message number, and there are no durations.
    """
    end = call.ended
    if end is None or end.reason is EndReason.MERGED or not call.logged:
        return None
    answered = end.disposition is Disposition.ANSWERED
    return CallRecord(
        pbx=call.pbx,
        boot=call.boot,
        call=call.call,
        direction=call.direction,
        caller=call.caller,
        called=call.called,
        did=call.did,
        queue=call.first_queue,
        arrived_at=call.arrived_at,
        answered_at=call.answered_at if answered else None,
        ended_at=end.at,
        disposition=end.disposition or Disposition.FAILED,
        answered_by=tuple(call.answered_by),
        transfers=tuple(
            TransferRecord(t.origin, t.target, t.transfer, t.at) for t in call.transfers
        ),
        wait_s=_wait_s(call, end, wall_clock=wall_clock),
        talk_s=_talk_s(call, end, wall_clock=wall_clock),
        legs=tuple(_leg_record(leg, end.at, wall_clock=wall_clock) for leg in call.legs.values()),
        estimated=call.estimated,
    )


def build_open_record(call: CallState) -> CallRecord | None:
    """Return the record so far of a call in progress, without its legs; None for any other call."""
    if call.over or not call.logged:
        return None
    return CallRecord(
        pbx=call.pbx,
        boot=call.boot,
        call=call.call,
        direction=call.direction,
        caller=call.caller,
        called=call.called,
        did=call.did,
        queue=call.first_queue,
        arrived_at=call.arrived_at,
        answered_at=call.answered_at,
        ended_at=None,
        disposition=None,
        # Without legs the record cannot resolve a trunk to the number dialled over it.
        answered_by=tuple(
            Endpoint(call.outside_number(phone) or phone) for phone in call.answered_by
        ),
        transfers=(),
        wait_s=_seconds_to_answer(call, wall_clock=True),
        talk_s=None,
        legs=(),
        estimated=call.estimated,
    )


class CallRecorder:
    """Keeps the state of each live call and returns its record once, when it ends."""

    def __init__(self, *, wall_clock: bool = True) -> None:
        self._wall_clock = wall_clock
        self._calls: dict[CallKey, CallState] = {}

    def apply(self, change: CallEvent) -> CallRecord | None:
        """Return the record when this event ends a call that has a row of its own, else None."""
        key = (change.pbx, change.boot, change.call)
        call = self._calls.get(key)
        if call is None:
            call = open_call(change)
            if call is None:
                return None
            self._calls[key] = call
        apply_event(call, change)
        if not call.over:
            return None
        del self._calls[key]
        return build_record(call, wall_clock=self._wall_clock)


_Moment = tuple[float, float | None]
"""A time by our clock and by the PBX's own, each in seconds since 1970."""


def _wait_s(call: CallState, end: CallEnded, *, wall_clock: bool) -> float | None:
    """Return the seconds until the first answer, or until an unanswered caller hung up."""
    if end.disposition is Disposition.ANSWERED and call.answered_at is not None:
        return _seconds_to_answer(call, wall_clock=wall_clock)
    arrived = call.arrived_at, call.arrived_pbx_at
    return _seconds(call, arrived, _parted(end), wall_clock=wall_clock)


def _talk_s(call: CallState, end: CallEnded, *, wall_clock: bool) -> float | None:
    """Return the seconds from the first answer until the caller or the last talker hung up."""
    if end.disposition is Disposition.ANSWERED and call.answered_at is not None:
        answered = call.answered_at, call.answered_pbx_at
        return _seconds(call, answered, _parted(end), wall_clock=wall_clock)
    return _seconds(call, (end.at, end.pbx_at), (end.at, end.pbx_at), wall_clock=wall_clock)


def _seconds_to_answer(call: CallState, *, wall_clock: bool) -> float | None:
    if call.answered_at is None:
        return None
    arrived = call.arrived_at, call.arrived_pbx_at
    answered = call.answered_at, call.answered_pbx_at
    return _seconds(call, arrived, answered, wall_clock=wall_clock)


def _parted(end: CallEnded) -> _Moment:
    """Return when the parties hung up."""
    return (end.at, end.pbx_at) if end.parted_at is None else (end.parted_at, end.parted_pbx_at)


def _seconds(call: CallState, start: _Moment, end: _Moment, *, wall_clock: bool) -> float | None:
    """Return the seconds between two times, by the PBX's own clock where both are known.

    By ours where the PBX's was set meanwhile: it differs by more than ``CLOCK_SET_S``. Not for an
    estimated call, whose beginning or end came late to us."""
    (ours_start, pbx_start), (ours_end, pbx_end) = start, end
    ours, pbx = ours_end - ours_start, None
    if pbx_start is not None and pbx_end is not None:
        pbx = pbx_end - pbx_start
    was_set = pbx is not None and not call.estimated and abs(pbx - ours) > CLOCK_SET_S
    if pbx is not None and not (wall_clock and was_set):
        return round(max(0.0, pbx), 3)
    return round(max(0.0, ours), 3) if wall_clock else None


def _leg_record(leg: LegInfo, ended_at: float, *, wall_clock: bool) -> LegRecord:
    over_at = leg.over_at if leg.over_at is not None else ended_at
    hold_s = leg.hold_s if leg.held_at is None else leg.hold_s + max(over_at - leg.held_at, 0.0)
    answered = leg.answered_at is not None
    reason = leg.reason or StopReason.NO_ANSWER
    return LegRecord(
        leg=leg.leg,
        endpoint=leg.endpoint,
        queue=leg.queue,
        rang_at=leg.rang_at if leg.rang_at is not None else leg.answered_at or ended_at,
        answered_at=leg.answered_at,
        ended_at=over_at,
        hold_s=hold_s if wall_clock else 0.0,
        outcome=LegOutcome.ANSWERED if answered else LegOutcome(reason.value),
        rang=leg.rang,
        dialled=leg.dialled,
        by=None if answered else leg.by,
    )
