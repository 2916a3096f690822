"""Backtests of all candidates at rolling dates of the office's own past.

At each date a candidate is fitted to what was known on that day, and its chances are compared with
what happened in the horizon after it. The difference of Brier scores between the plain average and
a candidate is given with a 95 % interval that allows for customers who appear at several dates and
for dates that were good or bad for all customers (two-way clustered variance: Cameron, Gelbach and
Miller 2011, Journal of Business & Economic Statistics 29(2), 238-249; Student's t with one degree
of freedom less than dates).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from scipy.stats import t as student

from screenpop.likelihood.bg_nbd import BgNbd, FitError, PurchaseTable, fit_bg_nbd
from screenpop.likelihood.hazard import Hazard, fit_hazard
from screenpop.likelihood.histories import (
    Floats,
    Histories,
    Ints,
    Snapshot,
    has_trip_within,
    take_snapshot,
)

HORIZON_DAYS = 90
STEP_DAYS = 91
MAX_DATES = 8
"""Two years of rolling dates, so that each season is tested twice."""
TRAINING_DATES = 8
MIN_DATES = 3
MIN_CUSTOMERS = 100
"""Customers with a trip before a date, for it to be a date of the backtest."""
MAX_TRAINED = 40_000
"""Pairs of a customer and a date that are drawn for a fit of the hazard."""
MAX_PURCHASERS = 10_000
"""Customers drawn for a fit of BG/NBD."""
MAX_TESTED = 50_000
"""Customers drawn for the backtest and for the fits."""
MIN_GAIN = 0.01
"""Share of the average's Brier score that a candidate saves at least. With less it gives about the
same chance to all customers, which helps no agent."""
BINS = 10


class ModelName(StrEnum):
    AVERAGE = "average"
    BG_NBD = "bg_nbd"
    HAZARD = "hazard"


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers with chances in one tenth of the range."""

    customers: int
    mean_chance: float
    came: float
    """Share that travelled."""
    low: float
    high: float
    """Wilson's 95 % interval of that share."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one candidate did, over all dates at which it could be fitted."""

    model: ModelName
    brier: float | None = None
    """Mean squared difference of chance and outcome; None where it could not be fitted."""
    better: float | None = None
    """Brier score of the plain average on the same customers and dates, minus its own."""
    low: float | None = None
    high: float | None = None
    """95 % interval of ``better``."""
    bins: tuple[Bin, ...] = ()
    problem: str = ""
    """Why it could not be fitted, at the last date where that was so."""

    @property
    def gain(self) -> float:
        """Return the share of the average's Brier score that it saves."""
        if self.brier is None or self.better is None:
            return 0.0
        return self.better / max(self.brier + self.better, 1e-12)

    @property
    def beats_average(self) -> bool:
        return self.low is not None and self.low > 0 and self.gain >= MIN_GAIN


