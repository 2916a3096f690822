"""Channels go down, and who wanted it."""

from screenpop.asterisk import closing, events, joining, voicemail
from screenpop.asterisk.opening import BUSY, touch
from screenpop.asterisk.state import Call, Switchboard


def hangup_request(board: Switchboard, event: events.HangupRequest) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    leg = channel.leg
    voicemail.note_place(board, channel, event.context, event.exten)
    if leg is not None:
        leg.asked_to_hang_up = True
        if leg.waiting and leg.asked_cause is None:
            leg.asked_cause = event.cause
    if channel is channel.call.origin and not channel.passed_on:
        if channel.state == BUSY:
            # We told the caller "busy" or "congestion"; that they hang up is only the answer.
            channel.call.refused_with = event.cause
        else:
            _caller_left(channel.call)


def _caller_left(call: Call) -> None:
    call.caller_left = True
    if not call.answered:
        waiting = [leg for leg in call.legs.values() if leg.waiting]
        call.gave_up = bool(waiting or call.queue or not (call.legs or call.was_queued))


def soft_hangup_request(board: Switchboard, event: events.SoftHangupRequest) -> None:
    channel = touch(board, event.channel)
    if channel is not None and channel is channel.call.origin:
        channel.call.told_to_end = True


def hangup(board: Switchboard, event: events.Hangup) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        board.remember_gone(event.channel.uniqueid)
        return
    if not channel.passed_on:
        joining.tell_blind_transfer(board, channel.call)
    call = channel.call
    if channel is call.origin and channel.state == BUSY and not call.refused_with:
        # Asterisk 16 names the cause of ``Busy()`` only here.
        call.refused_with = event.cause
    voicemail.note_place(board, channel, event.context, event.exten)
    closing.channel_gone(board, channel, event.cause)
