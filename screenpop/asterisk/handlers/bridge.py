"""Bridges and hold: which channels hear each other."""

from typing import TypedDict

from screenpop.asterisk import ami_events
from screenpop.asterisk.handlers import call_end, legs, merge
from screenpop.asterisk.handlers.channels import find_or_create_channel
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.events import CallHeld, CallResumed
from screenpop.telephony.identifiers import Endpoint, LegId


def on_bridge_enter(state: TrackerState, event: ami_events.BridgeEnter) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        return
    call_end.leave_bridge(state, channel)
    channel.bridge = event.bridge
    state.bridges.setdefault(event.bridge, set()).add(channel.uniqueid)
    call = channel.call
    if call.remaining_bridge_leg is not None and channel is call.origin:
        call.remaining_bridge_leg = None
    if event.kind == "holding":
        return
    _answer_by_bridge(state, call, channel)


def _answer_by_bridge(state: TrackerState, call: Call, entered: Channel) -> None:
    """Mark a phone in a bridge as talking.

    A trunk talks only when a real channel hears it: a mobile that must confirm is in a bridge with
    half a Local channel before the call is taken.
    """
    if entered.leg is not None and entered.leg.is_phone:
        legs.answer_leg(state, entered.leg)
    reached = [entered, *state.reached_from(entered)]
    everybody = [c for c in reached if c.name.endpoint is not None]
    real = [c for c in everybody if c.call is call]
    if len(real) < len(everybody):
        mark_conference(everybody)
    if len(everybody) < 2:
        return
    for channel in real:
        leg = channel.leg
        if leg is not None and leg.waiting:
            legs.answer_leg(state, leg)
        elif leg is None and channel.joined:
            merge.add_leg_without_dial(state, channel, call)


def mark_conference(channels: list[Channel]) -> None:
    """Merge the calls of one bridge, a conference: no phone was rung, and all talk."""
    for channel in channels:
        channel.call.answered = True


def on_bridge_leave(state: TrackerState, event: ami_events.BridgeLeave) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        return
    call = channel.call
    if channel is call.origin and not call.caller_left and not call.transfer_emitted:
        stayed = [state.channels.get(u) for u in state.bridges.get(event.bridge, ())]
        others = [c.leg for c in stayed if c is not None and c.leg is not None and c.leg.talking]
        call.remaining_bridge_leg = others[0] if others else None
    call_end.leave_bridge(state, channel)


def on_hold(state: TrackerState, event: ami_events.Hold) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is not None and not channel.held and _is_holding(state, channel):
        channel.held = True
        state.changes.append(CallHeld(**state.head(channel.call), **_find_holder(channel)))


def on_unhold(state: TrackerState, event: ami_events.Unhold) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is not None and channel.held:
        channel.held = False
        state.changes.append(CallResumed(**state.head(channel.call), **_find_holder(channel)))


def _is_holding(state: TrackerState, channel: Channel) -> bool:
    endpoint = channel.name.endpoint
    return endpoint is not None and state.is_phone(endpoint) and channel.call.arrived


class _Holder(TypedDict):
    leg: LegId | None
    endpoint: Endpoint


def _find_holder(channel: Channel) -> _Holder:
    return _Holder(
        leg=channel.leg.id if channel.leg is not None else None,
        endpoint=channel.name.endpoint or Endpoint(""),
    )
