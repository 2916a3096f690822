"""From AMI events to changes of calls.

Keyed by Uniqueid and Linkedid, never by channel names or by the order between channels: the
first repeat after a restart, the second differs from run to run. Facts are taken when they pass,
because the channel is gone when one would ask.
"""

from collections.abc import Callable
from typing import Any, TypedDict

from screenpop.asterisk import closing, events, joining, legs
from screenpop.asterisk.channels import read_channel_name
from screenpop.asterisk.events import AmiEvent, Shown
from screenpop.asterisk.resync import apply_snapshot
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import (
    CallChange,
    CallerChanged,
    CallerShown,
    CallHeld,
    CallLeftQueue,
    CallQueued,
    CallResumed,
    EndReason,
    TransferKind,
)
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId

RING, RINGING, UP, BUSY = 4, 5, 6, 7
"""``ChannelState``: it dials us, it rings, it is answered, it hears that nothing can be done."""


class CallTracker:
    """The calls of one PBX. Feed it events in the order they came; it tells what happened.

    ``is_phone`` knows from the settings which endpoints are agents' phones; all others are trunks.
    """

    def __init__(self, pbx: PbxId, boot: BootId, *, is_phone: Callable[[Endpoint], bool]) -> None:
        self._board = Switchboard(pbx, boot, is_phone)

    @property
    def boot(self) -> BootId:
        return self._board.boot

    @property
    def live_calls(self) -> tuple[CallId, ...]:
        """The calls that are up, oldest first, each by the id it is told with."""
        return tuple(call.id for call in self._board.open_calls())

    def apply(self, event: AmiEvent, at: float) -> tuple[CallChange, ...]:
        """What one event means. ``at``: wall clock at arrival, seconds since 1970."""
        board = self._board
        board.at, board.pbx_at = at, event.pbx_at
        step = _STEPS.get(type(event))
        if step is not None:
            step(board, event)
        return board.take_changes() if board.changes else ()

    def resync(self, snapshot: PbxSnapshot, at: float) -> tuple[CallChange, ...]:
        """Make what we believe agree with what the PBX says is up."""
        board = self._board
        board.at, board.pbx_at = at, None
        apply_snapshot(board, snapshot)
        return board.take_changes()

    def shut_down(self, at: float) -> tuple[CallChange, ...]:
        """The PBX is gone for good (its boot ended): no call survives it."""
        board = self._board
        board.at, board.pbx_at = at, None
        for call in board.open_calls():
            call.moved_to = None
            closing.end(board, call, EndReason.ENDED_UNKNOWN)
        board.channels.clear()
        board.bridges.clear()
        return board.take_changes()


def touch(board: Switchboard, shown: Shown, *, opening: bool = False) -> Channel | None:
    """The channel an event speaks of. Unknown ones are made only by events that open something;
    a channel that was already seen to its end stays ended."""
    channel = board.channels.get(shown.uniqueid)
    if channel is None:
        if not opening or board.is_gone(shown.uniqueid) or board.is_over(shown.linkedid):
            return None
        channel = _add(board, shown)
    elif shown.linkedid != channel.linkedid:
        joining.relink(board, channel, shown.linkedid)
    if shown.state > channel.state:
        channel.state = shown.state
        if channel.state == UP and channel.call.origin is channel:
            channel.call.was_up = True
    return channel


def _add(board: Switchboard, shown: Shown) -> Channel:
    call = board.calls.get(shown.linkedid) or board.open_call(shown.linkedid)
    name = read_channel_name(shown.name)
    channel = Channel(
        shown.uniqueid, name, shown.linkedid, call, shown.exten, shown.number, shown.state
    )
    board.channels[shown.uniqueid] = channel
    call.channels[shown.uniqueid] = channel
    if name.half:
        _pair(board, call, channel)
    if call.origin is None and name.endpoint is not None and shown.uniqueid == shown.linkedid:
        _set_origin(board, call, channel, shown)
    return channel


