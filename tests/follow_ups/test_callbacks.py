"""Ranking of callbacks, its reasons, and what a missed attempt was."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.calls.events import Disposition
from screenpop.customers.models import Tier
from screenpop.follow_ups.callbacks import (
    TRIP_SOON_DAYS,
    AttemptKind,
    CallbackFacts,
    NumberProblem,
    ReasonCode,
    attempt_kind,
    median_seconds,
    number_problem,
    rank_key,
    reasons_of,
)

TODAY = date(2026, 3, 2)
NOW = 1_772_400_000.0
DAYS = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
FACTS = st.builds(
    CallbackFacts,
    first_at=st.floats(NOW - 9e6, NOW),
    promise_due=st.none() | DAYS,
    departs=st.none() | DAYS,
    tier=st.sampled_from(Tier),
    vip=st.booleans(),
)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_promise_comes_before_trip_before_tier_before_waiting_time() -> None:
    waiting = CallbackFacts(NOW - 9e6)
    silver = CallbackFacts(NOW, tier=Tier.SILVER)
    platinum = CallbackFacts(NOW, tier=Tier.PLATINUM)
    vip = CallbackFacts(NOW, vip=True)
    in_a_week = CallbackFacts(NOW, departs=in_days(7))
    tomorrow = CallbackFacts(NOW, departs=in_days(1))
    promised = CallbackFacts(NOW, promise_due=TODAY)
    order = [promised, tomorrow, in_a_week, vip, platinum, silver, waiting]
    backwards = order[::-1]
    assert sorted(backwards, key=lambda one: rank_key(one, TODAY)) == order


def test_of_two_callers_alike_the_one_waiting_longer_is_first() -> None:
    assert rank_key(CallbackFacts(NOW - 1), TODAY) < rank_key(CallbackFacts(NOW), TODAY)


@pytest.mark.parametrize(("days", "is_soon"), [(14, True), (15, False)])
def test_a_departure_within_fourteen_days_is_soon(days: int, is_soon: bool) -> None:
    assert TRIP_SOON_DAYS == 14
    facts = CallbackFacts(NOW, departs=in_days(days))
    assert (rank_key(facts, TODAY) < rank_key(CallbackFacts(NOW), TODAY)) is is_soon
    codes = [reason.code for reason in reasons_of(facts, TODAY, NOW)]
    assert (ReasonCode.TRIP_SOON in codes) is is_soon


@pytest.mark.parametrize(("days", "code"), [(-1, ReasonCode.ON_TRIP), (0, ReasonCode.TRIP_SOON)])
def test_a_traveller_under_way_ranks_as_on_the_day_of_departure(
    days: int, code: ReasonCode
) -> None:
    facts = CallbackFacts(NOW, departs=in_days(days))
    assert rank_key(facts, TODAY) == rank_key(CallbackFacts(NOW, departs=TODAY), TODAY)
    reason = reasons_of(facts, TODAY, NOW)[0]
    assert (reason.code, reason.params) == (code, {"days": 0})


@given(FACTS, FACTS)
def test_a_caller_ranked_higher_has_a_reason_that_the_other_lacks_or_waits_longer(
    first: CallbackFacts, second: CallbackFacts
) -> None:
    if rank_key(first, TODAY) >= rank_key(second, TODAY):
        first, second = second, first
    strongest, other = (
        [(one.code, tuple(one.params.items())) for one in reasons_of(facts, TODAY, NOW)]
        for facts in (first, second)
    )
    same = rank_key(first, TODAY) == rank_key(second, TODAY)
    dates_only = first.promise_due is not None and second.promise_due is not None
    assert same or dates_only or strongest != other


@given(FACTS)
def test_the_time_waited_is_always_the_last_reason(facts: CallbackFacts) -> None:
    last = reasons_of(facts, TODAY, NOW)[-1]
    assert (last.code, last.params) == (ReasonCode.WAITING, {"seconds": NOW - facts.first_at})


def test_all_reasons_are_named_strongest_first() -> None:
    facts = CallbackFacts(NOW, in_days(-2), in_days(3), Tier.GOLD, True)
    found = [(reason.code.value, reason.params) for reason in reasons_of(facts, TODAY, NOW)]
    assert found == [
        ("promise", {"date": "2026-02-28"}),
        ("trip_soon", {"days": 3}),
        ("vip", {}),
        ("tier", {"tier": "gold"}),
        ("waiting", {"seconds": 0.0}),
    ]


@pytest.mark.parametrize(
    ("disposition", "dialled", "queued", "kind"),
    [
        (Disposition.ANSWERED, True, True, AttemptKind.LOST_IN_TRANSFER),
        (Disposition.VOICEMAIL, False, False, AttemptKind.VOICEMAIL),
        (Disposition.BUSY, False, False, AttemptKind.BUSY),
        (Disposition.ABANDONED, False, False, AttemptKind.CLOSED),
        (Disposition.FAILED, False, False, AttemptKind.CLOSED),
        (Disposition.ABANDONED, False, True, AttemptKind.ABANDONED),
        (Disposition.ABANDONED, True, False, AttemptKind.ABANDONED),
        (Disposition.FAILED, True, False, AttemptKind.FAILED),
        (Disposition.NO_ANSWER, True, True, AttemptKind.NO_ANSWER),
    ],
)
def test_a_missed_attempt_is_named_after_how_it_ended(
    disposition: Disposition, dialled: bool, queued: bool, kind: AttemptKind
) -> None:
    assert attempt_kind(disposition.value, dialled=dialled, queued=queued) is kind


@pytest.mark.parametrize(
    ("withheld", "raw", "can_dial", "problem"),
    [
        (False, "+989121112233", True, None),
        (True, "anonymous", True, None),
        (True, "anonymous", False, NumberProblem.WITHHELD),
        (False, "55512", False, NumberProblem.INCOMPLETE),
        (False, " ", False, NumberProblem.MISSING),
    ],
)
def test_a_caller_without_a_number_to_dial_has_a_reason(
    withheld: bool, raw: str, can_dial: bool, problem: NumberProblem | None
) -> None:
    assert number_problem(withheld=withheld, raw=raw, can_dial=can_dial) is problem


def test_the_median_is_the_middle_and_of_an_even_number_the_mean_of_the_middle_two() -> None:
    assert median_seconds([]) is None
    assert median_seconds([600.0, 20.0, 90.0]) == 90.0
    assert median_seconds([600.0, 20.0, 90.0, 100.0]) == 95.0
