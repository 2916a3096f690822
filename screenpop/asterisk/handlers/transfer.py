"""Transfers, pickups and parking."""

from screenpop.asterisk import ami_events
from screenpop.asterisk.handlers import merge
from screenpop.asterisk.handlers.channels import find_or_create_channel
from screenpop.asterisk.tracker_state import Call, Leg, TrackerState
from screenpop.calls.events import TransferKind
from screenpop.telephony.identifiers import Endpoint


def on_blind_transfer(state: TrackerState, event: ami_events.BlindTransfer) -> None:
    channel = find_or_create_channel(state, event.transferer)
    if channel is None or not event.success:
        return
    transferer = merge.resolve_local_channel(state, channel)
    if transferer.passed_on:
        return
    transferer.passed_on = True
    call = transferer.call
    call.transfer_emitted = True
    # To the parking lot: ``ParkedCall`` comes just before or just after.
    if call.parked_by is None:
        call.pending_blind_transfer = (transferer.name.endpoint or Endpoint(""), event.extension)


def on_attended_transfer(state: TrackerState, event: ami_events.AttendedTransfer) -> None:
    first = find_or_create_channel(state, event.original)
    second = find_or_create_channel(state, event.second)
    if not event.success or first is None:
        return
    second = second or first
    transferer = merge.resolve_local_channel(state, first)
    if transferer.passed_on:
        return
    for channel in (first, second, transferer):
        channel.passed_on = True
    survivor, merged = merge.surviving_call(first.call, second.call)
    taker = merge.consulted_leg(survivor, merged, transferer.name.endpoint)
    origin = transferer.name.endpoint or Endpoint("")
    queue = merged.last_queue if merged is not survivor else survivor.consulted_queue
    waits = (
        bool(merged.queue) if merged is not survivor else not merge.queue_answered(survivor, queue)
    )
    target = _target_name(taker, merged, queue)
    merge.emit_transferred(state, survivor, TransferKind.ATTENDED, origin, target)
    for leg in survivor.legs.values():
        leg.asked_by = None  # From now on it rings for the caller.
    merge.merge_calls(state, merged, survivor)
    if queue:
        merge.bring_queue(state, survivor, queue, waits=waits)


def _target_name(taker: Leg | None, consultation: Call, queue: str) -> str:
    """Return the target of a transfer: a queue's name, a colleague's phone, or the dialled
    number."""
    if queue and (taker is None or taker.queue == queue):
        return queue
    if taker is not None and (taker.is_phone or not consultation.called):
        return taker.endpoint
    return consultation.called


def on_pickup(state: TrackerState, event: ami_events.Pickup) -> None:
    target = find_or_create_channel(state, event.target)
    picker = find_or_create_channel(state, event.channel, opening=True)
    if target is None or picker is None:
        return
    merge.merge_calls(state, picker.call, target.call)
    merge.add_leg_without_dial(state, picker, target.call)


def on_parked(state: TrackerState, event: ami_events.ParkedCall) -> None:
    parkee = state.channels.get(event.parkee.uniqueid)
    if parkee is None:
        return
    parkee.call.pending_blind_transfer = None
    call = parkee.call
    talking = [leg.endpoint for leg in call.talking_legs() if leg.is_phone]
    if talking:
        call.parked_by = talking[-1]
    elif call.origin is not None and call.origin_is_phone:
        call.parked_by = call.origin.name.endpoint
    call.transfer_emitted = True
    call.remaining_bridge_leg = None


def on_unparked(state: TrackerState, event: ami_events.UnParkedCall) -> None:
    parkee = find_or_create_channel(state, event.parkee)
    retriever = find_or_create_channel(state, event.retriever)
    if parkee is None or retriever is None or retriever.leg is not None:
        return
    call = parkee.call
    taker = retriever.name.endpoint
    if call.parked_by is not None and taker is not None and call.parked_by != taker:
        merge.emit_transferred(state, call, TransferKind.PARK, call.parked_by, taker)
    merge.merge_calls(state, retriever.call, call)
    merge.add_leg_without_dial(state, retriever, call)
