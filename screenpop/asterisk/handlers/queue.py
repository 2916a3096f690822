"""Queues: entering, leaving, unanswered members."""

from screenpop.asterisk import ami_events
from screenpop.asterisk.handlers import legs, merge
from screenpop.asterisk.handlers.channels import (
    find_or_create_channel,
    set_origin,
    take_set_number,
)
from screenpop.asterisk.handlers.consultation import asking_colleague
from screenpop.asterisk.tracker_state import TrackerState
from screenpop.calls.events import CallLeftQueue, CallQueued


def on_queue_join(state: TrackerState, event: ami_events.QueueCallerJoin) -> None:
    channel = find_or_create_channel(state, event.channel, opening=True)
    if channel is None:
        return
    call = channel.call
    if call.origin is None and channel.leg is None and channel.name.endpoint is not None:
        set_origin(state, call, channel, event.channel)
    if call.queue == event.queue:
        return
    take_set_number(state, call)
    legs.emit_call_arrived(state, call)
    merge.emit_pending_blind_transfer(state, call)
    if asking_colleague(state, channel, event.channel.number) is not None:
        call.consulted_queue = event.queue
        return
    call.queue, call.was_queued, call.last_queue = event.queue, True, event.queue
    state.changes.append(CallQueued(**state.head(call), queue=event.queue, position=event.position))


def on_queue_leave(state: TrackerState, event: ami_events.QueueCallerLeave) -> None:
    channel = find_or_create_channel(state, event.channel)
    if channel is None:
        return
    call = channel.call
    answered = any(leg.dial_status == "ANSWER" or leg.talking for leg in call.legs.values())
    if call.queue != event.queue:
        if call.consulted_queue == event.queue and not merge.queue_answered(call, event.queue):
            call.consulted_queue = ""
        return
    call.queue = ""
    reason = "answered" if answered else "abandoned" if call.caller_left else "timeout"
    state.changes.append(CallLeftQueue(**state.head(call), queue=event.queue, reason=reason))


def on_agent_ring_no_answer(state: TrackerState, event: ami_events.AgentRingNoAnswer) -> None:
    call = state.calls.get(event.channel.linkedid)
    if call is not None:
        for leg in call.below(event.dest.uniqueid):
            legs.mark_unanswered(leg)