@dataclass(frozen=True, slots=True)
class Backtest:
    horizon: int
    dates: tuple[int, ...] = ()
    """Ordinals, the oldest first; empty where the past is too short."""
    customers: int = 0
    """Pairs of a customer and a date."""
    came: float = 0.0
    """Share of these pairs with a trip within the horizon."""
    scores: tuple[Score, ...] = ()
    best: ModelName | None = None
    """The candidate with the lowest Brier score of those that surely beat the average.

    None: no chance is shown.
    """

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Fitted:
    """All candidates fitted to what was known on one day."""

    day: int
    average: float
    office_season: float
    hazard: Hazard | None = None
    bg_nbd: BgNbd | None = None
    problems: dict[ModelName, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Fitted":
        hazard, bg_nbd = stored["hazard"], stored["bg_nbd"]
        return cls(
            stored["day"],
            stored["average"],
            stored["office_season"],
            None if hazard is None else Hazard.from_json(hazard),
            None if bg_nbd is None else BgNbd(**bg_nbd),
        )

    def chances(self, model: ModelName, snapshot: Snapshot, horizon: int) -> Floats | None:
        """Return each customer's chance; None where the model could not be fitted."""
        match model:
            case ModelName.AVERAGE:
                return np.full(len(snapshot.places), self.average)
            case ModelName.HAZARD:
                return None if self.hazard is None else self.hazard.chances(snapshot, horizon)
            case ModelName.BG_NBD:
                if self.bg_nbd is None:
                    return None
                return self.bg_nbd.chance_of_purchase(purchase_table(snapshot), horizon)


def purchase_table(snapshot: Snapshot) -> PurchaseTable:
    """Return frequency, recency and T in days; the first trip is not counted."""
    return PurchaseTable(
        (snapshot.trips - 1).astype(np.float64),
        (snapshot.last - snapshot.first).astype(np.float64),
        (snapshot.day - snapshot.first).astype(np.float64),
    )


def fit_all(histories: Histories, day: int, seed: int = 1) -> Fitted | None:
    """Fit all candidates to what is known on ``day``; None without a past to learn from."""
    histories = _no_more_than(histories, MAX_TESTED, seed)
    training = _training(histories, day)
    if not training:
        return None
    snapshots = [one for one, _ in training]
    outcomes = [one for _, one in training]
    average = float(np.concatenate(outcomes).mean())
    now = take_snapshot(histories, day, HORIZON_DAYS)
    random = np.random.default_rng(seed)
    problems: dict[ModelName, str] = {}
    hazard: Hazard | None = None
    bg_nbd: BgNbd | None = None
    try:
        most = max(1, MAX_TRAINED // len(snapshots))
        drawn = [_draw(random, len(one.places), most) for one in snapshots]
        hazard = fit_hazard(
            [_some(one, places) for one, places in zip(snapshots, drawn, strict=True)],
            [one[places] for one, places in zip(outcomes, drawn, strict=True)],
            HORIZON_DAYS,
        )
    except FitError as problem:
        problems[ModelName.HAZARD] = str(problem)
    try:
        places = _draw(random, len(now.places), MAX_PURCHASERS)
        bg_nbd = fit_bg_nbd(purchase_table(_some(now, places)), with_limits=True)
    except FitError as problem:
        problems[ModelName.BG_NBD] = str(problem)
    return Fitted(day, average, now.office_season, hazard, bg_nbd, problems)


def _training(histories: Histories, day: int) -> list[tuple[Snapshot, Floats]]:
    """Return snapshots whose horizon had ended by ``day``, with what happened in it."""
    found: list[tuple[Snapshot, Floats]] = []
    for back in range(TRAINING_DATES):
        begin = day - HORIZON_DAYS - back * STEP_DAYS
        snapshot = take_snapshot(histories, begin, HORIZON_DAYS)
        if len(snapshot.places) < MIN_CUSTOMERS:
            break
        found.append((snapshot, has_trip_within(histories, snapshot, HORIZON_DAYS)))
    return found


def _no_more_than(histories: Histories, most: int, seed: int) -> Histories:
    """Return some of the customers where there are more; snapshots of a million take a gigabyte."""
    if histories.size <= most:
        return histories
    return histories.chosen(_draw(np.random.default_rng(seed), histories.size, most))


def _draw(random: np.random.Generator, size: int, most: int) -> Ints:
    if size <= most:
        return np.arange(size)
    return np.sort(random.choice(size, most, replace=False))


def _some(snapshot: Snapshot, rows: Ints) -> Snapshot:
    names = ("places", "trips", "first", "last", "party", "spend", "cases", "season")
    some = {name: getattr(snapshot, name)[rows] for name in (*names, "season_years", "last_year")}
    return Snapshot(day=snapshot.day, office_season=snapshot.office_season, **some)


Fit = Callable[[Histories, int], Fitted | None]


def backtest(histories: Histories, today: int, seed: int = 1, fit: Fit = fit_all) -> Backtest:
    """Return how each candidate would have done on this office's past."""
    histories = _no_more_than(histories, MAX_TESTED, seed)
    trials = _Trials()
    for back in range(MAX_DATES):
        day = today - HORIZON_DAYS - back * STEP_DAYS
        fitted = fit(histories, day)
        if fitted is None:
            break
        trials.add(histories, fitted)
    if len(trials.days) < MIN_DATES:
        return Backtest(HORIZON_DAYS)
    return trials.result()


class _Trials:
    """Chances and outcomes at each date."""

    def __init__(self) -> None:
        self.days: list[int] = []
        self._customers: list[Ints] = []
        self._dates: list[Ints] = []
        self._came: list[Floats] = []
        self._chances: dict[ModelName, list[Floats]] = {model: [] for model in ModelName}
        self._problems: dict[ModelName, str] = {}

    def add(self, histories: Histories, fitted: Fitted) -> None:
        snapshot = take_snapshot(histories, fitted.day, HORIZON_DAYS)
        size = len(snapshot.places)
        self._customers.append(snapshot.places)
        self._dates.append(np.full(size, len(self.days)))
        self._came.append(has_trip_within(histories, snapshot, HORIZON_DAYS))
        for model, kept in self._chances.items():
            chances = fitted.chances(model, snapshot, HORIZON_DAYS)
            kept.append(np.full(size, np.nan) if chances is None else chances)
            if chances is None:
                self._problems.setdefault(model, fitted.problems[model])
        self.days.append(fitted.day)

    def result(self) -> Backtest:
        came = np.concatenate(self._came)
        customers, dates = np.concatenate(self._customers), np.concatenate(self._dates)
        average = np.concatenate(self._chances[ModelName.AVERAGE])
        scores = [
            self._score(
                model, np.concatenate(self._chances[model]), average, came, customers, dates
            )
            for model in ModelName
        ]
        able = [one for one in scores if one.beats_average]
        # By the gain: the same order as by Brier where all could be fitted at the same dates.
        best = max(able, key=lambda one: one.gain).model if able else None
        days = tuple(sorted(self.days))
        return Backtest(HORIZON_DAYS, days, len(came), float(came.mean()), tuple(scores), best)

    def _score(
        self,
        model: ModelName,
        chances: Floats,
        average: Floats,
        came: Floats,
        customers: Ints,
        dates: Ints,
    ) -> Score:
        known = ~np.isnan(chances)
        problem = self._problems.get(model, "")
        if len(np.unique(dates[known])) < MIN_DATES:
            return Score(model, problem=problem or "fitted at too few dates")
        chances, average, came = chances[known], average[known], came[known]
        own = (chances - came) ** 2
        better, bins = (average - came) ** 2 - own, reliability(chances, came)
        if model is ModelName.AVERAGE:
            return Score(model, float(own.mean()), bins=bins)
        mean, half = paired_interval(better, customers[known], dates[known])
        brier = float(own.mean())
        return Score(model, brier, mean, mean - half, mean + half, bins, problem)


def paired_interval(differences: Floats, customers: Ints, dates: Ints) -> tuple[float, float]:
    """Return the mean difference and half of its 95 % interval, clustered both ways."""
    mean = float(differences.mean())
    rest = differences - mean
    by_customer, by_date = (
        float((np.bincount(groups, weights=rest) ** 2).sum()) for groups in (customers, dates)
    )
    alone = float((rest**2).sum())
    variance = max(by_customer, by_date, by_customer + by_date - alone) / len(rest) ** 2
    freedom = max(len(np.unique(dates)) - 1, 1)
    # The variance of few clusters is too small: the usual factor of n / (n - 1).
    variance *= (freedom + 1) / freedom
    return mean, float(student.ppf(0.975, freedom)) * variance**0.5


def reliability(chances: Floats, came: Floats, bins: int = BINS) -> tuple[Bin, ...]:
    """Return chances and outcomes by tenths of the range, without empty ones."""
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    found: list[Bin] = []
    for one in range(bins):
        inside = place == one
        count = int(inside.sum())
        if count:
            share = float(came[inside].mean())
            low, high = wilson_interval(share, count)
            found.append(Bin(count, float(chances[inside].mean()), share, low, high))
    return tuple(found)


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of ``count``."""
    z = 1.959964
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    root = (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    half = z * root / (1 + z * z / count)
    return max(0.0, centre - half), min(1.0, centre + half)
