"""Applies a snapshot of the PBX to the tracker's state, after a gap and as an audit once a minute.

``CoreShowChannels`` rebuilds everything: a ringing phone is a row with state 5 and the application
``AppDial`` or ``AppQueue``, a talking one has state 6 and a bridge; the caller's row has the DID in
``Exten``. ``QueueStatus`` lists the waiting callers.
"""

from screenpop.asterisk import voicemail
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.channel_name import read_channel_name
from screenpop.asterisk.handlers import call_end, legs, listening
from screenpop.asterisk.handlers.channels import DIALS_US, MIN_DID_LENGTH, pair_local_halves
from screenpop.asterisk.snapshot import DIALLED_APPLICATIONS, PbxSnapshot
from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.calls.events import CallerInfo, CallLeftQueue, CallQueued, EndReason
from screenpop.telephony.identifiers import Endpoint

_RINGING, _UP = 5, 6
_ABSENCES_BEFORE_CLOSE = 2


def apply_snapshot(state: TrackerState, snapshot: PbxSnapshot) -> None:
    if state.boot and snapshot.boot != state.boot:
        call_end.end_all_calls(state)
    state.boot = snapshot.boot
    rows = [row for row in snapshot.channels if row.get("Uniqueid")]
    dialled = {s.get("Uniqueid"): s.get("DNID") for s in snapshot.statuses}
    present = {row.get("Uniqueid") for row in rows}
    _close_gone(state, present, audit=snapshot.audit)
    known = frozenset(state.channels)
    for row in rows:
        if row.get("Uniqueid") not in known:
            _open_unseen_channel(state, row, dialled.get(row.get("Uniqueid"), ""))
    for row in rows:
        _place_in_bridge(state, row)
    for row in rows:
        _apply_channel_row(state, row, was_known=row.get("Uniqueid") in known)
    entries = [entry for entry in snapshot.queues if entry.event == "QueueEntry"]
    for entry in entries:
        _apply_queue_entry(state, entry)
    if not snapshot.queues:
        return
    waiting = {entry.get("Uniqueid") for entry in entries}
    for row in rows:
        if row.get("Application") == "Queue" and row.get("Uniqueid") not in waiting:
            _apply_served_row(state, row)


def _close_gone(state: TrackerState, present: set[str], *, audit: bool) -> None:
    """Close the channels that the snapshot lacks.

    After a gap they are gone. In an audit a channel may have hung up between question and answer,
    so it is closed only when missing from two audits in a row.
    """
    missing = [c for u, c in state.channels.items() if u not in present]
    for uniqueid in present & state.channels.keys():
        state.channels[uniqueid].absences = 0
        state.channels[uniqueid].call.confirmed_at = state.at
    over: list[Call] = []
    for channel in missing:
        channel.absences += 1
        if audit and channel.absences < _ABSENCES_BEFORE_CLOSE:
            continue
        call = channel.call
        if len(call.channels) == 1:
            over.append(call)
            _drop_channel(state, channel)
        else:
            call_end.close_channel(state, channel, 0)
    for call in over:
        call_end.end_call(state, call, EndReason.ENDED_UNKNOWN)


def _drop_channel(state: TrackerState, channel: Channel) -> None:
    call_end.leave_bridge(state, channel)
    state.channels.pop(channel.uniqueid, None)
    state.remember_gone(channel.uniqueid)
    channel.call.channels.pop(channel.uniqueid, None)
    if channel.leg is not None:
        legs.hang_up_leg(state, channel.leg, 0)


def _text(row: AmiMessage, name: str) -> str:
    value = row.get(name)
    return "" if value in {"<unknown>", "s"} else value


def _open_unseen_channel(state: TrackerState, row: AmiMessage, dialled: str) -> None:
    """Add a channel that came up while the link was down."""
    uniqueid = row.get("Uniqueid")
    linkedid = row.get("Linkedid") or uniqueid
    if state.is_gone(uniqueid) or state.is_over(linkedid):
        return
    name = read_channel_name(row.get("Channel"))
    call = state.calls.get(linkedid)
    if call is None:
        call = state.open_call(linkedid)
        call.estimated = True
    exten = dialled or _first_exten(row)
    channel = Channel(uniqueid, name, linkedid, call, exten, _text(row, "CallerIDNum"))
    state.channels[uniqueid] = channel
    call.channels[uniqueid] = channel
    if name.half:
        pair_local_halves(state, call, channel)
    if call.origin is None and name.endpoint and row.get("Application") not in DIALLED_APPLICATIONS:
        call.origin = channel
        _set_origin(state, call, channel, row)


