"""Calls that become one: transfers, pickups, parked calls taken, conferences.

Asterisk gives joined channels one Linkedid, the oldest. The customer's call survives, whichever
was the older, and takes over the legs that are still up.
"""

from screenpop.asterisk import legs
from screenpop.asterisk.state import Call, Channel, Leg, Switchboard
from screenpop.calls.changes import (
    CallEnded,
    CallLeftQueue,
    CallQueued,
    CallTransferred,
    EndReason,
    StopReason,
    TransferKind,
)
from screenpop.calls.steps import LegStep
from screenpop.telephony.identifiers import Endpoint


def survivor(a: Call, b: Call) -> tuple[Call, Call]:
    """Which call lives on, and which becomes part of it: one from outside, then the older."""

    def rank(call: Call) -> tuple[bool, int]:
        return (call.origin_is_phone or call.originated, call.order)

    return (a, b) if rank(a) <= rank(b) else (b, a)


def relink(board: Switchboard, channel: Channel, linkedid: str) -> None:
    """The channel shows another Linkedid than before."""
    channel.linkedid = linkedid
    old = channel.call
    other = board.calls.get(linkedid)
    if other is old or board.is_over(linkedid):
        return
    if other is None:
        # The call it joins was opened before we listened: this one goes on under both ids.
        board.calls[linkedid] = old
        old.aliases.append(linkedid)
        return
    lives, joins = survivor(old, other)
    if lives is other:
        move(board, channel, other)
    else:
        merge(board, joins, lives)


def move(board: Switchboard, channel: Channel, into: Call) -> None:
    """One channel leaves its call for another; with the last one the call itself is over."""
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
        _move_leg(board, channel.leg, into)
    if old.channels:
        old.moved_to = into
    else:
        end_merged(board, old, into)


def merge(board: Switchboard, joins: Call, lives: Call) -> None:
    """All of one call becomes part of another."""
    if joins is lives:
        return
    for channel in list(joins.channels.values()):
        move(board, channel, lives)
    if board.calls.get(joins.id) is joins:
        end_merged(board, joins, lives)


def bring_queue(board: Switchboard, call: Call, queue: str, *, waits: bool) -> None:
    """The caller takes over the place in a queue that the colleague had dialled."""
    call.was_queued, call.last_queue = True, queue
    call.queue, call.consulted_queue = (queue if waits else ""), ""
    board.changes.append(CallQueued(**board.head(call), queue=queue))
    if not waits:
        board.changes.append(CallLeftQueue(**board.head(call), queue=queue, reason="answered"))


def queue_answered(call: Call, queue: str) -> bool:
    """Whether somebody whom this queue had dialled talks."""
    return any(leg.queue == queue for leg in call.talking_legs())


def end_merged(board: Switchboard, call: Call, into: Call) -> None:
    for leg in call.legs.values():
        if leg.waiting:
            legs.stop(board, leg, StopReason.CANCELLED)
    if call.arrived:
        board.changes.append(
            CallEnded(
                **board.head(call),
                reason=EndReason.MERGED,
                into=into.id,
            )
        )
    into_lives = board.calls.get(into.id) is into
    for linkedid in (call.id, *call.aliases):
        if into_lives:
            board.calls[linkedid] = into
            into.aliases.append(linkedid)
        else:
            board.calls.pop(linkedid, None)
            board.remember_over(linkedid)
    into.dialled_by.update(call.dialled_by)
    into.partners.update(call.partners)


def _move_leg(board: Switchboard, leg: Leg, into: Call) -> None:
    if leg.step in {LegStep.STOPPED, LegStep.ENDED}:
        return
    leg.call.legs.pop(leg.id, None)
    leg.call = into
    into.legs[leg.id] = leg
    legs.arrive(board, into, leg.endpoint)
    legs.tell_ringing(board, leg)
    step, leg.step = leg.step, LegStep.DIALLED
    if leg.rang:
        legs.rang(board, leg)
    if step is LegStep.ANSWERED:
        legs.answer(board, leg)


def adopt(board: Switchboard, channel: Channel, call: Call) -> None:
    """A phone that was never dialled talks on this call."""
    if channel.leg is not None or channel.name.endpoint is None or channel.passed_on:
        return
    if any(leg.endpoint == channel.name.endpoint for leg in call.talking_legs()):
        return
    leg = legs.ring(board, call, channel, adopted=True)
    if leg is not None:
        legs.answer(board, leg)


def transferred(
    board: Switchboard, call: Call, kind: TransferKind, origin: Endpoint, target: str
) -> None:
    call.announced = True
    call.left_behind = None
    legs.arrive(board, call)
    talked_s = _talked(board, call, origin)
    board.changes.append(
        CallTransferred(
            **board.head(call),
            transfer=kind,
            origin=origin,
            target=target,
            talked_s=talked_s,
        )
    )


def _talked(board: Switchboard, call: Call, origin: Endpoint) -> float | None:
    """How long the one who passes the call on had talked; on a call of their own making, since
    the other side answered."""
    answered = [leg for leg in call.legs.values() if leg.answered is not None]
    theirs = [leg for leg in answered if leg.endpoint == origin]
    since = (theirs[-1:] or answered[:1])[0].answered if answered else None
    if since is None:
        return None
    at, pbx_at = since
    if pbx_at is not None and board.pbx_at is not None:
        return round(board.pbx_at - pbx_at, 3)
    return round(board.at - at, 3)


def tell_blind_transfer(board: Switchboard, call: Call) -> None:
    if call.passing_on is not None:
        origin, target = call.passing_on
        call.passing_on = None
        transferred(board, call, TransferKind.BLIND, origin, target)


def real_end(board: Switchboard, channel: Channel) -> Channel:
    """Who sits behind a Local channel; the channel itself when it is real."""
    if channel.name.endpoint is not None:
        return channel
    reached = [c for c in board.reached_from(channel) if c.name.endpoint is not None]
    phones = [c for c in reached if c.leg is not None and c.leg.is_phone]
    return (phones or reached or [channel])[0]


def consulted(first: Call, consultation: Call, transferer: Endpoint | None) -> Leg | None:
    """The leg that takes the call over: the newest one still up that is not the transferer's."""
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
