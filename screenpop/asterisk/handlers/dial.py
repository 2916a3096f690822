"""Dialling of phones and trunks for a call."""

from screenpop.asterisk import ami_events
from screenpop.asterisk.ami_events import EventChannel
from screenpop.asterisk.dial_string import (
    SAME_DIGITS,
    is_same_number,
    number_dialled,
    without_line_prefix,
)
from screenpop.asterisk.handlers import legs, merge
from screenpop.asterisk.handlers.channels import (
    find_or_create_channel,
    set_origin,
    take_set_number,
)
from screenpop.asterisk.handlers.consultation import asking_colleague
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.events import CallerChanged, CallerInfo, TransferKind
from screenpop.telephony.identifiers import Endpoint


def on_dial_begin(state: TrackerState, event: ami_events.DialBegin) -> None:
    source = (
        find_or_create_channel(state, event.channel, opening=True)
        if event.channel is not None
        else None
    )
    if event.channel is not None and source is None:
        return
    dest = find_or_create_channel(state, event.dest, opening=True)
    if dest is None or dest.call.moved_to is not None:
        return
    if source is None or event.channel is None:
        _on_originated_dial(state, dest, event)
        return
    call = source.call
    merge.emit_pending_blind_transfer(state, call)
    _open_call_from_dial(state, call, source, event.channel)
    call.dialled_by.setdefault(source.uniqueid, []).append(dest.uniqueid)
    if dest.call is not call:
        merge.move_channel(state, dest, call)
    endpoint = dest.name.endpoint
    if endpoint is None:
        return
    dialled = _trunk_number(state, endpoint, event)
    if call.originated and call.origin is None:
        _originated_at(state, call, dest, dialled)
    elif dialled:
        _really_called(state, call, dialled)
    elif call.set_number and state.is_phone(endpoint):
        take_set_number(state, call)
    _on_redirect(state, call, source, endpoint)
    asked_by = asking_colleague(state, source, event.channel.number)
    legs.start_leg(state, call, dest, dialled=dialled, asked_by=asked_by)


def _on_originated_dial(state: TrackerState, dest: Channel, event: ami_events.DialBegin) -> None:
    """Handle a ``DialBegin`` without a dialling channel: an Originate."""
    call, endpoint = dest.call, dest.name.endpoint
    if call.origin is not None and dest.uniqueid != call.id and not call.originated:
        # ``Page`` dials like an Originate, but for the channel that runs it.
        legs.start_leg(state, call, dest, dialled=_trunk_number(state, endpoint, event))
        return
    if dest.leg is not None or call.arrived:
        return
    call.originated, call.did = True, ""
    if endpoint is None:
        first = number_dialled(dest.name.pair)
        call.called = "" if state.is_phone(Endpoint(first)) else first
        if len(call.called) < SAME_DIGITS:
            # A phone, queue or group of the office comes first, and then the customer.
            call.called = _shown_number(event.dest) or call.called
        return
    dialled = _trunk_number(state, endpoint, event)
    if state.is_phone(endpoint):
        call.called = _shown_number(event.dest)
    _originated_at(state, call, dest, dialled)
    legs.start_leg(state, call, dest, dialled=dialled)


def _trunk_number(
    state: TrackerState, endpoint: Endpoint | None, event: ami_events.DialBegin
) -> str:
    """Return the number given to a trunk; empty for a phone."""
    if endpoint is None or state.is_phone(endpoint):
        return ""
    return number_dialled(event.dial_string, endpoint)


def _shown_number(dest: EventChannel) -> str:
    return dest.connected or ("" if dest.exten == "s" else dest.exten)


def _originated_at(state: TrackerState, call: Call, first: Channel, dialled: str) -> None:
    """Set the origin of an originated call: the agent's own phone, or the customer.

    Click-to-call rings the phone of the clicking agent, who makes the call. For a dialler that
    rings the customer first, Asterisk sends the company's own number as the caller: it is not used.
    """
    endpoint = first.name.endpoint or Endpoint("")
    call.origin = first
    call.origin_is_phone = state.is_phone(endpoint)
    if call.origin_is_phone:
        call.caller = CallerInfo(first.first_number or endpoint)
        return
    call.customer_first = True
    if dialled and not is_same_number(dialled, call.called):
        call.called = dialled
    call.caller = CallerInfo(call.called)


def _really_called(state: TrackerState, call: Call, dialled: str) -> None:
    """Update the called number: click-to-call may send the company's number until a trunk is
    dialled, and phones dial a prefix for a line outside."""
    if not call.originated:
        if call.origin is not None and call.origin_is_phone and not call.arrived:
            typed = call.called or call.origin.first_exten
            call.called = without_line_prefix(typed, dialled)
        return
    if call.customer_first or len(dialled) < SAME_DIGITS:
        return
    already = any(leg.dialled for leg in call.legs.values())
    if already or call.called.endswith(dialled[-SAME_DIGITS:]):
        return
    call.called = dialled
    if call.arrived:
        state.changes.append(CallerChanged(**state.head(call), caller=call.caller, called=dialled))


def _open_call_from_dial(
    state: TrackerState, call: Call, source: Channel, event_channel: EventChannel
) -> None:
    """Set the caller from the first dialling if the opening of the call was not seen."""
    if _is_originated(call, source):
        call.originated = True
        call.called = call.called or number_dialled(source.name.pair)
        return
    if call.origin is None and source.leg is None:
        if source.name.endpoint is not None:
            set_origin(state, call, source, event_channel)
        elif not call.caller.number and not call.originated:
            call.caller = CallerInfo(
                event_channel.number, event_channel.caller_name, event_channel.withheld
            )
    if call.origin is source and event_channel.withheld and not call.caller.withheld:
        call.caller = CallerInfo(call.caller.number, call.caller.name, withheld=True)
        if call.arrived:
            state.changes.append(CallerChanged(**state.head(call), caller=call.caller))


def _is_originated(call: Call, source: Channel) -> bool:
    """Return whether an undialled Local channel with the call's own id opened the call."""
    if call.originated or call.origin is not None or source.name.half != 2:
        return False
    return call.partners.get(source.uniqueid) == call.id and not call.arrived


def _on_redirect(state: TrackerState, call: Call, source: Channel, target: Endpoint) -> None:
    """Emit a transfer when the caller was redirected without a transfer event."""
    left = call.remaining_bridge_leg
    call.remaining_bridge_leg = None
    if left is None or call.transfer_emitted or left.asked_to_hang_up or call.origin is not source:
        return
    merge.emit_transferred(state, call, TransferKind.REDIRECT, left.endpoint, target)


def on_dial_state(state: TrackerState, event: ami_events.DialState) -> None:
    channel = find_or_create_channel(state, event.dest)
    if channel is not None and channel.leg is not None and event.status in {"RINGING", "PROGRESS"}:
        legs.emit_leg_rang(state, channel.leg)


def on_dial_end(state: TrackerState, event: ami_events.DialEnd) -> None:
    dest = find_or_create_channel(state, event.dest)
    call = dest.call if dest is not None else state.calls.get(event.dest.linkedid)
    if call is None:
        return
    if event.status == "NOANSWER":
        for leg in call.below(event.dest.uniqueid):
            legs.mark_unanswered(leg)
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
            legs.answer_leg(state, leg)
    elif leg.waiting:
        legs.on_leg_refused(state, leg)
