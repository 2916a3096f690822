"""A logistic hazard: the chance of a trip within the horizon, from what an agency knows.

Fitted by penalised maximum likelihood: half the squared coefficients of standardised columns are
taken off the log-likelihood, so that columns without much information in a small office weigh
little.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from screenpop.likelihood.bg_nbd import FitError
from screenpop.likelihood.histories import YEAR_DAYS, Floats, Snapshot

PENALTY = 1.0
"""Weight of the penalty: as a normal prior with deviation 1 of each standardised coefficient."""
MIN_CASES = 30
"""Customers with a trip, and without one, that a fit needs at least."""
COLUMNS = (
    *("since_last", "since_last_squared", "trips", "rate", "one_trip"),
    *("rhythm_due", "rhythm_passed", "same_season", "same_season_known", "last_year"),
    *("office_season", "party", "spend", "cases"),
)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fitted model; lists are in the order of ``COLUMNS``."""

    intercept: float
    coefficients: list[float]
    means: list[float]
    scales: list[float]
    lows: list[float]
    """Lowest and highest value of each column seen in the fit; others count as these."""
    highs: list[float]
    customers: int
    log_likelihood: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Hazard":
        return cls(**stored)

    def chances(self, snapshot: Snapshot, horizon: int) -> Floats:
        return np.asarray(expit(self.intercept + self.parts(snapshot, horizon).sum(axis=1)))

    def parts(self, snapshot: Snapshot, horizon: int) -> Floats:
        """Return what each column adds to each customer's log-odds, against the mean customer."""
        inside = np.clip(columns_of(snapshot, horizon), self.lows, self.highs)
        scaled = (inside - self.means) / self.scales
        return np.asarray(scaled * np.array(self.coefficients))


def columns_of(snapshot: Snapshot, horizon: int) -> Floats:
    """Return one row a customer, one column each of ``COLUMNS``."""
    elapsed = (snapshot.day - snapshot.last).astype(np.float64)
    known = (snapshot.day - snapshot.first) / YEAR_DAYS
    has_gap = snapshot.trips > 1
    gap = np.maximum(snapshot.gap, 1.0)
    # 0 where the next usual trip falls into the middle of the horizon, in units of the interval.
    off = np.where(has_gap, (elapsed + horizon / 2 - gap) / gap, 0.0)
    since = np.log1p(elapsed / YEAR_DAYS)
    size = len(snapshot.places)
    return np.column_stack(
        [
            *(since, since**2, np.log(snapshot.trips)),
            *(np.log(snapshot.trips / (known + 1)), ~has_gap),
            np.where(has_gap, np.exp(-((off / 0.35) ** 2)), 0.0),
            *(np.clip(off, 0.0, 3.0), snapshot.season),
            *(np.log1p(snapshot.season_years), snapshot.last_year),
            np.full(size, np.log(snapshot.office_season)),
            *(np.log(np.maximum(snapshot.party, 1.0)), np.log1p(np.maximum(snapshot.spend, 0.0))),
            np.log1p(snapshot.cases),
        ]
    ).astype(np.float64)


def fit_hazard(snapshots: Sequence[Snapshot], outcomes: Sequence[Floats], horizon: int) -> Hazard:
    """Return the model of the pooled snapshots; outcomes are 1 for a trip within the horizon.

    Raises ``FitError`` for too few customers of either kind.
    """
    rows = np.vstack([columns_of(one, horizon) for one in snapshots])
    came = np.concatenate(outcomes)
    few = min(int(came.sum()), int((1 - came).sum()))
    if few < MIN_CASES:
        raise FitError(f"only {few} customers with, or without, a trip within {horizon} days")
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales = np.where(scales > 1e-9, scales, 1.0)
    scaled = np.column_stack([np.ones(len(rows)), (rows - means) / scales])

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = scaled @ weights
        value = np.logaddexp(0, odds).sum() - odds @ came + PENALTY / 2 * weights[1:] @ weights[1:]
        slope = scaled.T @ (expit(odds) - came)
        slope[1:] += PENALTY * weights[1:]
        return float(value) / len(came), slope / len(came)

    begin = np.zeros(scaled.shape[1])
    begin[0] = np.log(came.mean() / (1 - came.mean()))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"gtol": 1e-7})
    value, slope = loss(found.x)
    if not np.isfinite(value) or np.abs(slope).max() > 1e-4:
        raise FitError(f"the search of the hazard's parameters did not end: {found.message}")
    odds = scaled @ found.x
    likelihood = float((odds @ came) - np.logaddexp(0, odds).sum())
    return Hazard(
        float(found.x[0]),
        [float(one) for one in found.x[1:]],
        [float(one) for one in means],
        [float(one) for one in scales],
        [float(one) for one in rows.min(axis=0)],
        [float(one) for one in rows.max(axis=0)],
        len(came),
        likelihood,
    )