def _pair(board: Switchboard, call: Call, channel: Channel) -> None:
    other = board.halves.pop(channel.name.pair, None)
    if other is None or other not in board.channels:
        board.halves[channel.name.pair] = channel.uniqueid
    else:
        call.partners[channel.uniqueid] = other
        call.partners[other] = channel.uniqueid


def _set_origin(board: Switchboard, call: Call, channel: Channel, shown: Shown) -> None:
    endpoint = channel.name.endpoint
    call.origin = channel
    call.origin_is_phone = endpoint is not None and board.is_phone(endpoint)
    call.caller = CallerShown(shown.number, shown.caller_name, shown.withheld)
    call.was_up = channel.state == UP
    if not call.origin_is_phone and channel.first_exten not in {"", "s"}:
        call.did = channel.first_exten


# -- opening ---------------------------------------------------------------------------------


def _newchannel(board: Switchboard, event: events.Newchannel) -> None:
    channel = touch(board, event.channel, opening=True)
    if channel is not None:
        _arrive_from_outside(board, channel)


def _arrive_from_outside(board: Switchboard, channel: Channel) -> None:
    """A trunk's channel that dials us is a call, whatever the dialplan does with it."""
    call = channel.call
    if call.origin is channel and not call.origin_is_phone and channel.state >= RING:
        legs.arrive(board, call)


def _newstate(board: Switchboard, event: events.Newstate) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    if channel.leg is not None and event.channel.state == RINGING:
        legs.rang(board, channel.leg)
    if channel.leg is None:
        _arrive_from_outside(board, channel)


def _caller_changed(board: Switchboard, event: events.NewCallerid) -> None:
    """The dialplan put a name before the caller, or found the number that was missing."""
    channel = touch(board, event.channel)
    if channel is None or channel.call.origin is not channel:
        return
    call = channel.call
    if call.origin_is_phone or call.answered:
        return
    old, shown = call.caller, event.channel
    new = CallerShown(
        old.number or shown.number, shown.caller_name or old.name, old.withheld or shown.withheld
    )
    if new != old:
        call.caller = new
        if call.arrived:
            board.changes.append(CallerChanged(**board.head(call), caller=new))


def _connected_line(board: Switchboard, event: events.NewConnectedLine) -> None:
    touch(board, event.channel)


# -- dialling --------------------------------------------------------------------------------


def _dial_begin(board: Switchboard, event: events.DialBegin) -> None:
    source = touch(board, event.channel, opening=True) if event.channel is not None else None
    if event.channel is not None and source is None:
        return
    dest = touch(board, event.dest, opening=True)
    if dest is None or dest.call.moved_to is not None:
        return
    if source is None or event.channel is None:
        _originated(board, dest, event.dest)
        return
    call = source.call
    joining.tell_blind_transfer(board, call)
    _open_by_dialling(board, call, source, event.channel)
    call.dialled_by.setdefault(source.uniqueid, []).append(dest.uniqueid)
    if dest.call is not call:
        joining.move(board, dest, call)
    if dest.name.endpoint is not None:
        if call.originated and call.origin is None and board.is_phone(dest.name.endpoint):
            _originated_by(call, dest)
        _redirected(board, call, source, dest.name.endpoint)
        legs.ring(board, call, dest)


def _originated(board: Switchboard, dest: Channel, shown: Shown) -> None:
    call = dest.call
    if dest.leg is not None or call.arrived:
        return
    call.originated = True
    call.called = shown.connected or (shown.exten if shown.exten != "s" else "")
    if dest.name.endpoint is not None:
        _originated_by(call, dest)
        legs.ring(board, call, dest)


def _originated_by(call: Call, agent: Channel) -> None:
    """Click-to-call rings the agent's own phone first: whose phone it is, makes the call."""
    call.origin = agent
    call.origin_is_phone = True
    call.caller = CallerShown(agent.first_number or agent.name.endpoint or "")


