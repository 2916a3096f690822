"""What the rows of a snapshot mean for a call, each by the call that it decides."""

import pytest

from screenpop.asterisk.ami_events import (
    EventChannel,
    Newchannel,
    QueueCallerJoin,
    QueueCallerLeave,
)
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    CallLeftQueue,
    CallQueued,
    Direction,
    LegAnswered,
    LegRang,
    LegRinging,
)
from screenpop.telephony.identifiers import BootId, PbxId

BOOT = BootId("b")
TRUNK = {
    "Event": "CoreShowChannel",
    "Uniqueid": "1.1",
    "Linkedid": "1.1",
    "Channel": "PJSIP/line-00000001",
    "ChannelState": "4",
    "CallerIDNum": "09123456789",
    "Exten": "02191000101",
}
PHONE = {
    "Event": "CoreShowChannel",
    "Uniqueid": "1.2",
    "Linkedid": "1.1",
    "ChannelState": "5",
    "Channel": "PJSIP/101-00000002",
    "Application": "AppDial",
}
OWN = {**PHONE, "Uniqueid": "1.1", "ChannelState": "6", "Application": "Queue"}
ENTRY = {"Event": "QueueEntry", "Queue": "support", "Uniqueid": "1.1", "Position": "2"}


def new_tracker() -> CallTracker:
    return CallTracker(PbxId("p"), BOOT, is_phone=lambda endpoint: str(endpoint) == "101")


def snapshot(
    *rows: dict[str, str], entries: tuple[dict[str, str], ...] = (), audit: bool = False
) -> PbxSnapshot:
    channels, queues = (tuple(map(AmiMessage, some)) for some in (rows, entries))
    return PbxSnapshot(BOOT, channels, queues, audit=audit)


def changes_of(*rows: dict[str, str], entries: tuple[dict[str, str], ...] = ()) -> list[CallEvent]:
    return list(new_tracker().resync(snapshot(*rows, entries=entries), 0.0))


def test_a_colleague_waiting_in_a_queue_has_an_internal_call() -> None:
    arrived, queued = changes_of(OWN, entries=(ENTRY,))
    assert isinstance(arrived, CallArrived)
    assert isinstance(queued, CallQueued)
    assert (arrived.direction, arrived.caller.number) == (Direction.INTERNAL, "101")
    assert (queued.queue, queued.position) == ("support", 2)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (4, {CallArrived, LegRinging}),
        (5, {CallArrived, LegRinging, LegRang}),
        (6, {CallArrived, LegRinging, LegRang, LegAnswered}),
    ],
)
def test_a_dialled_phone_rings_from_state_five_and_talks_from_state_six(
    state: int, kinds: set[type]
) -> None:
    changes = changes_of(TRUNK, {**PHONE, "ChannelState": str(state)})
    assert {type(one) for one in changes} == kinds


@pytest.mark.parametrize(("audits", "is_over"), [(1, False), (2, True)])
def test_a_call_is_over_when_two_audits_in_a_row_miss_it(audits: int, is_over: bool) -> None:
    tracker = new_tracker()
    tracker.resync(snapshot(TRUNK), 0.0)
    tracker.resync(snapshot(audit=True), 60.0)
    tracker.resync(snapshot(TRUNK, audit=True), 120.0)
    changes = [one for _ in range(audits) for one in tracker.resync(snapshot(audit=True), 180.0)]
    assert any(isinstance(one, CallEnded) for one in changes) is is_over


def test_a_call_that_a_resync_after_a_gap_misses_is_over_at_once() -> None:
    tracker = new_tracker()
    tracker.resync(snapshot(TRUNK), 0.0)
    [ended] = tracker.resync(snapshot(), 60.0)
    assert isinstance(ended, CallEnded)


def test_a_call_that_was_seen_in_its_queue_is_not_queued_again_by_a_resync() -> None:
    tracker = new_tracker()
    caller = EventChannel("PJSIP/line-00000001", "1.1", "1.1", 4, "09123456789", exten="0219100")
    tracker.apply(Newchannel(None, caller), 0.0)
    tracker.apply(QueueCallerJoin(None, caller, "support", 1), 0.0)
    tracker.apply(QueueCallerLeave(None, caller, "support"), 1.0)
    served = {**TRUNK, "Application": "Queue", "ApplicationData": "support,t"}
    params = {"Event": "QueueParams", "Queue": "support"}
    assert not tracker.resync(snapshot(served, entries=(params,)), 2.0)
    unseen = [type(one) for one in changes_of(served, entries=(params,))]
    assert unseen == [CallArrived, CallQueued, CallLeftQueue]


def test_a_queue_without_a_name_has_served_no_call() -> None:
    nameless = {**TRUNK, "Application": "Queue", "ApplicationData": ""}
    params = {"Event": "QueueParams", "Queue": "support"}
    assert [type(one) for one in changes_of(nameless, entries=(params,))] == [CallArrived]
