"""Merges calls that become one: transfers, pickups, retrieved parked calls, conferences.

Asterisk gives joined channels one Linkedid, the oldest. The customer's call survives, whichever is
older, and takes over the legs that are still up.
"""

from screenpop.asterisk.handlers import legs
from screenpop.asterisk.tracker_state import Call, Channel, Leg, TrackerState
from screenpop.calls.events import (
    CallEnded,
    CallLeftQueue,
    CallQueued,
    CallTransferred,
    EndReason,
    StopReason,
    TransferKind,
)
from screenpop.calls.leg_states import LegStage
from screenpop.telephony.identifiers import Endpoint


def surviving_call(a: Call, b: Call) -> tuple[Call, Call]:
    """Return the surviving call and the one merged into it: from outside first, then the older."""

    def rank(call: Call) -> tuple[bool, int]:
        return (call.origin_is_phone or call.originated, call.order)

    return (a, b) if rank(a) <= rank(b) else (b, a)


def relink(state: TrackerState, channel: Channel, linkedid: str) -> None:
    """Move a channel whose Linkedid has changed."""
    channel.linkedid = linkedid
    old = channel.call
    other = state.calls.get(linkedid)
    if other is old or state.is_over(linkedid):
        return
    if other is None:
        # The call it merged was opened before the link was up: this one continues under both ids.
        state.calls[linkedid] = old
        old.aliases.append(linkedid)
        return
    survivor, merged = surviving_call(old, other)
    if survivor is other:
        move_channel(state, channel, other)
    else:
        merge_calls(state, merged, survivor)


def move_channel(state: TrackerState, channel: Channel, into: Call) -> None:
    """Move a channel to another call; end the old call with its last channel."""
    old = channel.call
    old.channels.pop(channel.uniqueid, None)
    into.channels[channel.uniqueid] = channel
    channel.call = into
    partner = old.partners.get(channel.uniqueid)
    if partner is not None:
        into.partners[channel.uniqueid] = partner
        into.partners[partner] = channel.uniqueid
    if old.origin is channel:
        channel.joined = True
    if channel.leg is not None:
        _move_leg(state, channel.leg, into)
    if old.channels:
        old.moved_to = into
    else:
        end_merged(state, old, into)


def merge_calls(state: TrackerState, merged: Call, survivor: Call) -> None:
    """Move all channels of ``merged`` to ``survivor``; nothing if they are one call already."""
    if merged is survivor:
        return
    for channel in list(merged.channels.values()):
        move_channel(state, channel, survivor)
    if state.calls.get(merged.id) is merged:
        end_merged(state, merged, survivor)


def bring_queue(state: TrackerState, call: Call, queue: str, *, waits: bool) -> None:
    """Give the caller the queue place that the colleague had dialled."""
    call.was_queued, call.last_queue = True, queue
    call.queue, call.consulted_queue = (queue if waits else ""), ""
    state.changes.append(CallQueued(**state.head(call), queue=queue))
    if not waits:
        state.changes.append(CallLeftQueue(**state.head(call), queue=queue, reason="answered"))


def queue_answered(call: Call, queue: str) -> bool:
    """Return whether a phone dialled by this queue talks."""
    return any(leg.queue == queue for leg in call.talking_legs())


def end_merged(state: TrackerState, call: Call, into: Call) -> None:
    for leg in call.legs.values():
        if leg.waiting:
            legs.stop_leg(state, leg, StopReason.CANCELLED)
    if call.arrived:
        state.changes.append(
            CallEnded(
                **state.head(call),
                reason=EndReason.MERGED,
                into=into.id,
            )
        )
    into_lives = state.calls.get(into.id) is into
    for linkedid in (call.id, *call.aliases):
        if into_lives:
            state.calls[linkedid] = into
            into.aliases.append(linkedid)
        else:
            state.calls.pop(linkedid, None)
            state.remember_over(linkedid)
    into.dialled_by.update(call.dialled_by)
    into.partners.update(call.partners)


def _move_leg(state: TrackerState, leg: Leg, into: Call) -> None:
    if leg.step in {LegStage.STOPPED, LegStage.ENDED}:
        return
    leg.call.legs.pop(leg.id, None)
    leg.call = into
    into.legs[leg.id] = leg
    legs.emit_call_arrived(state, into, leg.endpoint)
    legs.emit_leg_ringing(state, leg)
    step, leg.step = leg.step, LegStage.DIALLED
    if leg.rang:
        legs.emit_leg_rang(state, leg)
    if step is LegStage.ANSWERED:
        legs.answer_leg(state, leg)


def add_leg_without_dial(state: TrackerState, channel: Channel, call: Call) -> None:
    """Add a talking leg for a phone that was never dialled for this call."""
    if channel.leg is not None or channel.name.endpoint is None or channel.passed_on:
        return
    if any(leg.endpoint == channel.name.endpoint for leg in call.talking_legs()):
        return
    leg = legs.start_leg(state, call, channel, is_undialled=True)
    if leg is not None:
        legs.answer_leg(state, leg)


def emit_transferred(
    state: TrackerState, call: Call, kind: TransferKind, origin: Endpoint, target: str
) -> None:
    call.transfer_emitted = True
    call.remaining_bridge_leg = None
    legs.emit_call_arrived(state, call)
    talked_s = _talk_duration_s(state, call, origin)
    state.changes.append(
        CallTransferred(
            **state.head(call),
            transfer=kind,
            origin=origin,
            target=target,
            talked_s=talked_s,
        )
    )


def _talk_duration_s(state: TrackerState, call: Call, origin: Endpoint) -> float | None:
    """Return how long the transferring endpoint had talked, in seconds.

    On a call of its own making: since the other side answered.
    """
    answered = [leg for leg in call.legs.values() if leg.answered is not None]
    theirs = [leg for leg in answered if leg.endpoint == origin]
    since = (theirs[-1:] or answered[:1])[0].answered if answered else None
    if since is None:
        return None
    at, pbx_at = since
    if pbx_at is not None and state.pbx_at is not None:
        return round(state.pbx_at - pbx_at, 3)
    return round(state.at - at, 3)


def emit_pending_blind_transfer(state: TrackerState, call: Call) -> None:
    if call.pending_blind_transfer is not None:
        origin, target = call.pending_blind_transfer
        call.pending_blind_transfer = None
        emit_transferred(state, call, TransferKind.BLIND, origin, target)


def resolve_local_channel(state: TrackerState, channel: Channel) -> Channel:
    """Return the real channel behind a Local channel; the channel itself when it is real."""
    if channel.name.endpoint is not None:
        return channel
    reached = [c for c in state.reached_from(channel) if c.name.endpoint is not None]
    phones = [c for c in reached if c.leg is not None and c.leg.is_phone]
    return (phones or reached or [channel])[0]


def consulted_leg(first: Call, consultation: Call, transferer: Endpoint | None) -> Leg | None:
    """Return the leg that takes the call over: the newest live one that is not the transferer's."""
    for call in (consultation, first):
        alive = [
            leg
            for leg in call.legs.values()
            if (leg.waiting or leg.talking) and leg.endpoint != transferer
        ]
        phones = [leg for leg in alive if leg.is_phone] or alive
        if phones:
            return phones[-1]
    return None
