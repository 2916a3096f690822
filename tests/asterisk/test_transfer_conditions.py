"""Conditions of transfers, consultations and parking, each by the call that it decides."""

import pytest

from screenpop.asterisk.ami_events import (
    AmiEvent,
    AttendedTransfer,
    BlindTransfer,
    BridgeEnter,
    BridgeLeave,
    Hangup,
    HangupRequest,
    Newchannel,
    Newstate,
    ParkedCall,
    Pickup,
    QueueCallerJoin,
    QueueCallerLeave,
    UnParkedCall,
)
from screenpop.calls.events import (
    CallLeftQueue,
    CallQueued,
    CallTransferred,
    LegAnswered,
    LegStopped,
)
from tests.asterisk.test_handler_conditions import (
    BLIND,
    OTHER,
    PHONE,
    RINGING,
    TALKING,
    TRUNK,
    answered,
    changes_of,
    channel,
    dial,
    half,
    the,
)

THIRD = channel(6, "PJSIP/103", RINGING)
FIRST_HALF, SECOND_HALF = half(4, "600@group", 1), half(5, "600@group", 2, "101")
CONSULTS = (*TALKING, Newchannel(None, FIRST_HALF), Newchannel(None, SECOND_HALF))
"""101 consults 600 through a Local channel while the caller waits."""
ASKS_102 = (*CONSULTS, dial(SECOND_HALF, OTHER), Newstate(None, OTHER))
COMPLETED = AttendedTransfer(None, PHONE, FIRST_HALF, success=True)
GONE = channel(9, "PJSIP/109")


def transfers_of(*events: AmiEvent) -> list[tuple[str, str]]:
    return [(one.origin, one.target) for one in the(CallTransferred, changes_of(*events))]


@pytest.mark.parametrize(
    "transfer",
    [
        BLIND._replace(success=False),
        BLIND._replace(transferer=GONE),
        AttendedTransfer(None, PHONE, PHONE, success=False),
        AttendedTransfer(None, GONE, GONE, success=True),
    ],
)
def test_a_transfer_that_failed_or_is_of_an_unseen_channel_is_none(transfer: AmiEvent) -> None:
    assert transfers_of(*TALKING, transfer, dial(TRUNK, OTHER)) == []


def test_a_transfer_whose_second_channel_was_not_seen_is_one_of_the_first() -> None:
    transfer = AttendedTransfer(None, PHONE, GONE, success=True)
    assert transfers_of(*TALKING, dial(TRUNK, OTHER), answered(OTHER), transfer) == [("101", "102")]


def test_a_transfer_by_a_local_channel_without_a_phone_has_no_origin() -> None:
    transfer = BlindTransfer(None, FIRST_HALF, "102", success=True)
    events = (Newchannel(None, TRUNK), Newchannel(None, FIRST_HALF), transfer, dial(TRUNK, OTHER))
    assert transfers_of(*events) == [("", "102")]
    attended = AttendedTransfer(None, FIRST_HALF, FIRST_HALF, success=True)
    assert transfers_of(Newchannel(None, TRUNK), Newchannel(None, FIRST_HALF), attended) == [
        ("", "")
    ]


def test_a_transfer_by_a_local_channel_is_one_of_the_phone_behind_it() -> None:
    """As of a queue member ``Local/101@agents``: the transferer in the event is the Local half."""
    one, two = half(4, "101@agents", 1), half(5, "101@agents", 2)
    talking = (
        Newchannel(None, TRUNK),
        Newchannel(None, one),
        Newchannel(None, two),
        dial(TRUNK, one),
        dial(two, PHONE),
        answered(PHONE),
        BridgeEnter(None, two, "b", "basic"),
        BridgeEnter(None, PHONE, "b", "basic"),
    )
    transfer = BlindTransfer(None, one, "102", success=True)
    assert transfers_of(*talking, transfer, dial(TRUNK, OTHER)) == [("101", "102")]


def test_a_blind_transfer_to_a_queue_comes_before_the_waiting() -> None:
    changes = changes_of(*TALKING, BLIND, QueueCallerJoin(None, TRUNK, "support", 1))
    kinds = [type(one) for one in changes if isinstance(one, CallTransferred | CallQueued)]
    assert kinds == [CallTransferred, CallQueued]


