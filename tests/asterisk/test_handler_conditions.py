"""Conditions of the event handlers that decide few calls, each by the call that it decides.

The events are those that Asterisk sends (``main/manager_channels.c``, ``app_queue.c``), shortened
to the channels of one call.
"""

from typing import TypeVar

import pytest

from screenpop.asterisk.ami_events import (
    AgentRingNoAnswer,
    AmiEvent,
    AttendedTransfer,
    BlindTransfer,
    BridgeEnter,
    DialBegin,
    DialEnd,
    EventChannel,
    Hangup,
    HangupRequest,
    Newchannel,
    Newstate,
    ParkedCall,
    QueueCallerJoin,
    QueueCallerLeave,
)
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import (
    CallArrived,
    CallEvent,
    CallLeftQueue,
    CallQueued,
    CallTransferred,
    Direction,
    LegAnswered,
    LegRinging,
    LegStopped,
)
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId

Change = TypeVar("Change")

PHONES = frozenset({"101", "102", "103"})
CUSTOMER = "09123456789"
COMPANY = "02191000101"
DOWN, RING, RINGING, UP = 0, 4, 5, 6


def channel(
    serial: int, name: str, state: int = UP, *, number: str = "", exten: str = ""
) -> EventChannel:
    """A channel of the call whose first channel has the serial number 1."""
    return EventChannel(f"{name}-0000000{serial}", f"1.{serial}", "1.1", state, number, exten=exten)


def half(serial: int, name: str, which: int, number: str = "") -> EventChannel:
    """One half of a Local channel."""
    return EventChannel(f"Local/{name}-0000000a;{which}", f"1.{serial}", "1.1", RING, number)


TRUNK = channel(1, "PJSIP/line", RING, number=CUSTOMER, exten=COMPANY)
PHONE = channel(2, "PJSIP/101", RINGING)
OTHER = channel(3, "PJSIP/102", RINGING)


def changes_of(*events: AmiEvent) -> list[CallEvent]:
    tracker = CallTracker(
        PbxId("p"), BootId("b"), is_phone=lambda endpoint: str(endpoint) in PHONES
    )
    return [change for event in events for change in tracker.apply(event, 0.0)]


def the(kind: type[Change], changes: list[CallEvent]) -> list[Change]:
    return [change for change in changes if isinstance(change, kind)]


def dial(source: EventChannel | None, dest: EventChannel, dial_string: str = "") -> DialBegin:
    return DialBegin(None, source, dest, dial_string)


def answered(dest: EventChannel) -> DialEnd:
    return DialEnd(None, dest, "ANSWER", "")


# Queues.

WAITING = (Newchannel(None, TRUNK), QueueCallerJoin(None, TRUNK, "support", 1))
LEAVES = QueueCallerLeave(None, TRUNK, "support")


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        ((dial(TRUNK, PHONE), answered(PHONE)), "answered"),
        ((HangupRequest(None, TRUNK, 16),), "abandoned"),
        ((dial(TRUNK, PHONE), HangupRequest(None, TRUNK, 16)), "abandoned"),
        ((), "timeout"),
        ((dial(TRUNK, PHONE), DialEnd(None, PHONE, "NOANSWER", "")), "timeout"),
    ],
)
def test_a_call_leaves_its_queue_answered_abandoned_or_after_the_timeout(
    between: tuple[AmiEvent, ...], reason: str
) -> None:
    [left] = the(CallLeftQueue, changes_of(*WAITING, *between, LEAVES))
    assert (left.queue, left.reason) == ("support", reason)


@pytest.mark.parametrize("answer", [Newstate(None, PHONE._replace(state=UP)), answered(PHONE)])
def test_a_phone_that_talks_answers_the_queue_in_whichever_event_it_is_first_seen(
    answer: AmiEvent,
) -> None:
    [left] = the(CallLeftQueue, changes_of(*WAITING, dial(TRUNK, PHONE), answer, LEAVES))
    assert left.reason == "answered"


