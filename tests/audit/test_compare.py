"""Comparing calls of the PBX with ours: each difference is named, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.audit.cdr import CdrRow
from screenpop.audit.compare import (
    TOLERANCE_S,
    Kind,
    OurCall,
    compare_cdr,
    compare_queue_calls,
)
from screenpop.audit.queue_log import QueueCall, QueueOutcome

AT = 1_700_000_000.0
OURS = OurCall(
    id=1,
    linkedid="a.1",
    legs=("a.2", "a.3"),
    queue="sales",
    disposition="answered",
    arrived_at=AT - 4,
    answered_at=AT + 9.6,
    ended_at=AT + 69.9,
    phones=("101",),
    transferred=False,
)


def theirs(**changed: object) -> QueueCall:
    usual = QueueCall(
        "a.1",
        AT,
        "sales",
        "0912",
        QueueOutcome.ANSWERED,
        connected_at=AT + 10,
        ended_at=AT + 70,
        agents=["PJSIP/101"],
    )
    return replace(usual, **changed)  # type: ignore[arg-type]


def kinds(call: QueueCall, ours: OurCall = OURS) -> list[Kind]:
    return [one.kind for one in compare_queue_calls([call], [ours]).differences]


def test_equal_calls_have_no_difference() -> None:
    comparison = compare_queue_calls([theirs()], [OURS])
    assert (comparison.compared, comparison.differences) == (1, ())


def test_a_call_is_found_by_the_id_of_any_of_its_legs() -> None:
    assert kinds(theirs(call="a.3")) == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"queue": "support"}, Kind.QUEUE),
        ({"outcome": QueueOutcome.ABANDONED}, Kind.OUTCOME),
        ({"agents": ["PJSIP/102"]}, Kind.AGENT),
        ({"agents": ["Local/102@from-queue/n"]}, Kind.AGENT),
        ({"connected_at": AT + 9.6 + TOLERANCE_S + 0.01}, Kind.ANSWERED_AT),
        ({"ended_at": AT + 69.9 - TOLERANCE_S - 0.01}, Kind.ENDED_AT),
    ],
)
def test_each_difference_is_named(changed: dict[str, object], kind: Kind) -> None:
    assert kinds(theirs(**changed)) == [kind]


@pytest.mark.parametrize(
    "changed",
    [
        {"agents": ["Maryam"]},
        {"agents": ["Agent 102"]},
        {"agents": ["Agent/1002"]},
        {"agents": ["Ali/Sales"]},
        {"connected_at": AT + 9.6 + TOLERANCE_S - 0.01},
        {"ended_at": None},
    ],
)
def test_what_is_within_the_tolerance_or_not_known_is_no_difference(
    changed: dict[str, object],
) -> None:
    assert kinds(theirs(**changed)) == []


def test_a_call_that_left_the_queue_may_have_ended_in_any_way() -> None:
    left = theirs(outcome=QueueOutcome.LEFT, connected_at=None, ended_at=None, agents=[])
    for disposition in ("answered", "voicemail", "no_answer"):
        assert kinds(left, replace(OURS, disposition=disposition)) == []


@pytest.mark.parametrize(
    ("answered_at", "found"),
    [
        (AT - TOLERANCE_S - 0.01, []),  # A phone answered, and transferred the caller to the queue.
        (AT - TOLERANCE_S, [Kind.OUTCOME]),
    ],
)
def test_call_that_was_answered_before_it_came_into_the_queue_has_its_own_outcome(
    answered_at: float, found: list[Kind]
) -> None:
    given_up = theirs(outcome=QueueOutcome.ABANDONED, connected_at=None, agents=[])
    assert kinds(given_up, replace(OURS, answered_at=answered_at)) == found


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"transferred_to": ("support",)}, [Kind.MISSING]),
        ({"ended_at": AT - TOLERANCE_S}, []),
        ({"ended_at": AT - TOLERANCE_S - 0.01}, [Kind.MISSING]),
        ({"arrived_at": AT + TOLERANCE_S}, []),
        ({"arrived_at": AT + TOLERANCE_S + 0.01}, [Kind.MISSING, Kind.EXTRA]),
    ],
)
def test_queue_that_an_agent_called_to_transfer_the_caller_is_part_of_that_call(
    changed: dict[str, object], found: list[Kind]
) -> None:
    passed_on = {"transferred": True, "transferred_to": ("102", "sales")}
    ours = replace(OURS, **(passed_on | changed))  # type: ignore[arg-type]
    assert sorted(kinds(theirs(call="z.9", number="102"), ours)) == sorted(found)


def test_phone_that_listened_to_a_call_is_missed_by_no_log() -> None:
    spied = CdrRow(1, AT, "103", "555101", "s.1", "s.1", 9, True, "ChanSpy")
    assert compare_cdr([spied], []).differences == ()
    [missing] = compare_cdr([replace(spied, app="Dial")], []).differences
    assert missing.kind is Kind.MISSING


def test_a_missing_call_has_a_reason_of_whether_screenpop_was_off() -> None:
    elsewhere = replace(OURS, linkedid="b.1", legs=(), queue="", arrived_at=AT - 3600)
    [near] = compare_queue_calls([theirs()], [elsewhere]).differences
    [off] = compare_queue_calls([theirs()], [replace(elsewhere, arrived_at=AT - 3601)]).differences
    assert near.kind is off.kind is Kind.MISSING
    assert "other calls" in near.reason
    assert "off" in off.reason


@pytest.mark.parametrize(
    ("arrived_at", "queue", "extra"),
    [
        (AT + 30, "sales", True),
        (AT + 30, "", False),
        (AT - TOLERANCE_S - 0.01, "sales", False),
        (AT + 70 + TOLERANCE_S + 0.01, "sales", False),
    ],
)
def test_a_call_of_ours_is_extra_only_in_a_queue_and_within_the_time_of_the_file(
    arrived_at: float, queue: str, extra: bool
) -> None:
    more = replace(OURS, id=2, linkedid="b.1", legs=(), arrived_at=arrived_at, queue=queue)
    found = [one.kind for one in compare_queue_calls([theirs()], [OURS, more]).differences]
    assert found == ([Kind.EXTRA] if extra else [])


def test_records_of_one_linkedid_are_one_call() -> None:
    rows = [
        CdrRow(1, AT, "0912", "700", "a.1", "a.1", 60, True),
        CdrRow(2, AT + 5, "0912", "101", "a.9", "a.1", 60, True),
        CdrRow(3, AT + 9, "0912", "101", "c.1", "", 60, False),
    ]
    comparison = compare_cdr(rows, [OURS])
    assert comparison.compared == 1
    assert [(one.kind, one.call) for one in comparison.differences] == [(Kind.MISSING, "c.1")]
    extra = compare_cdr(rows[:2], [OURS, replace(OURS, id=2, linkedid="x", legs=(), arrived_at=AT)])
    assert [(one.kind, one.call) for one in extra.differences] == [(Kind.EXTRA, "x")]


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=10))
def test_every_call_is_compared_missing_or_extra_once(
    drawn: list[tuple[int, bool, bool]],
) -> None:
    """``drawn``: id, whether the PBX has it, whether our log has it."""
    calls = {number: (theirs, ours) for number, theirs, ours in drawn}
    pbx = [theirs(call=f"{n}.1") for n, (has, _) in calls.items() if has]
    log = [
        replace(OURS, id=n, linkedid=f"{n}.1", legs=(), arrived_at=AT)
        for n, (_, has) in calls.items()
        if has
    ]
    found = compare_queue_calls(pbx, log)
    missing = {one.call for one in found.differences if one.kind is Kind.MISSING}
    extra = {one.call for one in found.differences if one.kind is Kind.EXTRA}
    assert missing == {f"{n}.1" for n, (has, ours) in calls.items() if has and not ours}
    assert extra == {f"{n}.1" for n, (has, ours) in calls.items() if ours and not has and pbx}
    assert found.compared == sum(has and ours for has, ours in calls.values())