def _open_by_dialling(board: Switchboard, call: Call, source: Channel, shown: Shown) -> None:
    """Where the opening was not seen, the first dialling tells who calls."""
    if call.origin is None and source.leg is None:
        if source.name.endpoint is not None:
            _set_origin(board, call, source, shown)
        elif not call.caller.number and not call.originated:
            call.caller = CallerShown(shown.number, shown.caller_name, shown.withheld)
    if call.origin is source and shown.withheld and not call.caller.withheld:
        call.caller = CallerShown(call.caller.number, call.caller.name, withheld=True)


def _redirected(board: Switchboard, call: Call, source: Channel, target: Endpoint) -> None:
    """The caller was taken out of a talk and sent elsewhere without a transfer event."""
    left = call.left_behind
    call.left_behind = None
    if left is None or call.announced or left.asked_to_hang_up or call.origin is not source:
        return
    joining.transferred(board, call, TransferKind.REDIRECT, left.endpoint, target)


def _dial_state(board: Switchboard, event: events.DialState) -> None:
    channel = touch(board, event.dest)
    if channel is not None and channel.leg is not None and event.status in {"RINGING", "PROGRESS"}:
        legs.rang(board, channel.leg)


def _dial_end(board: Switchboard, event: events.DialEnd) -> None:
    dest = touch(board, event.dest)
    call = dest.call if dest is not None else board.calls.get(event.dest.linkedid)
    if call is None:
        return
    if event.status == "NOANSWER":
        for leg in call.below(event.dest.uniqueid):
            legs.unanswered(leg)
    if dest is None or dest.leg is None:
        return
    leg = dest.leg
    if event.forward:
        leg.forward = event.forward
        call.forwarded_from = leg.endpoint
    if leg.dial_status in {"", "CANCEL"}:
        leg.dial_status = event.status
    if event.status == "ANSWER":
        if leg.is_phone:
            legs.answer(board, leg)
    elif leg.waiting:
        legs.refused(board, leg)


# -- talking ---------------------------------------------------------------------------------


def _bridge_enter(board: Switchboard, event: events.BridgeEnter) -> None:
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


def _bridge_leave(board: Switchboard, event: events.BridgeLeave) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    call = channel.call
    if channel is call.origin and not call.caller_left and not call.announced:
        stayed = [board.channels.get(u) for u in board.bridges.get(event.bridge, ())]
        others = [c.leg for c in stayed if c is not None and c.leg is not None and c.leg.talking]
        call.left_behind = others[0] if others else None
    closing.leave_bridge(board, channel)


def _hold(board: Switchboard, event: events.Hold) -> None:
    channel = touch(board, event.channel)
    if channel is not None and not channel.held and _holds(board, channel):
        channel.held = True
        board.changes.append(CallHeld(**board.head(channel.call), **_held_by(channel)))


def _unhold(board: Switchboard, event: events.Unhold) -> None:
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


# -- ending ----------------------------------------------------------------------------------


def _hangup_request(board: Switchboard, event: events.HangupRequest) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        return
    leg = channel.leg
    if leg is not None:
        leg.asked_to_hang_up = True
        if leg.waiting and leg.asked_cause is None:
            leg.asked_cause = event.cause
    if channel is channel.call.origin and not channel.passed_on:
        if channel.state == BUSY:
            # We told the caller "busy" or "congestion"; that they hang up is only the answer.
            channel.call.refused_with = event.cause
        else:
            _caller_left(channel.call)


def _caller_left(call: Call) -> None:
    call.caller_left = True
    if not call.answered:
        waiting = [leg for leg in call.legs.values() if leg.waiting]
        call.gave_up = bool(waiting or call.queue or not (call.legs or call.was_queued))


def _soft_hangup_request(board: Switchboard, event: events.SoftHangupRequest) -> None:
    channel = touch(board, event.channel)
    if channel is not None and channel is channel.call.origin:
        channel.call.told_to_end = True