def test_a_member_outside_that_is_not_yet_connected_answers_the_queue() -> None:
    mobile = channel(2, "PJSIP/line2", RINGING)
    events = (dial(TRUNK, mobile, "line2/0935"), answered(mobile))
    [left] = the(CallLeftQueue, changes_of(*WAITING, *events, LEAVES))
    assert left.reason == "answered"


def test_leaving_another_queue_than_the_one_it_waits_in_changes_nothing() -> None:
    assert the(CallLeftQueue, changes_of(*WAITING, LEAVES._replace(queue="sales"))) == []


def test_a_call_that_is_first_seen_when_it_joins_a_queue_arrives_and_waits() -> None:
    changes = changes_of(QueueCallerJoin(None, TRUNK, "support", 1))
    assert [type(one) for one in changes] == [CallArrived, CallQueued]
    [arrived] = the(CallArrived, changes)
    assert (arrived.caller.number, arrived.did) == (CUSTOMER, COMPANY)


def test_a_call_of_an_unseen_opening_has_the_number_of_the_channel_that_joins_a_queue() -> None:
    late = channel(2, "PJSIP/line", UP, number=CUSTOMER)
    [arrived] = the(CallArrived, changes_of(QueueCallerJoin(None, late, "support", 1)))
    assert arrived.caller.number == CUSTOMER


def test_another_channel_that_joins_a_queue_is_not_the_caller_of_the_call() -> None:
    other = channel(7, "PJSIP/line2", UP, number="0935")
    joins = QueueCallerJoin(None, other, "support", 1)
    [ringing] = the(LegRinging, changes_of(Newchannel(None, TRUNK), joins, dial(TRUNK, PHONE)))
    assert ringing.caller.number == CUSTOMER


def test_a_called_phone_that_joins_a_queue_is_not_the_caller_of_the_call() -> None:
    two = half(4, "101@from-queue", 2, number=CUSTOMER)
    joins = QueueCallerJoin(None, PHONE._replace(number="101"), "support", 1)
    ringing = the(LegRinging, changes_of(dial(two, PHONE), joins, dial(two, OTHER)))
    assert [one.caller.number for one in ringing] == [CUSTOMER, CUSTOMER]


def test_a_call_waits_once_for_each_time_in_a_queue() -> None:
    join = WAITING[1]
    assert len(the(CallQueued, changes_of(*WAITING, join))) == 1
    assert len(the(CallQueued, changes_of(*WAITING, LEAVES, join))) == 2


def test_events_of_a_queue_about_channels_that_have_ended_or_were_not_seen_change_nothing() -> None:
    over = Hangup(None, TRUNK, 16)
    before = changes_of(*WAITING, over)
    late = (WAITING[1], LEAVES, AgentRingNoAnswer(None, TRUNK, PHONE))
    assert changes_of(*WAITING, over, *late) == before
    assert changes_of(*late[1:]) == []


RING_ALL = (
    *WAITING,
    *(dial(TRUNK, PHONE), Newstate(None, PHONE), dial(TRUNK, OTHER), Newstate(None, OTHER)),
)


@pytest.mark.parametrize(
    ("between", "corrected"),
    [((), ["1.2"]), ((AgentRingNoAnswer(None, TRUNK, PHONE),), [])],
)
def test_a_queue_that_reports_no_answer_decides_for_a_phone_that_has_stopped_already(
    between: tuple[AmiEvent, ...], corrected: list[str]
) -> None:
    changes = changes_of(*RING_ALL, Hangup(None, PHONE, 0), *between, answered(OTHER))
    [leg] = the(LegAnswered, changes)
    assert [one.leg for one in leg.corrected] == corrected


