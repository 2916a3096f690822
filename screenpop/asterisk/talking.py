"""Who hears whom: bridges and hold."""

from typing import TypedDict

from screenpop.asterisk import closing, events, joining, legs
from screenpop.asterisk.opening import touch
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import CallHeld, CallResumed
from screenpop.telephony.identifiers import Endpoint, LegId


def bridge_enter(board: Switchboard, event: events.BridgeEnter) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    closing.leave_bridge(board, channel)
    channel.bridge = event.bridge
    board.bridges.setdefault(event.bridge, set()).add(channel.uniqueid)
    call = channel.call
    if call.left_behind is not None and channel is call.origin:
        call.left_behind = None
    if event.kind == "holding":
        return
    _answered_by_bridge(board, call, channel)


def _answered_by_bridge(board: Switchboard, call: Call, entered: Channel) -> None:
    """A phone in a bridge talks. A trunk talks only when a real channel hears it: a mobile that
    must confirm sits in a bridge with half a Local channel while nobody has taken the call."""
    if entered.leg is not None and entered.leg.is_phone:
        legs.answer(board, entered.leg)
    reached = [entered, *board.reached_from(entered)]
    everybody = [c for c in reached if c.name.endpoint is not None]
    real = [c for c in everybody if c.call is call]
    if len(real) < len(everybody):
        _met(everybody)
    if len(everybody) < 2:
        return
    for channel in real:
        leg = channel.leg
        if leg is not None and leg.waiting:
            legs.answer(board, leg)
        elif leg is None and channel.joined:
            joining.adopt(board, channel, call)


def _met(channels: list[Channel]) -> None:
    """People of several calls in one bridge: a conference. Nobody was rung, and all talk."""
    for channel in channels:
        channel.call.answered = True


def bridge_leave(board: Switchboard, event: events.BridgeLeave) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    call = channel.call
    if channel is call.origin and not call.caller_left and not call.announced:
        stayed = [board.channels.get(u) for u in board.bridges.get(event.bridge, ())]
        others = [c.leg for c in stayed if c is not None and c.leg is not None and c.leg.talking]
        call.left_behind = others[0] if others else None
    closing.leave_bridge(board, channel)


def hold(board: Switchboard, event: events.Hold) -> None:
    channel = touch(board, event.channel)
    if channel is not None and not channel.held and _holds(board, channel):
        channel.held = True
        board.changes.append(CallHeld(**board.head(channel.call), **_held_by(channel)))


def unhold(board: Switchboard, event: events.Unhold) -> None:
    channel = touch(board, event.channel)
    if channel is not None and channel.held:
        channel.held = False
        board.changes.append(CallResumed(**board.head(channel.call), **_held_by(channel)))


def _holds(board: Switchboard, channel: Channel) -> bool:
    endpoint = channel.name.endpoint
    return endpoint is not None and board.is_phone(endpoint) and channel.call.arrived


class _HeldBy(TypedDict):
    leg: LegId | None
    endpoint: Endpoint


def _held_by(channel: Channel) -> _HeldBy:
    return _HeldBy(
        leg=channel.leg.id if channel.leg is not None else None,
        endpoint=channel.name.endpoint or Endpoint(""),
    )
