"""Supervisors who listen to a call (``ChanSpy``, ``ExtenSpy``): no party of it, and no own call.

Which call a channel is part of can change while a phone listens to it (transfers), so the
listeners are compared with the calls after each event while there are any.
"""

from screenpop.asterisk.chan_spy_events import ChanSpyStart, ChanSpyStop
from screenpop.asterisk.tracker_state import Call, Channel, Listener, TrackerState
from screenpop.calls.events import CallEnded, CallListenerJoined, CallListenerLeft, EndReason
from screenpop.telephony.identifiers import LegId

_LISTENING_APPLICATIONS = frozenset({"ChanSpy", "ExtenSpy"})


def on_chan_spy_start(state: TrackerState, event: ChanSpyStart) -> None:
    spyer, spyee = state.channels.get(event.spyer), state.channels.get(event.spyee)
    if spyer is None or spyee is None or spyer.call is spyee.call:
        return
    before = state.listeners.get(spyer.uniqueid)
    if before is not None and before.spyee is spyee:
        return  # the event came twice
    if before is not None:
        _emit_left(state, before)
        del state.listeners[spyer.uniqueid]
    _mark_listening(spyer)
    endpoint = spyer.name.endpoint
    if endpoint is None or not state.is_phone(endpoint):
        return
    state.listeners[spyer.uniqueid] = Listener(LegId(spyer.uniqueid), endpoint, spyee)
    call = spyer.call
    if call.listens and call.arrived and spyee.call.arrived:
        # Originated: the phone rang first, and only now it is known why.
        call.arrived = False
        state.changes.append(
            CallEnded(**state.head(call), reason=EndReason.MERGED, into=spyee.call.id)
        )


def on_chan_spy_stop(state: TrackerState, event: ChanSpyStop) -> None:
    listener = state.listeners.pop(event.spyer, None)
    if listener is not None:
        _emit_left(state, listener)


def note_application(channel: Channel, application: str) -> None:
    """Handle ``Application`` of a row of a resync. To whom the phone listens is not in it."""
    if application in _LISTENING_APPLICATIONS:
        _mark_listening(channel)


def _mark_listening(channel: Channel) -> None:
    """Mark the call of a phone that listens: it ends without having been a call of its own."""
    call = channel.call
    is_alone = len(call.legs) <= (1 if call.originated else 0)
    if channel is call.origin and call.origin_is_phone and is_alone:
        call.listens = True


def follow_listeners(state: TrackerState) -> None:
    """Emit who listens to which call now, after the channels have changed."""
    for uniqueid, listener in tuple(state.listeners.items()):
        spyee = listener.spyee
        is_up = uniqueid in state.channels and spyee.uniqueid in state.channels
        call = spyee.call if is_up and spyee.call.arrived else None
        if call is not listener.call:
            _emit_left(state, listener)
            listener.call = call
            if call is not None:
                state.changes.append(
                    CallListenerJoined(
                        **state.head(call), listener=listener.id, endpoint=listener.endpoint
                    )
                )
        if not is_up:
            del state.listeners[uniqueid]


def _emit_left(state: TrackerState, listener: Listener) -> None:
    call = listener.call
    if call is not None and _is_open(state, call):
        state.changes.append(
            CallListenerLeft(**state.head(call), listener=listener.id, endpoint=listener.endpoint)
        )


def _is_open(state: TrackerState, call: Call) -> bool:
    return state.calls.get(call.id) is call