# Causes with which a ringing phone itself ends its leg (ITU-T Q.850).


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (16, "declined"),
        (17, "busy"),
        (18, "no_answer"),
        (19, "no_answer"),
        (20, "declined"),
        (21, "declined"),
        (22, "declined"),
    ],
)
def test_a_ringing_phone_that_hangs_up_declines_unless_the_cause_is_no_answer(
    cause: int, reason: str
) -> None:
    changes = changes_of(
        Newchannel(None, TRUNK),
        dial(TRUNK, PHONE),
        Newstate(None, PHONE),
        HangupRequest(None, PHONE, cause),
        DialEnd(None, PHONE, "NOANSWER", ""),
        Hangup(None, PHONE, cause),
    )
    assert [stopped.reason for stopped in the(LegStopped, changes)] == [reason]


# Calls that a program makes (Originate), and those that it does not.

OWN = channel(1, "PJSIP/101", DOWN, number="101")


def test_an_originated_call_without_a_number_has_no_known_target() -> None:
    """The extension of the agent's own channel is where the dialplan begins, not a customer."""
    changes = changes_of(Newchannel(None, OWN._replace(exten="101")), dial(None, OWN))
    [arrived] = the(CallArrived, changes)
    assert (arrived.direction, arrived.called) == (Direction.OUTBOUND, "")


@pytest.mark.parametrize(("number", "named"), [("", "101"), ("201", "201")])
def test_an_agents_phone_that_is_called_back_is_named_by_its_number_or_its_extension(
    number: str, named: str
) -> None:
    one, two = half(1, f"{CUSTOMER}@dialler", 1), half(4, f"{CUSTOMER}@dialler", 2)
    own = PHONE._replace(state=DOWN, number=number)
    changes = changes_of(
        *(Newchannel(None, one), Newchannel(None, two), dial(None, one)),
        *(Newchannel(None, own), dial(two, PHONE)),
    )
    [arrived] = the(CallArrived, changes)
    assert arrived.caller.number == named


def test_an_originated_local_channel_to_a_phone_is_not_a_call_to_that_phone() -> None:
    one, two = half(1, "101@from-internal", 1), half(4, "101@from-internal", 2)
    changes = changes_of(
        Newchannel(None, one),
        Newchannel(None, two),
        dial(None, one),
        dial(two, PHONE),
    )
    [arrived] = the(CallArrived, changes)
    assert (arrived.direction, arrived.called, arrived.caller.number) == (
        Direction.OUTBOUND,
        "",
        "101",
    )


def test_the_companys_number_on_an_originated_local_channel_is_no_caller() -> None:
    one = half(1, f"{CUSTOMER}@dialler", 1)
    two = half(4, f"{CUSTOMER}@dialler", 2, number=COMPANY)
    changes = changes_of(
        Newchannel(None, one),
        Newchannel(None, two),
        dial(None, one),
        dial(two, half(5, "s@out", 1)),
        QueueCallerJoin(None, two, "support", 1),
    )
    [arrived] = the(CallArrived, changes)
    assert (arrived.direction, arrived.caller.number) == (Direction.OUTBOUND, "")


def test_a_call_whose_opening_was_not_seen_has_the_number_that_its_local_channel_shows() -> None:
    two = half(4, "101@from-queue", 2, number=CUSTOMER)
    changes = changes_of(dial(two, PHONE))
    [arrived] = the(CallArrived, changes)
    assert (arrived.direction, arrived.caller.number) == (Direction.INBOUND, CUSTOMER)
    [ringing] = the(LegRinging, changes)
    assert ringing.caller.number == CUSTOMER


def test_a_number_that_an_agent_dials_stays_what_was_dialled() -> None:
    """A short code or a prefix of the trunk is no other customer: the call was not originated."""
    changes = changes_of(
        Newchannel(None, OWN._replace(state=RING, exten="77")),
        dial(OWN, channel(2, "PJSIP/line"), "line/02166554433"),
        answered(channel(2, "PJSIP/line")),
    )
    [arrived] = the(CallArrived, changes)
    assert (arrived.direction, arrived.called) == (Direction.OUTBOUND, "77")
    assert "CallerChanged" not in {type(one).__name__ for one in changes}


