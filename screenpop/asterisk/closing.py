"""How a call ends: with its last channel, once."""

from screenpop.asterisk import legs
from screenpop.asterisk.joining import end_merged
from screenpop.asterisk.outcomes import REFUSED, USER_BUSY
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import CallEnded, Correction, EndReason, StopReason
from screenpop.calls.disposition import disposition_of
from screenpop.calls.steps import LegStep


def channel_gone(board: Switchboard, channel: Channel, cause: int) -> None:
    """A ``Hangup``, or a resync that no longer finds the channel."""
    call = channel.call
    if channel is call.origin or (channel.leg is not None and channel.leg.talking):
        call.last_party = (board.at, board.pbx_at)
    if channel.leg is not None:
        legs.hang_up(board, channel.leg, cause)
    leave_bridge(board, channel)
    del board.channels[channel.uniqueid]
    if board.halves.get(channel.name.pair) == channel.uniqueid:
        del board.halves[channel.name.pair]  # its other half never came
    board.remember_gone(channel.uniqueid)
    call.channels.pop(channel.uniqueid, None)
    if not call.channels:
        end(board, call)


def leave_bridge(board: Switchboard, channel: Channel) -> None:
    members = board.bridges.get(channel.bridge)
    if members is not None:
        members.discard(channel.uniqueid)
        if not members:
            del board.bridges[channel.bridge]
    channel.bridge = ""


def end(board: Switchboard, call: Call, reason: EndReason = EndReason.HUNG_UP) -> None:
    """The call is over: close what is still open, tell it once, forget it."""
    if call.moved_to is not None and not call.answered:
        end_merged(board, call, call.moved_to)
        return
    for leg in list(call.legs.values()):
        legs.hang_up(board, leg, 0)
    if not call.arrived and (call.was_up or not call.origin_is_phone):
        legs.arrive(board, call)
    if call.arrived:
        _tell_end(board, call, reason)
    for linkedid in (call.id, *call.aliases):
        board.calls.pop(linkedid, None)
        board.remember_over(linkedid)


def _tell_end(board: Switchboard, call: Call, reason: EndReason) -> None:
    lost = reason is EndReason.ENDED_UNKNOWN
    if not lost:
        _settle_unsure(call)
    corrected = tuple(_corrections(call))
    stopped = [leg.reason for leg in call.legs.values() if leg.reason is not None]
    board.changes.append(
        CallEnded(
            **board.head(call),
            estimated=lost,
            reason=reason,
            disposition=disposition_of(
                call.direction,
                answered=call.answered,
                lost=lost,
                reasons=stopped,
                caller_gave_up=call.gave_up,
                refused=any(leg.dial_status in REFUSED for leg in call.legs.values()),
                told_busy=call.refused_with == USER_BUSY,
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
    """What later events taught about legs that were told at once."""
    return [
        Correction(leg.id, leg.reason, leg.by)
        for leg in call.legs.values()
        if leg.step is LegStep.STOPPED and leg.reason is not None and leg.reason is not leg.told
    ]


def _settle_unsure(call: Call) -> None:
    """Where a filter hides who hung up: the caller left, as nothing came after these legs."""
    if call.caller_left or call.told_to_end or call.originated:
        return
    call.gave_up = call.gave_up or bool(call.queue)
    for leg in call.legs.values():
        if leg.asked_by is not None:
            continue
        nobody_won = leg.reason is StopReason.ANSWERED_ELSEWHERE and not call.answered
        if leg.step is LegStep.STOPPED and (nobody_won or not leg.sure):
            leg.reason, leg.sure = StopReason.CANCELLED, True
            call.gave_up = True
