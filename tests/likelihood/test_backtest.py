from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.likelihood import backtest as module
from screenpop.likelihood.backtest import (
    HORIZON_DAYS,
    MIN_CUSTOMERS,
    Backtest,
    Fitted,
    ModelName,
    Score,
    backtest,
    fit_all,
    paired_interval,
    reliability,
    wilson_interval,
)
from screenpop.likelihood.bg_nbd import FitError
from screenpop.likelihood.hazard import COLUMNS, Hazard, columns_of, fit_hazard
from screenpop.likelihood.histories import (
    Histories,
    TripFacts,
    build_histories,
    has_trip_within,
    take_snapshot,
)

TODAY = date(2026, 2, 26).toordinal()


def memoryless_travellers(customers: int, seed: int) -> Histories:
    """Return customers who all travel at the same rate, whatever they did before."""
    random = np.random.default_rng(seed)
    people: list[tuple[list[TripFacts], list[int]]] = []
    for _ in range(customers):
        days = [TODAY - int(random.integers(1, 2000))]
        while (at := days[-1] + max(1, round(random.exponential(400)))) <= TODAY:
            days.append(at)
        people.append(([TripFacts(day) for day in days], []))
    return build_histories(people)


def score_of(result: Backtest, model: ModelName) -> Score:
    return next(one for one in result.scores if one.model is model)


def test_the_hazard_speaks_for_seasonal_travellers_and_its_chances_come_true() -> None:
    result = backtest(draw_travellers(1_500, TODAY, 3), TODAY)
    assert result.best is ModelName.HAZARD
    hazard, average = (score_of(result, one) for one in (ModelName.HAZARD, ModelName.AVERAGE))
    assert hazard.brier is not None
    assert average.brier is not None
    assert hazard.brier < 0.85 * average.brier
    large = [one for one in hazard.bins if one.customers >= 200]
    assert len(large) >= 3
    for one in large:
        assert one.came == pytest.approx(one.mean_chance, abs=0.12)


def test_none_speaks_where_the_past_foretells_nothing() -> None:
    result = backtest(memoryless_travellers(1_500, 8), TODAY)
    assert len(result.dates) == module.MAX_DATES
    assert result.best is None


def test_a_short_past_has_no_backtest_and_no_fit() -> None:
    few = draw_travellers(MIN_CUSTOMERS - 1, TODAY, 3)
    assert backtest(few, TODAY) == Backtest(HORIZON_DAYS)
    assert fit_all(few, TODAY) is None
    assert backtest(build_histories([]), TODAY).best is None


def test_no_chance_looks_at_a_trip_after_its_day() -> None:
    whole = draw_travellers(600, TODAY, 5)
    day = TODAY - 400
    seen = whole.day <= day
    cut = Histories(
        *(whole.size, whole.owner[seen], whole.day[seen], whole.party[seen], whole.spend[seen]),
        *(whole.case_owner[whole.case_day <= day], whole.case_day[whole.case_day <= day]),
    )
    found = [fit_all(one, day) for one in (whole, cut)]
    chances = []
    for fitted, histories in zip(found, (whole, cut), strict=True):
        assert fitted is not None
        snapshot = take_snapshot(histories, day, HORIZON_DAYS)
        chances += [fitted.chances(model, snapshot, HORIZON_DAYS) for model in ModelName]
    for one, other in zip(chances[:3], chances[3:], strict=True):
        assert one is not None
        assert other is not None
        np.testing.assert_allclose(one, other)


_PEOPLE = st.lists(
    st.tuples(
        st.lists(st.integers(TODAY - 2500, TODAY + 300), max_size=8),
        st.lists(st.integers(TODAY - 900, TODAY + 50), max_size=3),
    ),
    max_size=6,
)


@given(_PEOPLE)
@settings(deadline=None)
def test_a_snapshot_is_what_one_counts_by_hand(people: list[tuple[list[int], list[int]]]) -> None:
    histories = build_histories(
        [([TripFacts(day, 2, 1.5) for day in days], cases) for days, cases in people]
    )
    snapshot = take_snapshot(histories, TODAY, HORIZON_DAYS)
    came = has_trip_within(histories, snapshot, HORIZON_DAYS)
    known = [
        (place, sorted(day for day in days if day <= TODAY), days, cases)
        for place, (days, cases) in enumerate(people)
        if any(day <= TODAY for day in days)
    ]
    assert snapshot.places.tolist() == [place for place, *_ in known]
    for row, (_, past, days, cases) in enumerate(known):
        assert snapshot.trips[row] == len(past)
        assert (snapshot.first[row], snapshot.last[row]) == (past[0], past[-1])
        assert snapshot.spend[row] == pytest.approx(1.5)
        assert snapshot.cases[row] == sum(TODAY - 365.25 < day <= TODAY for day in cases)
        assert came[row] == any(TODAY < day <= TODAY + HORIZON_DAYS for day in days)
        begins = [TODAY - round(back * 365.25) for back in range(1, 6)]
        years = [one for one in begins if past[0] <= one + HORIZON_DAYS]
        hits = [any(one < day <= one + HORIZON_DAYS for day in past) for one in years]
        assert snapshot.season_years[row] == len(years)
        assert snapshot.season[row] == pytest.approx(sum(hits) / max(len(years), 1))
    assert np.isfinite(columns_of(snapshot, HORIZON_DAYS)).all()
    assert columns_of(snapshot, HORIZON_DAYS).shape == (len(known), len(COLUMNS))


