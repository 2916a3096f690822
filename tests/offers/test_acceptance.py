"""The chance that an offer is accepted: from the office's average to the offer's own answers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from screenpop.offers.acceptance import (
    FIRST_CHANCE,
    NEW_CALLS,
    PRIOR_CALLS,
    Answered,
    beta_cdf,
    beta_quantile,
    estimate_in_segment,
    estimate_offers,
)

SHAPES = st.floats(0.05, 5_000)


@given(st.floats(0, 1), SHAPES, SHAPES)
def test_the_beta_distribution_agrees_with_scipy(value: float, alpha: float, beta: float) -> None:
    assert beta_cdf(value, alpha, beta) == pytest.approx(
        stats.beta.cdf(value, alpha, beta), abs=1e-9
    )


@pytest.mark.parametrize(("alpha", "beta"), [(2, 18), (5.5, 44.5), (0.5, 0.5), (300, 20)])
@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975])
def test_the_limits_of_the_interval_agree_with_scipy(
    probability: float, alpha: float, beta: float
) -> None:
    assert beta_quantile(probability, alpha, beta) == pytest.approx(
        stats.beta.ppf(probability, alpha, beta), abs=1e-9
    )


def test_an_office_without_answers_has_the_first_chance_for_each_offer() -> None:
    [found] = estimate_offers({}, [7]).values()
    assert found.overall.chance == pytest.approx(FIRST_CHANCE)
    assert found.by_tier == {}
    low, high = found.overall.interval()
    assert low < 0.02
    assert high > 0.25


def test_an_offer_moves_from_the_average_to_its_own_answers() -> None:
    answered = {(1, "none"): Answered(1_000, 200)}
    average = estimate_offers(answered, [2])[2].overall.chance
    assert average == pytest.approx((2 + 200) / (PRIOR_CALLS + 1_000))
    half = answered | {(2, "none"): Answered(int(PRIOR_CALLS), 10)}
    found = estimate_offers(half, [2])[2].overall
    office = (2 + 210) / (PRIOR_CALLS + 1_020)
    assert found.chance == pytest.approx((office + 0.5) / 2)


def test_a_tier_begins_with_the_chance_of_its_offer() -> None:
    answered = {(1, "gold"): Answered(40, 30), (1, "none"): Answered(400, 8)}
    found = estimate_offers(answered, [1])[1]
    assert found.by_tier["gold"].chance > 0.5
    assert found.by_tier["none"].chance < 0.05
    assert found.by_tier["gold"].chance < 30 / 40  # drawn to the average of the offer
    low, high = found.by_tier["gold"].interval()
    assert low < found.by_tier["gold"].chance < high


def test_a_segment_begins_with_the_chance_of_its_offer() -> None:
    chances = estimate_offers({(1, "none"): Answered(400, 8)}, [1, 2])
    found = estimate_in_segment({1: Answered(40, 30)}, chances)
    assert 0.4 < found[1].chance < 30 / 40
    assert found[1].answered == Answered(40, 30)
    assert found[2].chance == pytest.approx(chances[2].overall.chance)
    assert found[2].answered == Answered()


@given(st.integers(0, 5_000), st.data())
def test_more_answers_make_the_interval_shorter(calls: int, data: st.DataObject) -> None:
    accepted = data.draw(st.integers(0, calls))
    few = estimate_offers({(1, "none"): Answered(calls, accepted)}, [1])[1].overall
    low, high = few.interval()
    assert 0 <= low < few.chance < high <= 1
    many = estimate_offers({(1, "none"): Answered(calls * 9, accepted * 9)}, [1])[1].overall
    again = many.interval()
    if calls > NEW_CALLS and 0 < accepted < calls:
        assert again[1] - again[0] < high - low


def test_draws_of_a_chance_are_as_wide_as_its_interval() -> None:
    estimate = estimate_offers({(1, "none"): Answered(50, 5)}, [1])[1].overall
    rng = Random(3)
    draws = [estimate.draw(rng.betavariate) for _ in range(4_000)]
    low, high = estimate.interval()
    inside = sum(low <= one <= high for one in draws)
    assert abs(inside - 3_800) <= 55  # four standard deviations, sqrt(4000 * .95 * .05) = 13.8
