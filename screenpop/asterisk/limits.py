"""Bounds what one PBX can make the tracker remember: the number of live calls and of channels.

Channels that never end (a lost ``Hangup``, a dialplan that loops, a program that speaks AMI
wrongly) would fill the memory: 100,000 of them took 1.4 GB. The calls that nothing has confirmed
for the longest time are closed as lost sight of; what still comes of them is left out.
"""

from heapq import nsmallest

from screenpop.asterisk import closing
from screenpop.asterisk.state import Call, Switchboard
from screenpop.calls.changes import EndReason

MOST_CALLS = 5_000
"""Far above what one PBX carries for an office; about 70 MB."""
MOST_CHANNELS = 20_000
"""A queue that rings 50 members through Local channels has 151 of them in one call."""
_SHARE = 50
"""So many parts: one of them is closed at once, because finding the oldest takes a while."""


def make_room(board: Switchboard) -> None:
    """Close the calls unconfirmed for the longest time where one more would be too many."""
    if len(board.calls) > board.most_calls:
        # One call may have several ids, after a transfer: counted under its own.
        calls = [call for linkedid, call in board.calls.items() if call.id == linkedid]
        excess = len(calls) - board.most_calls
        if excess > 0:
            for call in nsmallest(excess + board.most_calls // _SHARE, calls, key=_last_confirmed):
                _lose_sight(board, call)
    if len(board.channels) > board.most_channels:
        _make_room_for_channels(board)


def _make_room_for_channels(board: Switchboard) -> None:
    enough = board.most_channels - board.most_channels // _SHARE
    for call in sorted(board.open_calls(), key=_last_confirmed):
        if len(board.channels) <= enough:
            return
        _lose_sight(board, call)


def _last_confirmed(call: Call) -> tuple[float, int]:
    return (call.confirmed_at, call.order)


def _lose_sight(board: Switchboard, call: Call) -> None:
    for channel in list(call.channels.values()):
        closing.leave_bridge(board, channel)
        board.channels.pop(channel.uniqueid, None)
        board.halves.pop(channel.name.pair, None)
        board.remember_gone(channel.uniqueid)
    call.channels.clear()
    call.moved_to = None
    board.lost_sight_of += 1
    closing.end(board, call, EndReason.ENDED_UNKNOWN)