def test_chosen_histories_are_those_of_the_customers_alone() -> None:
    whole = draw_travellers(60, TODAY, 2)
    places = np.array([3, 17, 58])
    part = whole.chosen(places)
    for number, place in enumerate(places):
        assert part.day[part.owner == number].tolist() == whole.day[whole.owner == place].tolist()
    some, other = whole.between(17, 40), whole.chosen(np.arange(17, 40))
    for name in ("size", "owner", "day", "party", "spend", "case_owner", "case_day"):
        np.testing.assert_array_equal(getattr(some, name), getattr(other, name))


def hazard_of(customers: int, seed: int) -> tuple[Hazard, Histories]:
    histories = draw_travellers(customers, TODAY, seed)
    snapshots = [
        take_snapshot(histories, TODAY - HORIZON_DAYS * back, HORIZON_DAYS) for back in (1, 2, 3, 4)
    ]
    outcomes = [has_trip_within(histories, one, HORIZON_DAYS) for one in snapshots]
    return fit_hazard(snapshots, outcomes, HORIZON_DAYS), histories


def test_a_stored_hazard_gives_the_same_chances() -> None:
    hazard, histories = hazard_of(800, 7)
    snapshot = take_snapshot(histories, TODAY, HORIZON_DAYS)
    again = Hazard.from_json(hazard.to_json())
    assert again.chances(snapshot, HORIZON_DAYS).tolist() == (
        hazard.chances(snapshot, HORIZON_DAYS).tolist()
    )
    # The training data's mean chance is its share of trips: a property of the maximum.
    parts = hazard.parts(snapshot, HORIZON_DAYS).sum(axis=1) + hazard.intercept
    np.testing.assert_allclose(1 / (1 + np.exp(-parts)), hazard.chances(snapshot, HORIZON_DAYS))


def test_the_hazard_is_refused_for_too_few_customers() -> None:
    histories = draw_travellers(20, TODAY, 1)
    snapshot = take_snapshot(histories, TODAY - HORIZON_DAYS, HORIZON_DAYS)
    outcome = has_trip_within(histories, snapshot, HORIZON_DAYS)
    with pytest.raises(FitError, match="only"):
        fit_hazard([snapshot], [outcome], HORIZON_DAYS)


def test_a_model_that_cannot_be_fitted_is_reported_with_its_reason() -> None:
    def fit(histories: Histories, day: int) -> Fitted | None:
        problems = {ModelName.HAZARD: "no hazard", ModelName.BG_NBD: "no fit"}
        return Fitted(day, 0.2, 1.0, problems=problems)

    result = backtest(draw_travellers(200, TODAY, 1), TODAY, fit=fit)
    assert score_of(result, ModelName.BG_NBD) == Score(ModelName.BG_NBD, problem="no fit")
    assert result.best is None


def test_the_interval_holds_the_true_difference_about_95_times_of_100() -> None:
    random = np.random.default_rng(11)
    customers, dates = np.tile(np.arange(60), 8), np.repeat(np.arange(8), 60)
    inside = 0
    for _ in range(400):
        noise = random.normal(0, 1, 60)[customers] + random.normal(0, 0.5, 8)[dates]
        mean, half = paired_interval(0.3 + noise + random.normal(0, 1, 480), customers, dates)
        inside += abs(mean - 0.3) <= half
    assert 0.91 <= inside / 400 <= 0.995


@pytest.mark.parametrize(
    ("better", "low", "beats"),
    [(0.0010, 0.0001, True), (0.0010, 0.0, False), (0.00099, 0.0009, False), (0.05, -0.01, False)],
)
def test_a_candidate_beats_the_average_by_its_interval_and_by_one_percent(
    better: float, low: float, beats: bool
) -> None:
    score = Score(ModelName.HAZARD, 0.1 - better, better, low, better + 0.1)
    assert score.beats_average is beats
    assert Score(ModelName.AVERAGE, 0.1).beats_average is False


def test_reliability_counts_each_customer_in_one_tenth() -> None:
    chances = np.array([0.0, 0.05, 0.0999, 0.1, 0.95, 1.0])
    came = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    bins = reliability(chances, came)
    assert [one.customers for one in bins] == [3, 1, 2]
    assert bins[0].came == pytest.approx(1 / 3)
    assert bins[-1].mean_chance == pytest.approx(0.975)


@pytest.mark.parametrize(
    ("share", "count", "expected"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
    [(81 / 263, 263, (0.2553, 0.3662)), (15 / 148, 148, (0.0624, 0.1605)), (0.0, 20, (0, 0.1611))],
)
def test_wilsons_interval_is_the_published_one(
    share: float, count: int, expected: tuple[float, float]
) -> None:
    assert wilson_interval(share, count) == pytest.approx(expected, abs=5e-5)
