"""The fewest data that a model or a backtest works on, and one fewer."""

from datetime import date

import numpy as np
import pytest

from benchmarks.seasonal_travellers import draw_travellers
from screenpop.likelihood import backtest as module
from screenpop.likelihood.backtest import HORIZON_DAYS, MIN_DATES, Fitted, ModelName, backtest
from screenpop.likelihood.bg_nbd import MIN_REPEATERS, FitError, PurchaseTable, fit_bg_nbd
from screenpop.likelihood.chances import LATE_GAPS, chances_of
from screenpop.likelihood.hazard import MIN_CASES, fit_hazard
from screenpop.likelihood.histories import (
    Histories,
    TripFacts,
    build_histories,
    take_snapshot,
)
from tests.likelihood.simulated import draw_purchases

TODAY = date(2026, 2, 26).toordinal()


@pytest.mark.parametrize(("came", "fits"), [(30, True), (29, False)])
def test_a_hazard_needs_thirty_customers_that_came(came: int, fits: bool) -> None:
    assert MIN_CASES == 30
    snapshot = take_snapshot(draw_travellers(200, TODAY, 1), TODAY - HORIZON_DAYS, HORIZON_DAYS)
    outcome = np.zeros(len(snapshot.places))
    outcome[:came] = 1
    if fits:
        fit_hazard([snapshot], [outcome], HORIZON_DAYS)
    else:
        with pytest.raises(FitError, match="only 29"):
            fit_hazard([snapshot], [outcome], HORIZON_DAYS)


@pytest.mark.parametrize(("repeaters", "too_few"), [(1, True), (2, False)])
def test_bg_nbd_needs_two_customers_that_came_back(repeaters: int, too_few: bool) -> None:
    assert MIN_REPEATERS == 2
    frequency = np.array([2.0] * repeaters + [0.0] * 50)
    table = PurchaseTable(frequency, frequency * 10, np.full(len(frequency), 30.0))
    try:
        fit_bg_nbd(table, with_limits=True)
        problem = ""
    except FitError as error:
        problem = str(error)
    assert ("came back" in problem) is too_few


@pytest.mark.parametrize(("dates", "tested"), [(2, 0), (3, 3)])
def test_a_backtest_needs_three_dates(dates: int, tested: int) -> None:
    assert MIN_DATES == 3
    fitted: list[int] = []

    def fit(_histories: Histories, day: int) -> Fitted | None:
        fitted.append(day)
        problems = {ModelName.HAZARD: "no hazard", ModelName.BG_NBD: "no fit"}
        return Fitted(day, 0.2, 1.0, problems=problems) if len(fitted) <= dates else None

    assert len(backtest(draw_travellers(200, TODAY, 1), TODAY, fit=fit).dates) == tested


@pytest.mark.parametrize(("most", "tested"), [(200, 200), (199, 199), (201, 200)])
def test_a_backtest_takes_no_more_customers_than_its_limit(
    most: int, tested: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def fit(histories: Histories, _day: int) -> Fitted | None:
        sizes.append(histories.size)
        return None

    assert module.MAX_TESTED == 50_000
    monkeypatch.setattr(module, "MAX_TESTED", most)
    histories = draw_travellers(200, TODAY, 1)
    backtest(histories.chosen(np.arange(200)), TODAY, fit=fit)
    assert sizes == [tested]


@pytest.mark.parametrize(("silent_days", "reason"), [(300, "frequency"), (301, "silence")])
def test_a_silence_of_one_and_a_half_times_the_usual_is_late(silent_days: int, reason: str) -> None:
    assert LATE_GAPS == 1.5
    last = TODAY - silent_days
    traveller = build_histories([([TripFacts(last - 200), TripFacts(last)], [])])
    table, _ = draw_purchases(0.3, 5, 0.8, 2.4, customers=500, age=50, seed=2)
    model = fit_bg_nbd(table)
    fitted = Fitted(TODAY, 1.0, 1.0, bg_nbd=model)
    given = chances_of(traveller, fitted, ModelName.BG_NBD, TODAY)
    assert given.reasons[0] == [(reason, False)]