def _hangup(board: Switchboard, event: events.Hangup) -> None:
    channel = touch(board, event.channel)
    if channel is None:
        board.remember_gone(event.channel.uniqueid)
        return
    if not channel.passed_on:
        joining.tell_blind_transfer(board, channel.call)
    closing.channel_gone(board, channel, event.cause)


# -- queues ----------------------------------------------------------------------------------


def _queue_join(board: Switchboard, event: events.QueueCallerJoin) -> None:
    channel = touch(board, event.channel, opening=True)
    if channel is None:
        return
    call = channel.call
    if call.origin is None and channel.leg is None and channel.name.endpoint is not None:
        _set_origin(board, call, channel, event.channel)
    if call.queue == event.queue:
        return
    legs.arrive(board, call)
    joining.tell_blind_transfer(board, call)
    call.queue, call.was_queued = event.queue, True
    board.changes.append(CallQueued(**board.head(call), queue=event.queue, position=event.position))


def _queue_leave(board: Switchboard, event: events.QueueCallerLeave) -> None:
    channel = touch(board, event.channel)
    if channel is None or channel.call.queue != event.queue:
        return
    call = channel.call
    call.queue = ""
    answered = any(leg.dial_status == "ANSWER" or leg.talking for leg in call.legs.values())
    reason = "answered" if answered else "abandoned" if call.caller_left else "timeout"
    board.changes.append(CallLeftQueue(**board.head(call), queue=event.queue, reason=reason))


def _agent_ring_no_answer(board: Switchboard, event: events.AgentRingNoAnswer) -> None:
    call = board.calls.get(event.channel.linkedid)
    if call is not None:
        for leg in call.below(event.dest.uniqueid):
            legs.unanswered(leg)


# -- passing on ------------------------------------------------------------------------------


def _blind_transfer(board: Switchboard, event: events.BlindTransfer) -> None:
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


def _attended_transfer(board: Switchboard, event: events.AttendedTransfer) -> None:
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
    target = taker.endpoint if taker is not None else joins.called
    joining.transferred(board, lives, TransferKind.ATTENDED, origin, target)
    if joins is not lives:
        joining.merge(board, joins, lives)


def _pickup(board: Switchboard, event: events.Pickup) -> None:
    target = touch(board, event.target)
    picker = touch(board, event.channel)
    if target is None or picker is None:
        return
    if picker.call is not target.call:
        joining.merge(board, picker.call, target.call)
    joining.adopt(board, picker, target.call)


def _parked(board: Switchboard, event: events.ParkedCall) -> None:
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


def _unparked(board: Switchboard, event: events.UnParkedCall) -> None:
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


def _rename(board: Switchboard, event: events.Rename) -> None:
    """Names change when channels are swapped; who a channel is stays with its Uniqueid."""


_STEPS: dict[type, Callable[[Switchboard, Any], None]] = {
    events.Newchannel: _newchannel,
    events.Newstate: _newstate,
    events.NewCallerid: _caller_changed,
    events.NewConnectedLine: _connected_line,
    events.DialBegin: _dial_begin,
    events.DialState: _dial_state,
    events.DialEnd: _dial_end,
    events.BridgeEnter: _bridge_enter,
    events.BridgeLeave: _bridge_leave,
    events.HangupRequest: _hangup_request,
    events.SoftHangupRequest: _soft_hangup_request,
    events.Hangup: _hangup,
    events.Hold: _hold,
    events.Unhold: _unhold,
    events.QueueCallerJoin: _queue_join,
    events.QueueCallerLeave: _queue_leave,
    events.AgentRingNoAnswer: _agent_ring_no_answer,
    events.BlindTransfer: _blind_transfer,
    events.AttendedTransfer: _attended_transfer,
    events.Pickup: _pickup,
    events.ParkedCall: _parked,
    events.UnParkedCall: _unparked,
    events.Rename: _rename,
}
