"""Creates channels and calls from the events that open them."""

from screenpop.asterisk import ami_events, voicemail
from screenpop.asterisk.ami_events import EventChannel
from screenpop.asterisk.channel_name import read_channel_name
from screenpop.asterisk.dial_string import SAME_DIGITS, is_same_number
from screenpop.asterisk.handlers import legs, merge
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.events import CallerChanged, CallerInfo
from screenpop.common.text import ascii_digits
from screenpop.telephony.caller_id_words import means_withheld, normalize_word

MIN_DID_LENGTH = 5
"""Digits. A dialplan has moved on to ``s`` or to a short extension of its own when a channel is
first seen late, and no DID is better than a wrong one."""

RING, RINGING, UP, BUSY = 4, 5, 6, 7
"""``ChannelState``: it dials in, rings, is answered, plays busy."""
DIALS_US = frozenset({RING, UP, BUSY})
"""A trunk's ringing channel is dialled by the PBX: an Originate whose ``DialBegin`` follows."""


def find_or_create_channel(
    state: TrackerState, source: EventChannel, *, opening: bool = False, born: bool = False
) -> Channel | None:
    """Return the channel of an event; None if it is unknown or has ended.

    Only events that open a channel create it. ``born``: the event is the channel's first, so that
    no dialplan has changed its numbers yet.
    """
    channel = state.channels.get(source.uniqueid)
    if channel is None:
        if not opening or state.is_gone(source.uniqueid) or state.is_over(source.linkedid):
            return None
        channel = _create_channel(state, source, born=born)
    elif source.linkedid != channel.linkedid:
        merge.relink(state, channel, source.linkedid)
    channel.call.confirmed_at = state.at
    if source.state > channel.state:
        channel.state = source.state
        if channel.state == UP and channel.call.origin is channel:
            channel.call.was_up = True
    return channel


def _create_channel(state: TrackerState, source: EventChannel, *, born: bool) -> Channel:
    call = state.calls.get(source.linkedid) or state.open_call(source.linkedid)
    name = read_channel_name(source.name)
    exten, number = source.exten, source.number
    if not born:
        exten = exten if len(exten) >= MIN_DID_LENGTH else ""
        if name.endpoint is not None and state.is_phone(name.endpoint):
            number = name.endpoint  # The dialplan has replaced the number by the company's own.
    channel = Channel(source.uniqueid, name, source.linkedid, call, exten, number, source.state)
    state.channels[source.uniqueid] = channel
    call.channels[source.uniqueid] = channel
    if name.half:
        pair_local_halves(state, call, channel)
    if call.origin is None and name.endpoint is not None and source.uniqueid == source.linkedid:
        set_origin(state, call, channel, source)
    return channel


def pair_local_halves(state: TrackerState, call: Call, channel: Channel) -> None:
    """Link the two halves of a Local channel."""
    other = state.halves.pop(channel.name.pair, None)
    if other is None or other not in state.channels:
        state.halves[channel.name.pair] = channel.uniqueid
    else:
        call.partners[channel.uniqueid] = other
        call.partners[other] = channel.uniqueid


def set_origin(state: TrackerState, call: Call, channel: Channel, source: EventChannel) -> None:
    endpoint = channel.name.endpoint
    call.origin = channel
    call.origin_is_phone = endpoint is not None and state.is_phone(endpoint)
    call.caller = CallerInfo(channel.first_number, source.caller_name, source.withheld)
    call.was_up = channel.state == UP
    if call.origin_is_phone and not channel.first_exten:
        call.called = source.connected
    if not call.origin_is_phone and channel.first_exten not in {"", "s"}:
        call.did = channel.first_exten


def on_newchannel(state: TrackerState, event: ami_events.Newchannel) -> None:
    channel = find_or_create_channel(state, event.channel, opening=True, born=True)
    if channel is not None:
        _open_inbound_call(state, channel)


def _open_inbound_call(state: TrackerState, channel: Channel) -> None:
    """Emit the call of a trunk's channel that dials in, whatever the dialplan does with it."""
    call = channel.call
    if call.origin is channel and not call.origin_is_phone and channel.state in DIALS_US:
        legs.emit_call_arrived(state, call)


def on_newstate(state: TrackerState, event: ami_events.Newstate) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        return
    if channel.leg is None:
        _open_inbound_call(state, channel)
        voicemail.note_place(state, channel, event.context, event.exten)
    elif event.channel.state == RINGING:
        legs.emit_leg_rang(state, channel.leg)
    elif event.channel.state == UP and channel.leg.is_phone:
        # The other phones of a ring group stop ringing between this and the winner's ``DialEnd``.
        legs.answer_leg(state, channel.leg)


def on_caller_changed(state: TrackerState, event: ami_events.NewCallerid) -> None:
    """Update the caller when the dialplan added a name, or the missing number."""
    channel = find_or_create_channel(state, event.channel)
    if channel is None or channel.call.origin is not channel:
        return
    call = channel.call
    if call.origin_is_phone or call.originated or call.answered:
        return
    old, source = call.caller, event.channel
    new = CallerInfo(
        old.number or source.number, source.caller_name or old.name, old.withheld or source.withheld
    )
    if new != old:
        _change_caller(state, call, new)
    if not call.legs:
        call.set_number = source.number if _is_another_number(call, source.number) else ""


def _is_another_number(call: Call, number: str) -> bool:
    """Return whether the dialplan replaced the caller's number, and did more than prefix it.

    Some trunks send their account as the caller and the number in a header, which the dialplan
    reads. The dialled number of the office is no caller, and a withheld number stays withheld.
    """
    sent = call.caller.number
    if number == sent or len(ascii_digits(number)) < SAME_DIGITS or is_same_number(number, sent):
        return False
    return not is_same_number(number, call.did) and not means_withheld(normalize_word(sent))


def take_set_number(state: TrackerState, call: Call) -> None:
    """Use the number that the dialplan set for the caller.

    Not before a phone or a queue has the call: a dialplan that sends a caller on to a mobile sets
    the company's own number.
    """
    number, call.set_number = call.set_number, ""
    if number:
        _change_caller(state, call, CallerInfo(number, call.caller.name, call.caller.withheld))


def _change_caller(state: TrackerState, call: Call, caller: CallerInfo) -> None:
    call.caller = caller
    if call.arrived:
        state.changes.append(CallerChanged(**state.head(call), caller=caller))
