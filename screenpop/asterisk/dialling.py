"""Phones and trunks are dialled for a call."""

from screenpop.asterisk import events, joining, legs
from screenpop.asterisk.consulting import asking_colleague
from screenpop.asterisk.dial_string import number_dialled
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
        _originated(board, dest, event)
        return
    call = source.call
    joining.tell_blind_transfer(board, call)
    _open_by_dialling(board, call, source, event.channel)
    call.dialled_by.setdefault(source.uniqueid, []).append(dest.uniqueid)
    if dest.call is not call:
        joining.move(board, dest, call)
    endpoint = dest.name.endpoint
    if endpoint is None:
        return
    dialled = "" if board.is_phone(endpoint) else number_dialled(event.dial_string, endpoint)
    if call.originated and call.origin is None:
        _originated_at(board, call, dest, dialled)
    elif dialled:
        _really_called(board, call, dialled)
    _redirected(board, call, source, endpoint)
    asked_by = asking_colleague(board, source, event.channel.number)
    legs.ring(board, call, dest, dialled=dialled, asked_by=asked_by)


def _originated(board: Switchboard, dest: Channel, event: events.DialBegin) -> None:
    """Nobody dials: a program asked Asterisk to make this call."""
    call, endpoint = dest.call, dest.name.endpoint
    if dest.leg is not None or call.arrived:
        return
    call.originated, call.did = True, ""
    if endpoint is None:
        call.called = number_dialled(dest.name.pair)
        if not call.called or board.is_phone(Endpoint(call.called)):
            call.called = _shown_number(event.dest)
        return
    dialled = "" if board.is_phone(endpoint) else number_dialled(event.dial_string, endpoint)
    if board.is_phone(endpoint):
        call.called = _shown_number(event.dest)
    _originated_at(board, call, dest, dialled)
    legs.ring(board, call, dest, dialled=dialled)


def _shown_number(dest: Shown) -> str:
    return dest.connected or ("" if dest.exten == "s" else dest.exten)


def _originated_at(board: Switchboard, call: Call, first: Channel, dialled: str) -> None:
    """The first real endpoint of an originated call: the agent's own phone, or the customer.

    Click-to-call rings the phone of whoever clicked, who makes the call. Of a dialler that rings
    the customer first Asterisk shows the company's own number as the caller: it is never read.
    """
    endpoint = first.name.endpoint or Endpoint("")
    call.origin = first
    call.origin_is_phone = board.is_phone(endpoint)
    if call.origin_is_phone:
        call.caller = CallerShown(first.first_number or endpoint)
        return
    call.customer_first = True
    call.called = call.called or dialled
    call.caller = CallerShown(call.called)


_SAME_DIGITS = 7
"""So many last digits in common make two forms of one number: a trunk adds prefixes."""


def _really_called(board: Switchboard, call: Call, dialled: str) -> None:
    """Click-to-call may show the company's number as the customer's until a trunk is dialled."""
    if not call.originated or call.customer_first or len(dialled) < _SAME_DIGITS:
        return
    already = any(leg.dialled for leg in call.legs.values())
    if already or call.called.endswith(dialled[-_SAME_DIGITS:]):
        return
    call.called = dialled
    if call.arrived:
        board.changes.append(CallerChanged(**board.head(call), caller=call.caller, called=dialled))


def _open_by_dialling(board: Switchboard, call: Call, source: Channel, shown: Shown) -> None:
    """Where the opening was not seen, the first dialling tells who calls."""
    if _is_originated(call, source):
        call.originated = True
        call.called = call.called or number_dialled(source.name.pair)
        return
    if call.origin is None and source.leg is None:
        if source.name.endpoint is not None:
            set_origin(board, call, source, shown)
        elif not call.caller.number and not call.originated:
            call.caller = CallerShown(shown.number, shown.caller_name, shown.withheld)
    if call.origin is source and shown.withheld and not call.caller.withheld:
        call.caller = CallerShown(call.caller.number, call.caller.name, withheld=True)
        if call.arrived:
            board.changes.append(CallerChanged(**board.head(call), caller=call.caller))


def _is_originated(call: Call, source: Channel) -> bool:
    """Whether a Local channel opened the call: it carries the call's id and nobody dialled it."""
    if call.originated or call.origin is not None or source.name.half != 2:
        return False
    return call.partners.get(source.uniqueid) == call.id and not call.arrived


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
        if leg.is_phone or (call.customer_first and call.origin is dest):
            legs.answer(board, leg)
    elif leg.waiting:
        legs.refused(board, leg)
