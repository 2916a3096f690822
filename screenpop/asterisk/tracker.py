"""From AMI events to changes of calls.

Keyed by Uniqueid and Linkedid, never by channel names or by the order between channels: the
first repeat after a restart, the second differs from run to run. Facts are taken when they pass,
because the channel is gone when one would ask.
"""

from collections.abc import Callable
from typing import Any

from screenpop.asterisk import (
    closing,
    dialling,
    events,
    hangups,
    limits,
    opening,
    passing,
    queues,
    talking,
    voicemail,
)
from screenpop.asterisk.events import AmiEvent
from screenpop.asterisk.resync import apply_snapshot
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.state import Switchboard
from screenpop.calls.changes import CallChange, EndReason
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, PbxId


class CallTracker:
    """The calls of one PBX. Feed it events in the order they came; it tells what happened.

    ``is_phone`` knows from the settings which endpoints are agents' phones; all others are trunks.
    """

    def __init__(
        self,
        pbx: PbxId,
        boot: BootId,
        *,
        is_phone: Callable[[Endpoint], bool],
        most_calls: int = limits.MOST_CALLS,
        most_channels: int = limits.MOST_CHANNELS,
    ) -> None:
        self._board = Switchboard(
            pbx, boot, is_phone, most_calls=most_calls, most_channels=most_channels
        )

    @property
    def lost_sight_of(self) -> int:
        """How many calls were closed because there were too many at once."""
        return self._board.lost_sight_of

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
            if len(board.channels) > board.most_channels or len(board.calls) > board.most_calls:
                limits.make_room(board)
        return board.take_changes() if board.changes else ()

    def resync(self, snapshot: PbxSnapshot, at: float) -> tuple[CallChange, ...]:
        """Make what we believe agree with what the PBX says is up."""
        board = self._board
        board.at, board.pbx_at = at, None
        apply_snapshot(board, snapshot)
        limits.make_room(board)
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


_STEPS: dict[type, Callable[[Switchboard, Any], None]] = {
    events.Newchannel: opening.newchannel,
    events.Newstate: opening.newstate,
    events.NewCallerid: opening.caller_changed,
    events.DialBegin: dialling.dial_begin,
    events.DialState: dialling.dial_state,
    events.DialEnd: dialling.dial_end,
    events.BridgeEnter: talking.bridge_enter,
    events.BridgeLeave: talking.bridge_leave,
    events.HangupRequest: hangups.hangup_request,
    events.SoftHangupRequest: hangups.soft_hangup_request,
    events.Hangup: hangups.hangup,
    events.Hold: talking.hold,
    events.Unhold: talking.unhold,
    events.QueueCallerJoin: queues.queue_join,
    events.QueueCallerLeave: queues.queue_leave,
    events.AgentRingNoAnswer: queues.agent_ring_no_answer,
    events.BlindTransfer: passing.blind_transfer,
    events.AttendedTransfer: passing.attended_transfer,
    events.Pickup: passing.pickup,
    events.ParkedCall: passing.parked,
    events.UnParkedCall: passing.unparked,
    events.MessageWaiting: voicemail.message_waiting,
}