def _first_exten(row: AmiMessage) -> str:
    """Return the dialled extension as far as the row still has it.

    A dialplan has moved on to ``s`` or to a short extension of its own, and no DID is better than a
    wrong one.
    """
    exten = _text(row, "Exten")
    return exten if len(exten) >= MIN_DID_LENGTH else ""


def _set_origin(state: TrackerState, call: Call, channel: Channel, row: AmiMessage) -> None:
    endpoint = channel.name.endpoint or Endpoint("")
    call.origin = channel
    call.origin_is_phone = state.is_phone(endpoint)
    if call.origin_is_phone:
        # The dialplan has replaced the number by the company's own.
        call.caller = CallerInfo(endpoint)
    else:
        call.caller = CallerInfo(channel.first_number, _text(row, "CallerIDName"))
        call.did = channel.first_exten


def _place_in_bridge(state: TrackerState, row: AmiMessage) -> None:
    """Put a channel into the bridge of its row."""
    channel, bridge = state.channels.get(row.get("Uniqueid")), row.get("BridgeId")
    if channel is not None and bridge and bridge != channel.bridge:
        call_end.leave_bridge(state, channel)
        channel.bridge = bridge
        state.bridges.setdefault(bridge, set()).add(channel.uniqueid)


def _is_bridged_to_real_channel(state: TrackerState, channel: Channel) -> bool:
    """Return whether a bridge connects the channel to a real channel.

    A mobile that must confirm is in a bridge with half a Local channel before the call is taken.
    """
    return any(other.name.endpoint is not None for other in state.reached_from(channel))


def _apply_channel_row(state: TrackerState, row: AmiMessage, *, was_known: bool) -> None:
    """Bring a channel to the state of its row.

    ``was_known``: known from events, so that events with more details than the row will follow.
    """
    channel = state.channels.get(row.get("Uniqueid"))
    if channel is None or channel.name.endpoint is None:
        return
    call = channel.call
    voicemail.note_application(channel, row.get("Application"))
    channel_state = int(row.get("ChannelState") or 0)
    channel.state = max(channel.state, channel_state)
    listening.note_application(channel, row.get("Application"))
    if channel is call.origin:
        call.was_up = call.was_up or channel_state >= _UP
        if not call.origin_is_phone and (channel.state in DIALS_US or not was_known):
            legs.emit_call_arrived(state, call)
        return
    if row.get("Application") not in DIALLED_APPLICATIONS:
        return
    if was_known and channel.leg is None and channel_state < _RINGING:
        return  # its ``DialBegin`` is on the way
    if call.origin is None and not call.caller.number:
        call.caller = CallerInfo(_text(row, "ConnectedLineNum"), _text(row, "ConnectedLineName"))
    leg = channel.leg or legs.start_leg(state, call, channel)
    if leg is None:
        return
    if channel_state >= _RINGING:
        legs.emit_leg_rang(state, leg)
    if channel_state >= _UP and (leg.is_phone or _is_bridged_to_real_channel(state, channel)):
        legs.answer_leg(state, leg)


def _apply_served_row(state: TrackerState, row: AmiMessage) -> None:
    """Mark the channel as served: in ``Queue()``, no longer waiting, so talking to a member."""
    channel = state.channels.get(row.get("Uniqueid"))
    queue = row.get("ApplicationData").partition(",")[0]
    if channel is None or channel.call.was_queued or not queue or not channel.call.arrived:
        return
    call = channel.call
    call.was_queued = True
    state.changes.append(CallQueued(**state.head(call), estimated=True, queue=queue))
    state.changes.append(
        CallLeftQueue(**state.head(call), estimated=True, queue=queue, reason="answered")
    )


def _apply_queue_entry(state: TrackerState, entry: AmiMessage) -> None:
    channel = state.channels.get(entry.get("Uniqueid"))
    if channel is None or channel.call.queue == entry.get("Queue"):
        return
    call = channel.call
    legs.emit_call_arrived(state, call)
    call.queue, call.was_queued = entry.get("Queue"), True
    position = entry.get("Position")
    state.changes.append(
        CallQueued(
            **state.head(call),
            estimated=True,
            queue=call.queue,
            position=int(position) if position.isdigit() else None,
        )
    )