def test_a_consulted_phone_that_stops_is_corrected_when_another_of_its_group_answers() -> None:
    changes = changes_of(
        *ASKS_102,
        *(dial(SECOND_HALF, THIRD), Newstate(None, THIRD)),
        *(Hangup(None, OTHER, 0), answered(THIRD)),
    )
    [stopped] = the(LegStopped, changes)
    assert (stopped.endpoint, stopped.reason, stopped.by) == ("102", "cancelled", "101")
    winner = the(LegAnswered, changes)[-1]
    assert [(one.leg, one.reason, one.by) for one in winner.corrected] == [
        ("1.3", "answered_elsewhere", "103")
    ]


def test_a_consulted_phone_still_rings_for_the_caller_after_the_transfer() -> None:
    over = (HangupRequest(None, TRUNK, 16), Hangup(None, TRUNK, 16), Hangup(None, OTHER, 0))
    [stopped] = the(LegStopped, changes_of(*ASKS_102, COMPLETED, *over))
    assert (stopped.endpoint, stopped.reason, stopped.by) == ("102", "cancelled", None)


# A consulted queue: the colleague waits in it, not the caller.

JOINS = QueueCallerJoin(None, SECOND_HALF, "sales", 1)
LEAVES = QueueCallerLeave(None, SECOND_HALF, "sales")
RINGS_102 = (dial(SECOND_HALF, OTHER), Newstate(None, OTHER))


def test_a_colleague_waiting_in_a_queue_does_not_make_the_caller_wait() -> None:
    changes = changes_of(*CONSULTS, JOINS, *RINGS_102, answered(OTHER), LEAVES)
    assert the(CallQueued, changes) == []
    assert the(CallLeftQueue, changes) == []


def test_a_consulted_queue_that_has_answered_is_the_target_of_the_transfer() -> None:
    changes = changes_of(*CONSULTS, JOINS, *RINGS_102, answered(OTHER), LEAVES, COMPLETED)
    assert [one.target for one in the(CallTransferred, changes)] == ["sales"]
    assert [one.queue for one in the(CallQueued, changes)] == ["sales"]
    assert [one.reason for one in the(CallLeftQueue, changes)] == ["answered"]


def test_a_caller_transferred_to_a_consulted_queue_waits_in_it_until_a_phone_answers() -> None:
    changes = changes_of(*CONSULTS, JOINS, *RINGS_102, COMPLETED)
    assert [one.target for one in the(CallTransferred, changes)] == ["sales"]
    assert [one.queue for one in the(CallQueued, changes)] == ["sales"]
    assert the(CallLeftQueue, changes) == []


@pytest.mark.parametrize(("left", "target"), [("sales", "103"), ("billing", "sales")])
def test_a_consulted_queue_is_no_target_after_it_was_left_without_an_answer(
    left: str, target: str
) -> None:
    changes = changes_of(
        *(*CONSULTS, JOINS, LEAVES._replace(queue=left)),
        *(dial(SECOND_HALF, THIRD), Newstate(None, THIRD), answered(THIRD), COMPLETED),
    )
    assert [one.target for one in the(CallTransferred, changes)] == [target]
    assert len(the(CallQueued, changes)) == (target == "sales")


# Parking and pickup.

BRIDGED = (*TALKING, BridgeEnter(None, TRUNK, "b", "basic"), BridgeEnter(None, PHONE, "b", "basic"))


@pytest.mark.parametrize(
    "parks",
    [
        (BridgeLeave(None, TRUNK, "b"), ParkedCall(None, TRUNK)),
        (ParkedCall(None, TRUNK), BridgeLeave(None, TRUNK, "b")),
    ],
)
def test_a_parked_call_that_is_dialled_on_after_the_time_limit_is_no_transfer(
    parks: tuple[AmiEvent, ...],
) -> None:
    assert transfers_of(*BRIDGED, *parks, dial(TRUNK, OTHER)) == []
    unparked = (BridgeLeave(None, TRUNK, "b"), dial(TRUNK, OTHER))
    assert transfers_of(*BRIDGED, *unparked) == [("101", "102")]


def test_a_call_that_a_dialplan_parks_and_a_phone_takes_is_no_transfer() -> None:
    takes = (Newchannel(None, OTHER), UnParkedCall(None, TRUNK, OTHER))
    assert transfers_of(Newchannel(None, TRUNK), ParkedCall(None, TRUNK), *takes) == []
    assert transfers_of(*TALKING, ParkedCall(None, TRUNK), *takes) == [("101", "102")]


def test_a_pickup_by_a_channel_that_has_ended_adds_no_talker() -> None:
    rings = (Newchannel(None, TRUNK), dial(TRUNK, PHONE), dial(TRUNK, THIRD))
    late = (Hangup(None, THIRD, 16), Pickup(None, THIRD, PHONE))
    assert the(LegAnswered, changes_of(*rings, *late)) == []
