"""Tiers that trips earn by the office's rules: at each limit and one beside it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.models import Tier
from screenpop.loyalty.tiers import (
    NextTier,
    PaidTrip,
    TierRule,
    earned_tier,
    is_higher,
    months_before,
    next_tier,
)
from screenpop.loyalty.value import ChanceWord, chance_word

TODAY = date(2026, 3, 31)


def trips(count: int, price: int = 100, day: date = date(2026, 1, 1)) -> list[PaidTrip]:
    return [PaidTrip(day, price, "EUR")] * count


def test_trips_earn_a_tier_from_the_number_of_its_rule_on() -> None:
    rules = [TierRule(Tier.SILVER, trips=3), TierRule(Tier.GOLD, trips=6)]
    found = [earned_tier(rules, trips(count), TODAY) for count in (2, 3, 5, 6)]
    assert found == [Tier.NONE, Tier.SILVER, Tier.SILVER, Tier.GOLD]


def test_sums_count_in_the_currency_of_the_rule_alone() -> None:
    rules = [TierRule(Tier.GOLD, spend=1000, currency="EUR")]
    assert earned_tier(rules, trips(2, 500), TODAY) is Tier.GOLD
    assert earned_tier(rules, trips(1, 999), TODAY) is Tier.NONE
    other = [PaidTrip(date(2026, 1, 1), 5000, "USD")]
    assert earned_tier(rules, other, TODAY) is Tier.NONE


def test_only_trips_that_have_begun_within_the_months_count() -> None:
    rule = TierRule(Tier.SILVER, trips=1, within_months=1)
    for day, tier in (
        (date(2026, 2, 27), Tier.NONE),
        (date(2026, 2, 28), Tier.SILVER),  # the last day of a shorter month
        (TODAY, Tier.SILVER),
        (TODAY + timedelta(1), Tier.NONE),
    ):
        assert earned_tier([rule], trips(1, day=day), TODAY) is tier


def test_all_conditions_of_a_rule_hold_and_one_rule_of_a_tier_is_enough() -> None:
    both = TierRule(Tier.GOLD, trips=2, spend=1000, currency="EUR")
    assert earned_tier([both], trips(2, 100), TODAY) is Tier.NONE
    assert earned_tier([both, TierRule(Tier.GOLD, trips=2)], trips(2, 100), TODAY) is Tier.GOLD


def test_the_next_tier_is_the_nearest_for_which_only_trips_are_missing() -> None:
    rules = [
        TierRule(Tier.SILVER, trips=3),
        TierRule(Tier.GOLD, trips=5),
        TierRule(Tier.PLATINUM, trips=4, spend=10_000, currency="EUR"),
    ]
    assert next_tier(rules, trips(2), Tier.NONE, TODAY) == NextTier(Tier.SILVER, 1)
    assert next_tier(rules, trips(3), Tier.SILVER, TODAY) == NextTier(Tier.GOLD, 2)
    assert next_tier(rules, trips(3, 4000), Tier.SILVER, TODAY) == NextTier(Tier.PLATINUM, 1)
    assert next_tier(rules, trips(9), Tier.PLATINUM, TODAY) is None


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.integers(0, 600))
def test_months_before_is_the_same_day_or_the_end_of_a_shorter_month(
    day: date, months: int
) -> None:
    found = months_before(day, months)
    if found != date.min:
        assert (day.year - found.year) * 12 + day.month - found.month == months
        assert found.day == day.day or (found + timedelta(1)).day == 1


def test_tiers_are_in_order() -> None:
    order = [Tier.NONE, Tier.SILVER, Tier.GOLD, Tier.PLATINUM]
    for place, one in enumerate(order):
        assert [is_higher(other, one) for other in order] == [n > place for n in range(4)]


@pytest.mark.parametrize(
    ("chance", "word"),
    [
        (0.5, ChanceWord.LIKELY),
        (0.499, ChanceWord.POSSIBLE),
        (0.2, ChanceWord.POSSIBLE),
        (0.199, ChanceWord.UNLIKELY),
    ],
)
def test_a_chance_in_words(chance: float, word: ChanceWord) -> None:
    assert chance_word(chance) is word
