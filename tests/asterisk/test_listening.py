"""A phone that listens to a call (``ChanSpy``): no leg, no call of its own, and who hears whom."""

from collections.abc import Iterable

import pytest

from screenpop.asterisk.ami_events import (
    AmiEvent,
    BridgeEnter,
    DialBegin,
    EventChannel,
    Hangup,
    Malformed,
    Newchannel,
    Newstate,
    decode,
)
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.chan_spy_events import ChanSpyStart, ChanSpyStop
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    CallListenerJoined,
    CallListenerLeft,
)
from screenpop.telephony.identifiers import BootId, PbxId
from tests.asterisk.recordings import SCENARIOS, events_of, phones_of

CALLER, AGENT, SPY = "1.0", "1.1", "2.0"
START, STOP = ChanSpyStart(None, SPY, AGENT), ChanSpyStop(None, SPY)


def channel(name: str, uniqueid: str, linkedid: str = "", state: int = 6) -> EventChannel:
    return EventChannel(f"PJSIP/{name}-0000000a", uniqueid, linkedid or uniqueid, state, name)


TRUNK, PHONE = channel("trunk", CALLER, state=4), channel("101", AGENT, CALLER)
SUPERVISOR = channel("103", SPY)
TALK: tuple[AmiEvent, ...] = (
    Newchannel(None, TRUNK),
    DialBegin(None, TRUNK, PHONE),
    BridgeEnter(None, PHONE, "b", "basic"),
    BridgeEnter(None, channel("trunk", CALLER), "b", "basic"),
)
DIALS_IN: tuple[AmiEvent, ...] = (
    Newchannel(None, channel("103", SPY, state=4)),
    Newstate(None, SUPERVISOR),
)


def tracker() -> CallTracker:
    return CallTracker(PbxId("office"), BootId("1"), is_phone=lambda one: one.startswith("1"))


def apply(tracker: CallTracker, *events: AmiEvent) -> list[CallEvent]:
    return [change for event in events for change in tracker.apply(event, 0.0)]


def listeners(changes: Iterable[CallEvent]) -> list[tuple[str, str, str]]:
    return [
        (type(one).__name__, str(one.call), str(one.endpoint))
        for one in changes
        if isinstance(one, CallListenerJoined | CallListenerLeft)
    ]


JOINED = ("CallListenerJoined", CALLER, "103")
LEFT = ("CallListenerLeft", CALLER, "103")


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize(
    ("name", "agent"),
    [("listened_in", "101"), ("listened_in_to_the_end", "102"), ("listened_in_by_click", "101")],
)
def test_recorded_listening_is_of_the_customers_call_and_no_call_of_its_own(
    version: str, name: str, agent: str
) -> None:
    path = SCENARIOS / "lab" / version / f"{name}.ami"
    one = CallTracker(PbxId("office"), BootId("1"), is_phone=phones_of(path).__contains__)
    changes = apply(one, *events_of(path))
    [customer] = {change.call for change in changes if getattr(change, "endpoint", "") == agent}
    assert listeners(changes) == [
        ("CallListenerJoined", customer, "103"),
        ("CallListenerLeft", customer, "103"),
    ]
    ended = {change.call: change.into for change in changes if isinstance(change, CallEnded)}
    # A panel rings the phone first: only then is there a call, which becomes part of the other.
    assert set(ended.values()) == ({None, customer} if name.endswith("click") else {None})


def test_listening_ends_with_its_own_event_hangup_of_either_side_or_the_call() -> None:
    endings: dict[str, tuple[AmiEvent, ...]] = {
        "stop": (STOP,),
        "supervisor hangs up without a stop": (Hangup(None, SUPERVISOR, 16),),
        "agent's channel is gone": (Hangup(None, PHONE, 16),),
    }
    for name, events in endings.items():
        one = tracker()
        apply(one, *TALK, *DIALS_IN)
        assert listeners(apply(one, START)) == [JOINED], name
        assert listeners(apply(one, *events)) == [LEFT], name
        assert listeners(apply(one, STOP, Hangup(None, SUPERVISOR, 16))) == [], name
    one = tracker()
    apply(one, *TALK, *DIALS_IN, START)
    over = apply(one, Hangup(None, PHONE, 16), Hangup(None, TRUNK, 16))
    assert listeners(over) == [LEFT]
    assert [type(change) for change in over][-1] is CallEnded


def test_phone_that_listened_logs_no_call_but_one_that_only_dialled_does() -> None:
    listened, dialled = tracker(), tracker()
    apply(listened, *TALK, *DIALS_IN, START, STOP)
    apply(dialled, *TALK, *DIALS_IN)
    hangup = Hangup(None, SUPERVISOR, 16)
    assert apply(listened, hangup) == []
    assert [type(one) for one in apply(dialled, hangup)] == [CallArrived, CallEnded]


