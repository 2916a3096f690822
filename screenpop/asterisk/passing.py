"""A call is passed on: transfers, pickups, parking."""

from screenpop.asterisk import events, joining
from screenpop.asterisk.opening import touch
from screenpop.asterisk.state import Call, Leg, Switchboard
from screenpop.calls.changes import TransferKind
from screenpop.telephony.identifiers import Endpoint


def blind_transfer(board: Switchboard, event: events.BlindTransfer) -> None:
    channel = touch(board, event.transferer)
    if channel is None or not event.success:
        return
    transferer = joining.real_end(board, channel)
    if transferer.passed_on:
        return
    transferer.passed_on = True
    call = transferer.call
    call.announced = True
    # To the parking lot: ``ParkedCall`` comes just before or just after.
    if call.parked_by is None:
        call.passing_on = (transferer.name.endpoint or Endpoint(""), event.extension)


def attended_transfer(board: Switchboard, event: events.AttendedTransfer) -> None:
    first = touch(board, event.original)
    second = touch(board, event.second)
    if not event.success or first is None:
        return
    second = second or first
    transferer = joining.real_end(board, first)
    if transferer.passed_on:
        return
    for channel in (first, second, transferer):
        channel.passed_on = True
    lives, joins = joining.survivor(first.call, second.call)
    taker = joining.consulted(lives, joins, transferer.name.endpoint)
    origin = transferer.name.endpoint or Endpoint("")
    queue = joins.last_queue if joins is not lives else lives.consulted_queue
    waits = bool(joins.queue) if joins is not lives else not joining.queue_answered(lives, queue)
    target = _named(taker, joins, queue)
    joining.transferred(board, lives, TransferKind.ATTENDED, origin, target)
    for leg in lives.legs.values():
        leg.asked_by = None  # from now on it rings for the caller
    if joins is not lives:
        joining.merge(board, joins, lives)
    if queue:
        joining.bring_queue(board, lives, queue, waits=waits)


def _named(taker: Leg | None, consultation: Call, queue: str) -> str:
    """A queue by its name, a colleague by the phone, somebody outside by the number dialled."""
    if queue and (taker is None or taker.queue == queue):
        return queue
    if taker is not None and (taker.is_phone or not consultation.called):
        return taker.endpoint
    return consultation.called


def pickup(board: Switchboard, event: events.Pickup) -> None:
    target = touch(board, event.target)
    picker = touch(board, event.channel, opening=True)
    if target is None or picker is None:
        return
    if picker.call is not target.call:
        joining.merge(board, picker.call, target.call)
    joining.adopt(board, picker, target.call)


def parked(board: Switchboard, event: events.ParkedCall) -> None:
    parkee = board.channels.get(event.parkee.uniqueid)
    if parkee is None:
        return
    parkee.call.passing_on = None
    call = parkee.call
    talking = [leg.endpoint for leg in call.talking_legs() if leg.is_phone]
    if talking:
        call.parked_by = talking[-1]
    elif call.origin is not None and call.origin_is_phone:
        call.parked_by = call.origin.name.endpoint
    call.announced = True
    call.left_behind = None


def unparked(board: Switchboard, event: events.UnParkedCall) -> None:
    parkee = touch(board, event.parkee)
    retriever = touch(board, event.retriever)
    if parkee is None or retriever is None or retriever.leg is not None:
        return
    call = parkee.call
    taker = retriever.name.endpoint
    if call.parked_by is not None and taker is not None and call.parked_by != taker:
        joining.transferred(board, call, TransferKind.PARK, call.parked_by, taker)
    if retriever.call is not call:
        joining.merge(board, retriever.call, call)
    joining.adopt(board, retriever, call)
