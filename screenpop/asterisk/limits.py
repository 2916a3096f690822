"""Bounds the tracker's memory: the number of live calls and of channels of one PBX.

Channels that never end (a lost ``Hangup``, a dialplan that loops, a program that speaks AMI
wrongly) would fill the memory: 100,000 of them took 1.4 GB. The calls that nothing has confirmed
for the longest time are closed as lost; their later events are ignored.
"""

from heapq import nsmallest

from screenpop.asterisk.handlers import call_end
from screenpop.asterisk.tracker_state import Call, TrackerState
from screenpop.calls.events import EndReason

MOST_CALLS = 5_000
"""Calls. Far above what one PBX carries for an office; about 70 MB."""
MOST_CHANNELS = 20_000
"""Channels. A queue that rings 50 members through Local channels has 151 of them in one call."""
_SHARE = 50
"""One of this many parts is closed at once, because finding the oldest calls is slow."""


def make_room(state: TrackerState) -> None:
    """Close the calls unconfirmed for the longest time if a limit is reached."""
    if len(state.calls) > state.most_calls:
        # After a transfer one call may have several ids: counted under its own.
        calls = [call for linkedid, call in state.calls.items() if call.id == linkedid]
        excess = len(calls) - state.most_calls
        if excess > 0:
            for call in nsmallest(excess + state.most_calls // _SHARE, calls, key=_last_confirmed):
                _lose_sight(state, call)
    if len(state.channels) > state.most_channels:
        _make_room_for_channels(state)


def _make_room_for_channels(state: TrackerState) -> None:
    enough = state.most_channels - state.most_channels // _SHARE
    for call in sorted(state.open_calls(), key=_last_confirmed):
        if len(state.channels) <= enough:
            return
        _lose_sight(state, call)


def _last_confirmed(call: Call) -> tuple[float, int]:
    return (call.confirmed_at, call.order)


def _lose_sight(state: TrackerState, call: Call) -> None:
    for channel in list(call.channels.values()):
        call_end.leave_bridge(state, channel)
        state.channels.pop(channel.uniqueid, None)
        state.halves.pop(channel.name.pair, None)
        state.remember_gone(channel.uniqueid)
    call.channels.clear()
    call.moved_to = None
    state.lost_sight_of += 1
    call_end.end_call(state, call, EndReason.ENDED_UNKNOWN)
