"""Turns AMI events into call events.

Keyed by Uniqueid and Linkedid, never by channel names or by the order between channels: names
repeat after a restart, and the order differs from run to run. Facts are taken from the events,
because a channel may be gone before it can be queried.
"""

from collections.abc import Callable
from typing import Any

from screenpop.asterisk import ami_events, chan_spy_events, limits, voicemail
from screenpop.asterisk.ami_events import AmiEvent
from screenpop.asterisk.handlers import (
    bridge,
    call_end,
    channels,
    dial,
    hangup,
    listening,
    queue,
    transfer,
)
from screenpop.asterisk.resync import apply_snapshot
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker_state import TrackerState
from screenpop.calls.events import CallEvent
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId


class CallTracker:
    """The calls of one PBX: takes events in order and returns call events.

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
        self._board = TrackerState(
            pbx, boot, is_phone, most_calls=most_calls, most_channels=most_channels
        )

    @property
    def lost_sight_of(self) -> int:
        """Return how many calls were closed because there were too many at once."""
        return self._board.lost_sight_of

    @property
    def boot(self) -> BootId:
        return self._board.boot

    def apply(self, event: AmiEvent, at: float) -> tuple[CallEvent, ...]:
        """Apply one event and return its call events. ``at``: wall clock at arrival, seconds since
        1970."""
        state = self._board
        state.at, state.pbx_at = at, event.pbx_at
        step = _STEPS.get(type(event))
        if step is not None:
            step(state, event)
            if len(state.channels) > state.most_channels or len(state.calls) > state.most_calls:
                limits.make_room(state)
            if state.listeners:
                listening.follow_listeners(state)
        return state.take_changes() if state.changes else ()

    def resync(self, snapshot: PbxSnapshot, at: float) -> tuple[CallEvent, ...]:
        """Apply a snapshot and return the call events of the differences."""
        state = self._board
        state.at, state.pbx_at = at, None
        apply_snapshot(state, snapshot)
        limits.make_room(state)
        listening.follow_listeners(state)
        return state.take_changes()

    def shut_down(self, at: float) -> tuple[CallEvent, ...]:
        """End every call: the boot of the PBX has ended."""
        state = self._board
        state.at, state.pbx_at = at, None
        call_end.end_all_calls(state)
        return state.take_changes()


_STEPS: dict[type, Callable[[TrackerState, Any], None]] = {
    ami_events.Newchannel: channels.on_newchannel,
    ami_events.Newstate: channels.on_newstate,
    ami_events.NewCallerid: channels.on_caller_changed,
    ami_events.DialBegin: dial.on_dial_begin,
    ami_events.DialState: dial.on_dial_state,
    ami_events.DialEnd: dial.on_dial_end,
    ami_events.BridgeEnter: bridge.on_bridge_enter,
    ami_events.BridgeLeave: bridge.on_bridge_leave,
    ami_events.HangupRequest: hangup.on_hangup_request,
    ami_events.SoftHangupRequest: hangup.on_soft_hangup_request,
    ami_events.Hangup: hangup.on_hangup,
    ami_events.Hold: bridge.on_hold,
    ami_events.Unhold: bridge.on_unhold,
    ami_events.QueueCallerJoin: queue.on_queue_join,
    ami_events.QueueCallerLeave: queue.on_queue_leave,
    ami_events.AgentRingNoAnswer: queue.on_agent_ring_no_answer,
    ami_events.BlindTransfer: transfer.on_blind_transfer,
    ami_events.AttendedTransfer: transfer.on_attended_transfer,
    ami_events.Pickup: transfer.on_pickup,
    ami_events.ParkedCall: transfer.on_parked,
    ami_events.UnParkedCall: transfer.on_unparked,
    chan_spy_events.ChanSpyStart: listening.on_chan_spy_start,
    chan_spy_events.ChanSpyStop: listening.on_chan_spy_stop,
    ami_events.MessageWaiting: voicemail.message_waiting,
}
