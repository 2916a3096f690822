"""Channels and calls come up."""

from screenpop.asterisk import events, joining, legs, voicemail
from screenpop.asterisk.channels import read_channel_name
from screenpop.asterisk.events import Shown
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import CallerChanged, CallerShown

SHORTEST_DID = 5
"""Digits. A dialplan has moved on to ``s`` or to a short extension of its own when a channel is
first seen late, and no DID is better than a wrong one."""

RING, RINGING, UP, BUSY = 4, 5, 6, 7
"""``ChannelState``: it dials us, it rings, it is answered, it hears that nothing can be done."""
DIALS_US = frozenset({RING, UP, BUSY})
"""A trunk's channel that rings is dialled by us: an Originate whose ``DialBegin`` is to come."""


def touch(
    board: Switchboard, shown: Shown, *, opening: bool = False, born: bool = False
) -> Channel | None:
    """The channel an event speaks of. Unknown ones are made only by events that open something;
    a channel that was already seen to its end stays ended. ``born``: the event is its first, so
    what it shows was not yet changed by a dialplan."""
    channel = board.channels.get(shown.uniqueid)
    if channel is None:
        if not opening or board.is_gone(shown.uniqueid) or board.is_over(shown.linkedid):
            return None
        channel = _add(board, shown, born=born)
    elif shown.linkedid != channel.linkedid:
        joining.relink(board, channel, shown.linkedid)
    channel.call.confirmed_at = board.at
    if shown.state > channel.state:
        channel.state = shown.state
        if channel.state == UP and channel.call.origin is channel:
            channel.call.was_up = True
    return channel


def _add(board: Switchboard, shown: Shown, *, born: bool) -> Channel:
    call = board.calls.get(shown.linkedid) or board.open_call(shown.linkedid)
    name = read_channel_name(shown.name)
    exten, number = shown.exten, shown.number
    if not born:
        exten = exten if len(exten) >= SHORTEST_DID else ""
        if name.endpoint is not None and board.is_phone(name.endpoint):
            number = name.endpoint  # by now the dialplan shows the company's number
    channel = Channel(shown.uniqueid, name, shown.linkedid, call, exten, number, shown.state)
    board.channels[shown.uniqueid] = channel
    call.channels[shown.uniqueid] = channel
    if name.half:
        pair(board, call, channel)
    if call.origin is None and name.endpoint is not None and shown.uniqueid == shown.linkedid:
        set_origin(board, call, channel, shown)
    return channel


def pair(board: Switchboard, call: Call, channel: Channel) -> None:
    """Remember which two halves make one Local channel."""
    other = board.halves.pop(channel.name.pair, None)
    if other is None or other not in board.channels:
        board.halves[channel.name.pair] = channel.uniqueid
    else:
        call.partners[channel.uniqueid] = other
        call.partners[other] = channel.uniqueid


def set_origin(board: Switchboard, call: Call, channel: Channel, shown: Shown) -> None:
    endpoint = channel.name.endpoint
    call.origin = channel
    call.origin_is_phone = endpoint is not None and board.is_phone(endpoint)
    call.caller = CallerShown(channel.first_number, shown.caller_name, shown.withheld)
    call.was_up = channel.state == UP
    if call.origin_is_phone and not channel.first_exten:
        call.called = shown.connected
    if not call.origin_is_phone and channel.first_exten not in {"", "s"}:
        call.did = channel.first_exten


def newchannel(board: Switchboard, event: events.Newchannel) -> None:
    channel = touch(board, event.channel, opening=True, born=True)
    if channel is not None:
        _arrive_from_outside(board, channel)


def _arrive_from_outside(board: Switchboard, channel: Channel) -> None:
    """A trunk's channel that dials us is a call, whatever the dialplan does with it."""
    call = channel.call
    if call.origin is channel and not call.origin_is_phone and channel.state in DIALS_US:
        legs.arrive(board, call)


def newstate(board: Switchboard, event: events.Newstate) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    if channel.leg is None:
        _arrive_from_outside(board, channel)
        voicemail.note_place(board, channel, event.context, event.exten)
    elif event.channel.state == RINGING:
        legs.rang(board, channel.leg)
    elif event.channel.state == UP and channel.leg.is_phone:
        # The losers of a ring group stop ringing between this and the winner's ``DialEnd``.
        legs.answer(board, channel.leg)


def caller_changed(board: Switchboard, event: events.NewCallerid) -> None:
    """The dialplan put a name before the caller, or found the number that was missing."""
    channel = touch(board, event.channel)
    if channel is None or channel.call.origin is not channel:
        return
    call = channel.call
    if call.origin_is_phone or call.originated or call.answered:
        return
    old, shown = call.caller, event.channel
    new = CallerShown(
        old.number or shown.number, shown.caller_name or old.name, old.withheld or shown.withheld
    )
    if new != old:
        call.caller = new
        if call.arrived:
            board.changes.append(CallerChanged(**board.head(call), caller=new))
