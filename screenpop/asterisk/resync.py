"""Make what we believe agree with what the PBX says is up, after a gap and once a minute.

``CoreShowChannels`` rebuilds everything: a phone that rings is a row with state 5 and the
application ``AppDial`` or ``AppQueue``, one that talks has state 6 and a bridge; the caller's row
has the DID in ``Exten``. ``QueueStatus`` has those who wait.
"""

from screenpop.asterisk import closing, legs, voicemail
from screenpop.asterisk.channels import read_channel_name
from screenpop.asterisk.message import AmiMessage
from screenpop.asterisk.opening import DIALS_US, SHORTEST_DID, pair
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.state import Call, Channel, Switchboard
from screenpop.calls.changes import CallerShown, CallLeftQueue, CallQueued, EndReason
from screenpop.telephony.identifiers import Endpoint

_DIALLED = frozenset({"AppDial", "AppDial2", "AppQueue"})
_RINGING, _UP = 5, 6
_ABSENCES = 2


def apply_snapshot(board: Switchboard, snapshot: PbxSnapshot) -> None:
    if board.boot and snapshot.boot != board.boot:
        _close_all(board)
    board.boot = snapshot.boot
    rows = [row for row in snapshot.channels if row.get("Uniqueid")]
    dialled = {s.get("Uniqueid"): s.get("DNID") for s in snapshot.statuses}
    present = {row.get("Uniqueid") for row in rows}
    _close_gone(board, present, audit=snapshot.audit)
    known = frozenset(board.channels)
    for row in rows:
        if row.get("Uniqueid") not in known:
            _find(board, row, dialled.get(row.get("Uniqueid"), ""))
    for row in rows:
        _place(board, row)
    for row in rows:
        _see(board, row, was_known=row.get("Uniqueid") in known)
    entries = [entry for entry in snapshot.queues if entry.event == "QueueEntry"]
    for entry in entries:
        _see_waiting(board, entry)
    if not snapshot.queues:
        return
    waiting = {entry.get("Uniqueid") for entry in entries}
    for row in rows:
        if row.get("Application") == "Queue" and row.get("Uniqueid") not in waiting:
            _see_served(board, row)


def _close_all(board: Switchboard) -> None:
    """Asterisk was restarted: nothing of before is left."""
    for call in board.open_calls():
        call.moved_to = None
        closing.end(board, call, EndReason.ENDED_UNKNOWN)
    board.channels.clear()
    board.bridges.clear()


def _close_gone(board: Switchboard, present: set[str], *, audit: bool) -> None:
    """After a gap what is missing is gone. While live a channel may hang up between question and
    answer, so an audit believes it only the second time."""
    missing = [c for u, c in board.channels.items() if u not in present]
    for uniqueid in present & board.channels.keys():
        board.channels[uniqueid].absences = 0
        board.channels[uniqueid].call.confirmed_at = board.at
    over: list[Call] = []
    for channel in missing:
        channel.absences += 1
        if audit and channel.absences < _ABSENCES:
            continue
        call = channel.call
        if len(call.channels) == 1:
            over.append(call)
            _forget(board, channel)
        else:
            closing.channel_gone(board, channel, 0)
    for call in over:
        closing.end(board, call, EndReason.ENDED_UNKNOWN)


def _forget(board: Switchboard, channel: Channel) -> None:
    closing.leave_bridge(board, channel)
    board.channels.pop(channel.uniqueid, None)
    board.remember_gone(channel.uniqueid)
    channel.call.channels.pop(channel.uniqueid, None)
    if channel.leg is not None:
        legs.hang_up(board, channel.leg, 0)


def _text(row: AmiMessage, name: str) -> str:
    value = row.get(name)
    return "" if value in {"<unknown>", "s"} else value


def _find(board: Switchboard, row: AmiMessage, dialled: str) -> None:
    """A channel that came up while we did not listen."""
    uniqueid = row.get("Uniqueid")
    linkedid = row.get("Linkedid") or uniqueid
    if board.is_gone(uniqueid) or board.is_over(linkedid):
        return
    name = read_channel_name(row.get("Channel"))
    call = board.calls.get(linkedid)
    if call is None:
        call = board.open_call(linkedid)
        call.estimated = True
    exten = dialled or _first_exten(row)
    channel = Channel(uniqueid, name, linkedid, call, exten, _text(row, "CallerIDNum"))
    board.channels[uniqueid] = channel
    call.channels[uniqueid] = channel
    if name.half:
        pair(board, call, channel)
    if call.origin is None and name.endpoint and row.get("Application") not in _DIALLED:
        call.origin = channel
        _set_origin(board, call, channel, row)