def test_phone_that_goes_on_to_a_colleague_after_listening_makes_a_call() -> None:
    one = tracker()
    apply(one, *TALK, *DIALS_IN, START, STOP)
    called = apply(one, DialBegin(None, SUPERVISOR, channel("102", "2.1", SPY, 5)))
    assert isinstance(called[0], CallArrived)


def test_phone_that_turns_to_the_next_call_leaves_the_first() -> None:
    one = tracker()
    apply(one, *TALK, *DIALS_IN, START)
    second, taker = channel("trunk", "3.0", state=4), channel("102", "3.1", "3.0")
    apply(one, Newchannel(None, second), DialBegin(None, second, taker))
    turned = apply(one, ChanSpyStart(None, SPY, "3.1"))
    assert listeners(turned) == [LEFT, ("CallListenerJoined", "3.0", "103")]


def test_listening_before_the_call_arrives_begins_with_it() -> None:
    one = tracker()
    apply(one, Newchannel(None, channel("101", AGENT, state=4)), *DIALS_IN)
    assert listeners(apply(one, START)) == []
    out = apply(one, DialBegin(None, channel("101", AGENT), channel("trunk", "1.2", AGENT, 5)))
    assert listeners(out) == [("CallListenerJoined", AGENT, "103")]


def test_listening_moves_with_a_call_that_becomes_part_of_another() -> None:
    one = tracker()
    apply(one, *TALK, *DIALS_IN)
    consulting = channel("101", "4.0", state=4)
    colleague = channel("102", "4.1", "4.0")
    apply(one, Newchannel(None, consulting), DialBegin(None, consulting, colleague))
    apply(one, Newstate(None, colleague))
    assert listeners(apply(one, ChanSpyStart(None, SPY, "4.1"))) == [
        ("CallListenerJoined", "4.0", "103")
    ]
    moved = apply(one, BridgeEnter(None, channel("102", "4.1", CALLER), "b", "basic"))
    assert listeners(moved)[-1] == JOINED


def test_phones_outside_unknown_channels_and_oneself_are_no_listeners() -> None:
    one = tracker()
    apply(one, *TALK, *DIALS_IN, Newchannel(None, channel("mobile", "5.0", state=4)))
    for spyer, spyee in (("5.0", AGENT), ("9.9", AGENT), (SPY, "9.9"), (SPY, SPY), (AGENT, CALLER)):
        assert listeners(apply(one, ChanSpyStart(None, spyer, spyee))) == []
    assert apply(one, ChanSpyStop(None, "9.9")) == []


def row(one: EventChannel, application: str, bridge: str = "") -> AmiMessage:
    fields = {
        "Channel": one.name,
        "Uniqueid": one.uniqueid,
        "Linkedid": one.linkedid,
        "ChannelState": "6",
        "Application": application,
        "BridgeId": bridge,
        "CallerIDNum": one.number,
    }
    return AmiMessage({"Event": "CoreShowChannel", **fields}, ())


def test_phone_found_listening_by_a_resync_logs_no_call_and_loses_no_listener() -> None:
    rows = (row(TRUNK, "Dial", "b"), row(PHONE, "AppDial", "b"), row(SUPERVISOR, "ChanSpy"))
    late = tracker()
    late.resync(PbxSnapshot(BootId("1"), rows, ()), 0.0)
    assert apply(late, Hangup(None, SUPERVISOR, 16)) == []
    known = tracker()
    apply(known, *TALK, *DIALS_IN, START)
    assert listeners(known.resync(PbxSnapshot(BootId("1"), rows, ()), 0.0)) == []
    gone = known.resync(PbxSnapshot(BootId("1"), rows[:2], ()), 0.0)
    assert listeners(gone) == [LEFT]
    apply(known, *DIALS_IN, START)
    assert listeners(known.resync(PbxSnapshot(BootId("2"), (), ()), 0.0)) == []


def test_events_without_a_channel_are_malformed() -> None:
    spy = {"SpyerUniqueid": SPY, "SpyeeUniqueid": AGENT}
    for name, missing in (
        ("ChanSpyStart", "SpyerUniqueid"),
        ("ChanSpyStart", "SpyeeUniqueid"),
        ("ChanSpyStop", "SpyerUniqueid"),
    ):
        for fields in ({k: v for k, v in spy.items() if k != missing}, spy | {missing: ""}):
            message = AmiMessage({"Event": name, **fields}, ())
            assert decode(message) == Malformed(name, missing)
    assert decode(AmiMessage({"Event": "ChanSpyStop", **spy}, ())) == STOP
