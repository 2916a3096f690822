"""The states of a leg, emitted once each and only forward."""

from collections.abc import Iterator

from screenpop.asterisk.hangup_reason import current_stop_reason
from screenpop.asterisk.tracker_state import Call, Channel, Leg, TrackerState
from screenpop.calls.events import (
    CallArrived,
    CallerInfo,
    Correction,
    Direction,
    LegAnswered,
    LegEnded,
    LegRang,
    LegRinging,
    LegStopped,
    StopReason,
)
from screenpop.calls.leg_states import LegStage, can_transition
from screenpop.telephony.identifiers import Endpoint, LegId


def emit_call_arrived(state: TrackerState, call: Call, first: Endpoint | None = None) -> None:
    """Emit ``CallArrived`` once; ``first`` is the first endpoint the call is sent to.

    A phone that dials makes an outbound call when its first leg is a trunk's, else an internal one.
    If the opening was not seen, the caller's number decides.
    """
    if call.arrived:
        return
    call.arrived = True
    origin = call.origin
    by_phone = call.origin_is_phone or (
        origin is None and state.is_phone(Endpoint(call.caller.number))
    )
    if call.originated:
        call.direction = Direction.OUTBOUND
    elif by_phone:
        outside = first is not None and not state.is_phone(first)
        call.direction = Direction.OUTBOUND if outside else Direction.INTERNAL
    if origin is not None and call.direction is not Direction.INBOUND:
        dialled = "" if call.originated or origin.first_exten == "s" else origin.first_exten
        call.called = call.called or dialled
    head = state.head(call)
    head["pbx_at"] = call.opened if call.opened is not None else state.pbx_at
    state.changes.append(
        CallArrived(
            **head,
            estimated=call.estimated,
            direction=call.direction,
            caller=call.caller,
            called=call.called,
            did=call.did,
            endpoint=(origin.name.endpoint if origin else None) or Endpoint(""),
            customer_first=call.customer_first,
        )
    )


def remote_party_of(call: Call, leg: Leg) -> CallerInfo:
    """Return the other party for this leg; after a transfer of an outbound call the called one."""
    if call.direction is Direction.OUTBOUND and leg.is_phone and call.called:
        return CallerInfo(call.called)
    return call.caller


def start_leg(
    state: TrackerState,
    call: Call,
    channel: Channel,
    *,
    is_undialled: bool = False,
    dialled: str = "",
    asked_by: Endpoint | None = None,
) -> Leg | None:
    """Start a leg to a real endpoint; None if it was already started.

    ``dialled``: the number given to a trunk; ``asked_by``: the consulting colleague.
    """
    endpoint = channel.name.endpoint
    leg_id = LegId(channel.uniqueid)
    if endpoint is None or leg_id in call.legs:
        return None
    emit_call_arrived(state, call, endpoint)
    leg = Leg(
        leg_id,
        endpoint,
        call,
        call.queue if asked_by is None else call.consulted_queue,
        state.pbx_at,
        state.is_phone(endpoint),
        state.next_step(),
        is_undialled=is_undialled,
    )
    leg.dialled, leg.asked_by = dialled, asked_by
    call.legs[leg_id] = leg
    channel.leg = leg
    call.voicemail = call.fax = False
    emit_leg_ringing(state, leg)
    call.forwarded_from = None
    call.parked_by = None
    call.transfer_emitted = False
    return leg


def emit_leg_ringing(state: TrackerState, leg: Leg) -> None:
    call = leg.call
    state.changes.append(
        LegRinging(
            **state.head(call),
            estimated=call.estimated,
            leg=leg.id,
            endpoint=leg.endpoint,
            queue=leg.queue,
            caller=remote_party_of(call, leg),
            did=call.did,
            forwarded_from=call.forwarded_from,
            dialled=leg.dialled,
            asked_by=leg.asked_by,
        )
    )


