"""Channels and calls come up."""

from screenpop.asterisk import ami_events, voicemail
from screenpop.asterisk.ami_events import EventChannel
from screenpop.asterisk.channel_name import read_channel_name
from screenpop.asterisk.handlers import legs, merge
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.events import CallerChanged, CallerInfo

MIN_DID_LENGTH = 5
"""Digits. A dialplan has moved on to ``s`` or to a short extension of its own when a channel is
first seen late, and no DID is better than a wrong one."""

RING, RINGING, UP, BUSY = 4, 5, 6, 7
"""``ChannelState``: it dials us, it rings, it is answered, it hears that nothing can be done."""
DIALS_US = frozenset({RING, UP, BUSY})
"""A trunk's channel that rings is dialled by us: an Originate whose ``DialBegin`` is to come."""


def find_or_create_channel(
    state: TrackerState, shown: EventChannel, *, opening: bool = False, born: bool = False
) -> Channel | None:
    """The channel an event speaks of. Unknown ones are made only by events that open something;
    a channel that was already seen to its end stays ended. ``born``: the event is its first, so
    what it shows was not yet changed by a dialplan."""
    channel = state.channels.get(shown.uniqueid)
    if channel is None:
        if not opening or state.is_gone(shown.uniqueid) or state.is_over(shown.linkedid):
            return None
        channel = _create_channel(state, shown, born=born)
    elif shown.linkedid != channel.linkedid:
        merge.relink(state, channel, shown.linkedid)
    channel.call.confirmed_at = state.at
    if shown.state > channel.state:
        channel.state = shown.state
        if channel.state == UP and channel.call.origin is channel:
            channel.call.was_up = True
    return channel


def _create_channel(state: TrackerState, shown: EventChannel, *, born: bool) -> Channel:
    call = state.calls.get(shown.linkedid) or state.open_call(shown.linkedid)
    name = read_channel_name(shown.name)
    exten, number = shown.exten, shown.number
    if not born:
        exten = exten if len(exten) >= MIN_DID_LENGTH else ""
        if name.endpoint is not None and state.is_phone(name.endpoint):
            number = name.endpoint  # by now the dialplan shows the company's number
    channel = Channel(shown.uniqueid, name, shown.linkedid, call, exten, number, shown.state)
    state.channels[shown.uniqueid] = channel
    call.channels[shown.uniqueid] = channel
    if name.half:
        pair_local_halves(state, call, channel)
    if call.origin is None and name.endpoint is not None and shown.uniqueid == shown.linkedid:
        set_origin(state, call, channel, shown)
    return channel


def pair_local_halves(state: TrackerState, call: Call, channel: Channel) -> None:
    """Remember which two halves make one Local channel."""
    other = state.halves.pop(channel.name.pair, None)
    if other is None or other not in state.channels:
        state.halves[channel.name.pair] = channel.uniqueid
    else:
        call.partners[channel.uniqueid] = other
        call.partners[other] = channel.uniqueid


def set_origin(state: TrackerState, call: Call, channel: Channel, shown: EventChannel) -> None:
    endpoint = channel.name.endpoint
    call.origin = channel
    call.origin_is_phone = endpoint is not None and state.is_phone(endpoint)
    call.caller = CallerInfo(channel.first_number, shown.caller_name, shown.withheld)
    call.was_up = channel.state == UP
    if call.origin_is_phone and not channel.first_exten:
        call.called = shown.connected
    if not call.origin_is_phone and channel.first_exten not in {"", "s"}:
        call.did = channel.first_exten


def on_newchannel(state: TrackerState, event: ami_events.Newchannel) -> None:
    channel = find_or_create_channel(state, event.channel, opening=True, born=True)
    if channel is not None:
        _open_inbound_call(state, channel)


def _open_inbound_call(state: TrackerState, channel: Channel) -> None:
    """A trunk's channel that dials us is a call, whatever the dialplan does with it."""
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
        # The losers of a ring group stop ringing between this and the winner's ``DialEnd``.
        legs.answer_leg(state, channel.leg)


def on_caller_changed(state: TrackerState, event: ami_events.NewCallerid) -> None:
    """The dialplan put a name before the caller, or found the number that was missing."""
    channel = find_or_create_channel(state, event.channel)
    if channel is None or channel.call.origin is not channel:
        return
    call = channel.call
    if call.origin_is_phone or call.originated or call.answered:
        return
    old, shown = call.caller, event.channel
    new = CallerInfo(
        old.number or shown.number, shown.caller_name or old.name, old.withheld or shown.withheld
    )
    if new != old:
        call.caller = new
        if call.arrived:
            state.changes.append(CallerChanged(**state.head(call), caller=new))
