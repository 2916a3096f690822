"""A call waits in a queue."""

from screenpop.asterisk import events, joining, legs
from screenpop.asterisk.consulting import asking_colleague
from screenpop.asterisk.opening import set_origin, touch
from screenpop.asterisk.state import Switchboard
from screenpop.calls.changes import CallLeftQueue, CallQueued


def queue_join(board: Switchboard, event: events.QueueCallerJoin) -> None:
    channel = touch(board, event.channel, opening=True)
    if channel is None:
        return
    call = channel.call
    if call.origin is None and channel.leg is None and channel.name.endpoint is not None:
        set_origin(board, call, channel, event.channel)
    if call.queue == event.queue:
        return
    legs.arrive(board, call)
    joining.tell_blind_transfer(board, call)
    if asking_colleague(board, channel, event.channel.number) is not None:
        call.consulted_queue = event.queue
        return
    call.queue, call.was_queued, call.last_queue = event.queue, True, event.queue
    board.changes.append(CallQueued(**board.head(call), queue=event.queue, position=event.position))


def queue_leave(board: Switchboard, event: events.QueueCallerLeave) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    call = channel.call
    answered = any(leg.dial_status == "ANSWER" or leg.talking for leg in call.legs.values())
    if call.queue != event.queue:
        if call.consulted_queue == event.queue and not joining.queue_answered(call, event.queue):
            call.consulted_queue = ""
        return
    call.queue = ""
    reason = "answered" if answered else "abandoned" if call.caller_left else "timeout"
    board.changes.append(CallLeftQueue(**board.head(call), queue=event.queue, reason=reason))


def agent_ring_no_answer(board: Switchboard, event: events.AgentRingNoAnswer) -> None:
    call = board.calls.get(event.channel.linkedid)
    if call is not None:
        for leg in call.below(event.dest.uniqueid):
            legs.unanswered(leg)
