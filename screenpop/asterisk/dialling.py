"""Phones and trunks are dialled for a call."""

from screenpop.asterisk import events, joining, legs
from screenpop.asterisk.events import Shown
from screenpop.asterisk.opening import set_origin, touch
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import CallerChanged, CallerShown, TransferKind
from screenpop.telephony.identifiers import Endpoint


def dial_begin(board: Switchboard, event: events.DialBegin) -> None:
    source = touch(board, event.channel, opening=True) if event.channel is not None else None
    if event.channel is not None and source is None:
        return
    dest = touch(board, event.dest, opening=True)
    if dest is None or dest.call.moved_to is not None:
        return
    if source is None or event.channel is None:
        _originated(board, dest, event.dest)
        return
    call = source.call
    joining.tell_blind_transfer(board, call)
    _open_by_dialling(board, call, source, event.channel)
    call.dialled_by.setdefault(source.uniqueid, []).append(dest.uniqueid)
    if dest.call is not call:
        joining.move(board, dest, call)
    if dest.name.endpoint is not None:
        if call.originated and call.origin is None and board.is_phone(dest.name.endpoint):
            _originated_by(call, dest)
        _redirected(board, call, source, dest.name.endpoint)
        legs.ring(board, call, dest)


def _originated(board: Switchboard, dest: Channel, shown: Shown) -> None:
    call = dest.call
    if dest.leg is not None or call.arrived:
        return
    call.originated = True
    call.called = shown.connected or (shown.exten if shown.exten != "s" else "")
    if dest.name.endpoint is not None:
        _originated_by(call, dest)
        legs.ring(board, call, dest)


def _originated_by(call: Call, agent: Channel) -> None:
    """Click-to-call rings the agent's own phone first: whose phone it is, makes the call."""
    call.origin = agent
    call.origin_is_phone = True
    call.caller = CallerShown(agent.first_number or agent.name.endpoint or "")


def _open_by_dialling(board: Switchboard, call: Call, source: Channel, shown: Shown) -> None:
    """Where the opening was not seen, the first dialling tells who calls."""
    if call.origin is None and source.leg is None:
        if source.name.endpoint is not None:
            set_origin(board, call, source, shown)
        elif not call.caller.number and not call.originated:
            call.caller = CallerShown(shown.number, shown.caller_name, shown.withheld)
    if call.origin is source and shown.withheld and not call.caller.withheld:
        call.caller = CallerShown(call.caller.number, call.caller.name, withheld=True)
        if call.arrived:
            board.changes.append(CallerChanged(**board.head(call), caller=call.caller))


def _redirected(board: Switchboard, call: Call, source: Channel, target: Endpoint) -> None:
    """The caller was taken out of a talk and sent elsewhere without a transfer event."""
    left = call.left_behind
    call.left_behind = None
    if left is None or call.announced or left.asked_to_hang_up or call.origin is not source:
        return
    joining.transferred(board, call, TransferKind.REDIRECT, left.endpoint, target)


def dial_state(board: Switchboard, event: events.DialState) -> None:
    channel = touch(board, event.dest)
    if channel is not None and channel.leg is not None and event.status in {"RINGING", "PROGRESS"}:
        legs.rang(board, channel.leg)


def dial_end(board: Switchboard, event: events.DialEnd) -> None:
    dest = touch(board, event.dest)
    call = dest.call if dest is not None else board.calls.get(event.dest.linkedid)
    if call is None:
        return
    if event.status == "NOANSWER":
        for leg in call.below(event.dest.uniqueid):
            legs.unanswered(leg)
    if dest is None or dest.leg is None:
        return
    leg = dest.leg
    if event.forward:
        leg.forward = event.forward
        call.forwarded_from = leg.endpoint
    if leg.dial_status in {"", "CANCEL"}:
        leg.dial_status = event.status
    if event.status == "ANSWER":
        if leg.is_phone:
            legs.answer(board, leg)
    elif leg.waiting:
        legs.refused(board, leg)