def test_a_dialling_without_a_dialler_rings_a_phone_and_does_not_turn_a_live_call_round() -> None:
    changes = changes_of(
        Newchannel(None, TRUNK),
        dial(TRUNK, PHONE),
        dial(None, PHONE._replace(connected=COMPANY)),
        dial(None, OTHER._replace(connected=COMPANY)),
        dial(TRUNK, channel(5, "PJSIP/103")),
    )
    assert [one.direction for one in the(CallArrived, changes)] == [Direction.INBOUND]
    ringing = the(LegRinging, changes)
    assert {(one.caller.number, one.did) for one in ringing} == {(CUSTOMER, COMPANY)}
    assert [one.endpoint for one in ringing] == ["101", "102", "103"]


# Transfers.

TALKING = (Newchannel(None, TRUNK), dial(TRUNK, PHONE), answered(PHONE))
BLIND = BlindTransfer(None, PHONE, "102", success=True)


def test_a_blind_transfer_that_comes_twice_is_one() -> None:
    changes = changes_of(
        *TALKING, BLIND, dial(TRUNK, OTHER), BLIND, dial(TRUNK, channel(5, "PJSIP/103"))
    )
    transfers = [(one.origin, one.target) for one in the(CallTransferred, changes)]
    assert transfers == [("101", "102")]


def test_an_attended_transfer_that_comes_twice_is_one() -> None:
    transfer = AttendedTransfer(None, PHONE, PHONE, success=True)
    changes = changes_of(*TALKING, dial(TRUNK, OTHER), answered(OTHER), transfer, transfer)
    transfers = [(one.origin, one.target) for one in the(CallTransferred, changes)]
    assert transfers == [("101", "102")]


def test_a_blind_transfer_to_the_parking_lot_is_no_transfer_in_any_order_of_hangups() -> None:
    changes = changes_of(
        *TALKING,
        BLIND._replace(extension="700"),
        Hangup(None, PHONE, 16),
        ParkedCall(None, TRUNK),
        Hangup(None, TRUNK, 16),
    )
    assert the(CallTransferred, changes) == []


def test_a_hangup_of_the_caller_after_a_blind_transfer_leaves_it_reported() -> None:
    changes = changes_of(*TALKING, BLIND, Hangup(None, TRUNK, 16))
    assert [one.target for one in the(CallTransferred, changes)] == ["102"]


def test_an_agent_transferring_an_own_call_has_not_left_as_its_caller() -> None:
    """The customer waits for 102, which rings in vain: not answered, rather than cancelled."""
    line = channel(2, "PJSIP/line")
    own = OWN._replace(state=UP, exten=CUSTOMER)
    changes = changes_of(
        Newchannel(None, own),
        dial(own, line, f"line/{CUSTOMER}"),
        answered(line),
        BridgeEnter(None, own, "b", "basic"),
        BridgeEnter(None, line, "b", "basic"),
        BlindTransfer(None, own, "102", success=True),
        HangupRequest(None, own, 16),
        Hangup(None, own, 16),
        dial(line, OTHER),
        Newstate(None, OTHER),
        Hangup(None, OTHER, 16),
    )
    stopped = {one.endpoint: one.reason for one in the(LegStopped, changes)}
    assert stopped[Endpoint("102")] == "no_answer"


@pytest.mark.parametrize(("cause", "reason"), [(26, "answered_elsewhere"), (16, "no_answer")])
def test_a_phone_that_the_pbx_stops_with_cause_26_was_answered_elsewhere(
    cause: int, reason: str
) -> None:
    """As after a pickup that this link does not see: no other event has the answer."""
    changes = changes_of(
        Newchannel(None, TRUNK),
        dial(TRUNK, PHONE),
        Newstate(None, PHONE),
        Hangup(None, PHONE, cause),
    )
    assert [stopped.reason for stopped in the(LegStopped, changes)] == [reason]