def _first_exten(row: AmiMessage) -> str:
    """What was dialled, as far as the row still shows it: a dialplan has moved on to ``s`` or to
    a short extension of its own, and no DID is better than a wrong one."""
    exten = _text(row, "Exten")
    return exten if len(exten) >= SHORTEST_DID else ""


def _set_origin(board: Switchboard, call: Call, channel: Channel, row: AmiMessage) -> None:
    endpoint = channel.name.endpoint or Endpoint("")
    call.origin = channel
    call.origin_is_phone = board.is_phone(endpoint)
    if call.origin_is_phone:
        # The dialplan shows the company's number here by now.
        call.caller = CallerShown(endpoint)
    else:
        call.caller = CallerShown(channel.first_number, _text(row, "CallerIDName"))
        call.did = channel.first_exten


def _place(board: Switchboard, row: AmiMessage) -> None:
    """Put one channel into the bridge the row shows."""
    channel, bridge = board.channels.get(row.get("Uniqueid")), row.get("BridgeId")
    if channel is not None and bridge and bridge != channel.bridge:
        closing.leave_bridge(board, channel)
        channel.bridge = bridge
        board.bridges.setdefault(bridge, set()).add(channel.uniqueid)


def _is_heard(board: Switchboard, channel: Channel) -> bool:
    """A mobile that must confirm sits in a bridge with half a Local channel while nobody has taken
    the call: only who reaches a real channel talks."""
    return any(other.name.endpoint is not None for other in board.reached_from(channel))


def _see(board: Switchboard, row: AmiMessage, *, was_known: bool) -> None:
    """Bring one channel to the state the row shows. ``was_known``: by its events, so that those
    which tell more than the row are still to come."""
    channel = board.channels.get(row.get("Uniqueid"))
    if channel is None or channel.name.endpoint is None:
        return
    call = channel.call
    voicemail.note_application(channel, row.get("Application"))
    state = int(row.get("ChannelState") or 0)
    channel.state = max(channel.state, state)
    if channel is call.origin:
        call.was_up = call.was_up or state >= _UP
        if not call.origin_is_phone and (channel.state in DIALS_US or not was_known):
            legs.arrive(board, call)
        return
    if row.get("Application") not in _DIALLED:
        return
    if was_known and channel.leg is None and state < _RINGING:
        return  # its ``DialBegin`` is on the way
    if call.origin is None and not call.caller.number:
        call.caller = CallerShown(_text(row, "ConnectedLineNum"), _text(row, "ConnectedLineName"))
    leg = channel.leg or legs.ring(board, call, channel)
    if leg is None:
        return
    if state >= _RINGING:
        legs.rang(board, leg)
    if state >= _UP and (leg.is_phone or _is_heard(board, channel)):
        legs.answer(board, leg)


def _see_served(board: Switchboard, row: AmiMessage) -> None:
    """In ``Queue()`` but no longer waiting: talking to one of its members."""
    channel = board.channels.get(row.get("Uniqueid"))
    queue = row.get("ApplicationData").partition(",")[0]
    if channel is None or channel.call.was_queued or not queue or not channel.call.arrived:
        return
    call = channel.call
    call.was_queued = True
    board.changes.append(CallQueued(**board.head(call), estimated=True, queue=queue))
    board.changes.append(
        CallLeftQueue(**board.head(call), estimated=True, queue=queue, reason="answered")
    )


def _see_waiting(board: Switchboard, entry: AmiMessage) -> None:
    channel = board.channels.get(entry.get("Uniqueid"))
    if channel is None or channel.call.queue == entry.get("Queue"):
        return
    call = channel.call
    legs.arrive(board, call)
    call.queue, call.was_queued = entry.get("Queue"), True
    position = entry.get("Position")
    board.changes.append(
        CallQueued(
            **board.head(call),
            estimated=True,
            queue=call.queue,
            position=int(position) if position.isdigit() else None,
        )
    )
