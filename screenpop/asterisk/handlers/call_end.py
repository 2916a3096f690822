"""Ends a call with its last channel, once."""

from screenpop.asterisk.handlers import legs
from screenpop.asterisk.handlers.merge import end_merged
from screenpop.asterisk.hangup_reason import REFUSED, USER_BUSY
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.disposition import disposition_of
from screenpop.calls.events import CallEnded, Correction, EndReason, StopReason
from screenpop.calls.leg_states import LegStage


def close_channel(state: TrackerState, channel: Channel, cause: int) -> None:
    """Close a channel after ``Hangup``, or when a resync no longer lists it."""
    call = channel.call
    if channel is call.origin or (channel.leg is not None and channel.leg.talking):
        call.last_party = (state.at, state.pbx_at)
    if channel.leg is not None:
        legs.hang_up_leg(state, channel.leg, cause)
    leave_bridge(state, channel)
    del state.channels[channel.uniqueid]
    if state.halves.get(channel.name.pair) == channel.uniqueid:
        del state.halves[channel.name.pair]  # Its other half never came.
    state.remember_gone(channel.uniqueid)
    call.channels.pop(channel.uniqueid, None)
    if not call.channels:
        end_call(state, call)


def leave_bridge(state: TrackerState, channel: Channel) -> None:
    members = state.bridges.get(channel.bridge)
    if members is not None:
        members.discard(channel.uniqueid)
        if not members:
            del state.bridges[channel.bridge]
    channel.bridge = ""


def end_call(state: TrackerState, call: Call, reason: EndReason = EndReason.HUNG_UP) -> None:
    """End the call: close its open legs, emit ``CallEnded`` once, remove the state."""
    if call.moved_to is not None and not call.answered:
        end_merged(state, call, call.moved_to)
        return
    for leg in list(call.legs.values()):
        legs.hang_up_leg(state, leg, 0)
    if not call.arrived and not call.listens and (call.was_up or not call.origin_is_phone):
        legs.emit_call_arrived(state, call)
    if call.arrived:
        _emit_call_ended(state, call, reason)
    for linkedid in (call.id, *call.aliases):
        state.calls.pop(linkedid, None)
        state.remember_over(linkedid)
    # Legs and channels refer to their call. Without the way back a call is freed at once, and not
    # by the collector, which looks at old objects only while no call is live.
    call.origin = call.remaining_bridge_leg = None
    call.legs.clear()


def end_all_calls(state: TrackerState) -> None:
    """End every call as ``ENDED_UNKNOWN``: Asterisk was restarted, or its boot ended."""
    for call in state.open_calls():
        call.moved_to = None
        end_call(state, call, EndReason.ENDED_UNKNOWN)
    state.channels.clear()
    state.bridges.clear()
    state.listeners.clear()


def _emit_call_ended(state: TrackerState, call: Call, reason: EndReason) -> None:
    lost = reason is EndReason.ENDED_UNKNOWN
    if not lost:
        _finalize_reasons(call)
    corrected = tuple(_corrections(call))
    stopped = [leg.reason for leg in call.legs.values() if leg.reason is not None]
    state.changes.append(
        CallEnded(
            **state.head(call),
            estimated=lost,
            reason=reason,
            disposition=disposition_of(
                call.direction,
                answered=call.answered or call.fax,
                lost=lost,
                reasons=stopped,
                caller_gave_up=call.caller_abandoned,
                refused=any(leg.dial_status in REFUSED for leg in call.legs.values()),
                busy_played=call.refused_with == USER_BUSY,
                waited=call.was_queued,
                was_up=call.was_up,
                voicemail=call.voicemail,
            ),
            corrected=corrected,
            parted_at=call.last_party[0] if call.last_party else None,
            parted_pbx_at=call.last_party[1] if call.last_party else None,
        )
    )


def _corrections(call: Call) -> list[Correction]:
    """Return the legs whose reason changed after their ``LegStopped``."""
    return [
        Correction(leg.id, leg.reason, leg.by)
        for leg in call.legs.values()
        if leg.step is LegStage.STOPPED
        and leg.reason is not None
        and leg.reason is not leg.emitted_reason
    ]


def _finalize_reasons(call: Call) -> None:
    """Mark unfinished legs as cancelled if the event of the caller's hangup was filtered out."""
    if call.caller_left or call.soft_hangup or call.originated:
        return
    call.caller_abandoned = call.caller_abandoned or bool(call.queue)
    for leg in call.legs.values():
        if leg.asked_by is not None:
            continue
        has_no_winner = leg.reason is StopReason.ANSWERED_ELSEWHERE and not call.answered
        if leg.step is LegStage.STOPPED and (has_no_winner or not leg.sure):
            leg.reason, leg.sure = StopReason.CANCELLED, True
            call.caller_abandoned = True
