"""Channels that never end cannot fill the memory."""

import pytest

from screenpop.asterisk.ami_events import AmiEvent, EventChannel, Hangup, Newchannel, Newstate
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.limits import MOST_CALLS, MOST_CHANNELS
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import CallArrived, CallEnded, CallEvent, Disposition, EndReason
from screenpop.telephony.identifiers import BootId, PbxId
from tests.asterisk.trackers import live_calls

LIMIT = 10


def tracker(**limits: int) -> CallTracker:
    return CallTracker(
        PbxId("p"), BootId("b"), is_phone=lambda endpoint: endpoint == "101", **limits
    )


def channel_of(number: int, state: int = 4, *, linkedid: str = "") -> EventChannel:
    uniqueid = f"1.{number}"
    return EventChannel(
        f"PJSIP/line-{number:08x}", uniqueid, linkedid or uniqueid, state, f"0912{number}"
    )


def arrives(number: int, *, linkedid: str = "") -> Newchannel:
    return Newchannel(None, channel_of(number, linkedid=linkedid))


def feed(calls: CallTracker, *events: AmiEvent, at: float = 0.0) -> list[CallEvent]:
    return [change for event in events for change in calls.apply(event, at)]


def lost(changes: list[CallEvent]) -> list[str]:
    return [
        change.call
        for change in changes
        if isinstance(change, CallEnded) and change.reason is EndReason.ENDED_UNKNOWN
    ]


def test_as_many_calls_as_the_limit_stay_live() -> None:
    calls = tracker(most_calls=LIMIT)
    changes = [c for n in range(LIMIT) for c in feed(calls, arrives(n), at=float(n))]
    assert lost(changes) == []
    assert (len(live_calls(calls)), calls.lost_sight_of) == (LIMIT, 0)


def test_one_call_above_the_limit_closes_the_oldest_as_lost_sight_of() -> None:
    calls = tracker(most_calls=LIMIT)
    changes = [c for n in range(LIMIT + 1) for c in feed(calls, arrives(n), at=float(n))]
    assert lost(changes) == ["1.0"]
    (end,) = [c for c in changes if isinstance(c, CallEnded)]
    assert (end.disposition, end.estimated) == (Disposition.FAILED, True)
    assert (len(live_calls(calls)), calls.lost_sight_of) == (LIMIT, 1)
    assert live_calls(calls)[-1] == f"1.{LIMIT}"


def test_a_call_that_an_event_confirms_is_not_the_oldest() -> None:
    calls = tracker(most_calls=LIMIT)
    for number in range(LIMIT):
        feed(calls, arrives(number), at=float(number))
    feed(calls, Newstate(None, channel_of(0, 6)), at=50.0)
    assert lost(feed(calls, arrives(99), at=60.0)) == ["1.1"]


def test_a_call_that_the_pbx_lists_is_not_the_oldest() -> None:
    calls = tracker(most_calls=LIMIT)
    for number in range(LIMIT):
        feed(calls, arrives(number), at=float(number))
    row = {"Event": "CoreShowChannel", "Channel": "PJSIP/line-00000000", "Uniqueid": "1.0"}
    row |= {"Linkedid": "1.0", "ChannelState": "4"}
    calls.resync(PbxSnapshot(BootId("b"), (AmiMessage(row),), (), audit=True), 50.0)
    assert lost(feed(calls, arrives(99), at=60.0)) == ["1.1"]


def test_what_still_comes_of_a_call_that_was_closed_is_left_out() -> None:
    calls = tracker(most_calls=LIMIT)
    for number in range(LIMIT + 1):
        feed(calls, arrives(number), at=float(number))
    late = feed(
        calls, Newstate(None, channel_of(0, 6)), Hangup(None, channel_of(0, 6), 16), at=99.0
    )
    assert late == []
    assert len(live_calls(calls)) == LIMIT


def test_one_call_with_too_many_channels_is_closed_too() -> None:
    calls = tracker(most_channels=LIMIT)
    changes = feed(calls, *(arrives(n, linkedid="1.0") for n in range(LIMIT)))
    assert lost(changes) == []
    assert lost(feed(calls, arrives(LIMIT, linkedid="1.0"))) == ["1.0"]
    assert live_calls(calls) == ()
    assert [c for c in feed(calls, arrives(0)) if isinstance(c, CallArrived)] == []


@pytest.mark.parametrize("of_one_call", [False, True])
def test_forty_thousand_channels_that_never_end_stay_within_the_limits(
    of_one_call: bool,
) -> None:
    calls = tracker()
    ended = arrived = 0
    for number in range(40_000):
        linkedid = f"1.{number - number % 50}" if of_one_call else ""
        for change in feed(calls, arrives(number, linkedid=linkedid), at=float(number)):
            arrived += isinstance(change, CallArrived)
            ended += isinstance(change, CallEnded)
    live = len(live_calls(calls))
    assert live <= MOST_CALLS
    assert live * (50 if of_one_call else 1) <= MOST_CHANNELS + 50
    assert arrived - ended == live
    assert calls.lost_sight_of == ended