def emit_leg_rang(state: TrackerState, leg: Leg) -> None:
    leg.rang = True
    if can_transition(leg.step, LegStage.RANG):
        leg.step = LegStage.RANG
        state.changes.append(
            LegRang(
                **state.head(leg.call),
                leg=leg.id,
                endpoint=leg.endpoint,
            )
        )


def answer_leg(state: TrackerState, leg: Leg) -> None:
    if not can_transition(leg.step, LegStage.ANSWERED):
        return
    leg.step = LegStage.ANSWERED
    leg.answered_step = state.next_step()
    leg.answered = (state.at, state.pbx_at)
    call = leg.call
    if call.origin is None or call.origin.leg is not leg:
        call.answered = True
    state.changes.append(
        LegAnswered(
            **state.head(call),
            estimated=call.estimated,
            leg=leg.id,
            endpoint=leg.endpoint,
            corrected=tuple(_beaten_by(leg)) if len(call.legs) > 1 else (),
        )
    )


def _beaten_by(winner: Leg) -> Iterator[Correction]:
    """Correct the legs that stopped without a final reason while this one still rang.

    A ring group of FreePBX cancels its other phones first (``DialEnd CANCEL``, cause 19) and
    reports up to 3 ms later which phone has the call.
    """
    for leg in winner.call.legs.values():
        rang_beside = leg.step is LegStage.STOPPED and winner.dialled_step < leg.stopped_step
        elsewhere = leg.reason is StopReason.ANSWERED_ELSEWHERE
        if not rang_beside or leg.by is not None or not (elsewhere or not leg.sure):
            continue
        leg.reason = leg.emitted_reason = StopReason.ANSWERED_ELSEWHERE
        leg.by, leg.sure = winner.endpoint, True
        yield Correction(leg.id, leg.reason, leg.by)


def stop_leg(state: TrackerState, leg: Leg, reason: StopReason, *, sure: bool = True) -> None:
    if not can_transition(leg.step, LegStage.STOPPED):
        return
    leg.step = LegStage.STOPPED
    leg.reason, leg.emitted_reason, leg.sure = reason, reason, sure
    leg.stopped_step = state.next_step()
    if reason is StopReason.ANSWERED_ELSEWHERE:
        origin = leg.call.origin
        others = [o for o in leg.call.talking_legs() if origin is None or origin.leg is not o]
        winner = max(others, key=lambda other: other.answered_step, default=None)
        leg.by = winner.endpoint if winner is not None else None
    broken_off = leg.asked_by if reason is StopReason.CANCELLED else None
    state.changes.append(
        LegStopped(
            **state.head(leg.call),
            leg=leg.id,
            endpoint=leg.endpoint,
            reason=reason,
            by=leg.by or broken_off,
            target=leg.forward if reason is StopReason.FORWARDED else "",
        )
    )


def on_leg_refused(state: TrackerState, leg: Leg) -> None:
    """Handle a refusing ``DialEnd``.

    Stop the leg now if the reason is final; otherwise its ``Hangup``, milliseconds later, brings
    the cause or the endpoint that answered.
    """
    reason, sure = current_stop_reason(leg, 0, state.pbx_at)
    waits_for_cause = reason in {StopReason.NO_ANSWER, StopReason.BUSY} and leg.asked_cause is None
    if sure and not waits_for_cause:
        stop_leg(state, leg, reason)


def hang_up_leg(state: TrackerState, leg: Leg, cause: int) -> None:
    """End or stop a leg whose channel is gone."""
    if leg.talking:
        leg.step = LegStage.ENDED
        state.changes.append(
            LegEnded(
                **state.head(leg.call),
                leg=leg.id,
                endpoint=leg.endpoint,
            )
        )
    elif leg.waiting:
        reason, sure = current_stop_reason(leg, cause, state.pbx_at)
        stop_leg(state, leg, reason, sure=sure)


def mark_unanswered(leg: Leg) -> None:
    """Mark a leg as unanswered for its queue or Local leg, also after its own channel is gone."""
    leg.unanswered = True
    if leg.step is LegStage.STOPPED and not leg.sure:
        leg.reason, leg.sure = StopReason.NO_ANSWER, True
