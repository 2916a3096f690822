"""Scores customers: reads their trips, fits and tests the candidates, writes values."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screenpop.likelihood.backtest import Backtest, Fitted, ModelName, backtest, fit_all
from screenpop.likelihood.chances import Chances, chances_of
from screenpop.likelihood.hazard import COLUMNS
from screenpop.likelihood.histories import Histories
from screenpop.loyalty.tiers import TierRule
from screenpop.loyalty.value import TOP_SHARE, CustomerValue, ValueRun
from screenpop.scoring.customer_value import Scoring, customer_value
from screenpop.store.engine.database import Database
from screenpop.store.value.office import Office, read_customers, read_office
from screenpop.store.value.queries import load_model
from screenpop.store.value.rows import (
    Share,
    drop_unscored,
    load_shares,
    save_run,
    write_some_values,
    write_values,
)

WRITE_SLICE = 2_000
"""Customers written in one transaction: the call log waits a tenth of a second at most."""


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    run: ValueRun
    result: Backtest
    fitted: Fitted | None
    tiers_raised: int


async def score_office(
    database: Database, today: date, rules: Sequence[TierRule], now: float
) -> ScoreSummary:
    """Score all customers and store the run."""
    began = time.perf_counter()
    office = await read_office(database)
    histories = histories_of(office)
    result = backtest(histories, today.toordinal())
    fitted = fit_all(histories, today.toordinal())
    shares = _shares(office, today)
    scoring, raised = _scoring(office, today, rules), 0
    for begin in range(0, len(office.customers), WRITE_SLICE):
        places = range(begin, min(begin + WRITE_SLICE, len(office.customers)))
        # Chances of a slice at a time: those of a million customers take a gigabyte.
        some = histories.between(places.start, places.stop)
        chances = None
        if fitted is not None and result.best is not None:
            chances = chances_of(some, fitted, result.best, today.toordinal())
        values = list(_values(scoring, places, chances, shares))
        raised += await write_values(database, values, now=now)
    await drop_unscored(database, today)
    run = ValueRun(
        now, today, time.perf_counter() - began, len(office.customers), _report(result, fitted)
    )
    model = {"best": result.best, "fitted": None if fitted is None else fitted.to_json()}
    await save_run(database, run, model)
    return ScoreSummary(run, result, fitted, raised)


async def score_customers(
    database: Database, ids: Sequence[int], today: date, rules: Sequence[TierRule], now: float
) -> None:
    """Score some customers with the model of the last run; their place among all stays."""
    office = await read_customers(database, ids)
    stored = await load_model(database)
    chances = None
    if stored is not None and stored.model["best"] and stored.model["fitted"]:
        fitted = Fitted.from_json(stored.model["fitted"])
        best = ModelName(stored.model["best"])
        chances = chances_of(histories_of(office), fitted, best, today.toordinal())
    known = await load_shares(database, ids)
    shares = [known.get(one, Share(None, is_top=False)) for one in office.customers]
    values = list(_values(_scoring(office, today, rules), range(len(shares)), chances, shares))
    await write_some_values(database, ids, values, now=now)


def histories_of(office: Office) -> Histories:
    """Return the office's trips for the candidates; prices as shares of the usual one."""
    counts = _ints(office.trips)
    price, currency = _ints(office.price).astype(np.float64), _ints(office.currency)
    case_owner = _ints(office.case_owner)
    order = np.argsort(case_owner, kind="stable")
    return Histories(
        len(counts),
        np.repeat(np.arange(len(counts)), counts),
        _ints(office.day),
        _ints(office.party).astype(np.float64),
        _relative(price, currency),
        *(case_owner[order], _ints(office.case_day)[order]),
    )


def _ints(values: Any) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _relative(amounts: NDArray[np.float64], currency: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return amounts as shares of the median positive amount of their currency."""
    relative = np.zeros(len(amounts))
    for one in np.unique(currency):
        inside = currency == one
        positive = amounts[inside & (amounts > 0)]
        if len(positive):
            relative[inside] = amounts[inside] / np.median(positive)
    return relative


def _shares(office: Office, today: date) -> list[Share]:
    """Return each customer's place by profit; by spend where fewer than half have a margin."""
    counts, currency = _ints(office.trips), _ints(office.currency)
    owner = np.repeat(np.arange(len(counts)), counts)
    taken = _ints(office.day) <= today.toordinal()
    margin = _ints(office.margin).astype(np.float64)
    has_margins = bool((margin[taken] != 0).sum() * 2 >= taken.sum())
    amounts = margin if has_margins else _ints(office.price).astype(np.float64)
    # Of one trip with a huge price in the wrong currency the total should not be made.
    worth = np.clip(_relative(amounts, currency), -100.0, 100.0) * taken
    total = np.bincount(owner, weights=worth, minlength=len(counts))
    return shares_of(total.astype(np.float64))


def shares_of(total: NDArray[np.float64]) -> list[Share]:
    """Return places and membership of the few that bring ``TOP_SHARE``; none for nothing."""
    order = np.argsort(-total, kind="stable")
    positive = int((total > 0).sum())
    found = [Share(None, is_top=False)] * len(total)
    reached, whole = 0.0, float(total[total > 0].sum())
    for rank, place in enumerate(order[:positive].tolist()):
        found[place] = Share(1 + rank * 100 // positive, is_top=reached < TOP_SHARE * whole)
        reached += float(total[place])
    return found


def _scoring(office: Office, today: date, rules: Sequence[TierRule]) -> Scoring:
    starts = [0, *np.cumsum(_ints(office.trips)).tolist()]
    return Scoring(office, starts, today, rules)


def _values(
    scoring: Scoring, places: range, chances: Chances | None, shares: Sequence[Share]
) -> Iterator[CustomerValue]:
    """Yield the values of the customers at ``places``; chances are numbered from the first."""
    for number, place in enumerate(places):
        given = None if chances is None else chances.of(number)
        yield customer_value(scoring, place, given, shares[place])


def _report(result: Backtest, fitted: Fitted | None) -> dict[str, object]:
    parameters = None if fitted is None else {**fitted.to_json(), "columns": COLUMNS}
    return {**result.to_json(), "parameters": parameters}
