"""Hangups, and which side requested them."""

from screenpop.asterisk import ami_events, voicemail
from screenpop.asterisk.handlers import call_end, merge
from screenpop.asterisk.handlers.channels import BUSY, find_or_create_channel
from screenpop.asterisk.tracker_state import Call, TrackerState


def on_hangup_request(state: TrackerState, event: ami_events.HangupRequest) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        return
    leg = channel.leg
    voicemail.note_place(state, channel, event.context, event.exten)
    if leg is not None:
        leg.asked_to_hang_up = True
        if leg.waiting and leg.asked_cause is None:
            leg.asked_cause = event.cause
    if channel is channel.call.origin and not channel.passed_on:
        if channel.state == BUSY:
            # The PBX sent "busy" or "congestion"; the caller's hangup is only the reaction.
            channel.call.refused_with = event.cause
        else:
            _mark_caller_left(channel.call)


def _mark_caller_left(call: Call) -> None:
    call.caller_left = True
    if not call.answered:
        waiting = [leg for leg in call.legs.values() if leg.waiting]
        call.caller_abandoned = bool(waiting or call.queue or not (call.legs or call.was_queued))


def on_soft_hangup_request(state: TrackerState, event: ami_events.SoftHangupRequest) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is not None and channel is channel.call.origin:
        channel.call.soft_hangup = True


def on_hangup(state: TrackerState, event: ami_events.Hangup) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        state.remember_gone(event.channel.uniqueid)
        return
    if not channel.passed_on:
        merge.emit_pending_blind_transfer(state, channel.call)
    call = channel.call
    if channel is call.origin and channel.state == BUSY and not call.refused_with:
        # Asterisk 16 names the cause of ``Busy()`` only here.
        call.refused_with = event.cause
    voicemail.note_place(state, channel, event.context, event.exten)
    call_end.close_channel(state, channel, event.cause)
