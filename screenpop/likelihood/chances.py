"""Each customer's chance by the candidate that is used, with its reasons."""

from dataclasses import dataclass

import numpy as np

from screenpop.likelihood.backtest import HORIZON_DAYS, Fitted, ModelName
from screenpop.likelihood.hazard import COLUMNS, Hazard
from screenpop.likelihood.histories import Floats, Histories, Snapshot, take_snapshot

GROUPS: dict[str, tuple[str, ...]] = {
    "silence": ("since_last", "since_last_squared"),
    "frequency": ("trips", "rate", "one_trip"),
    "rhythm": ("rhythm_due", "rhythm_passed"),
    "season": ("same_season", "same_season_known", "last_year", "office_season"),
    "party": ("party",),
    "spend": ("spend",),
    "cases": ("cases",),
}
"""Columns of the hazard that are one reason."""
MOST_REASONS = 3
WEIGHTY = 0.2
"""Change of the log-odds, against the office's mean customer, from which a reason is given."""
LATE_GAPS = 1.5
"""Usual intervals without a trip, for the reason of a chance by BG/NBD."""
Reasons = list[tuple[str, bool]]
"""Codes, the weightiest first, and whether each raises the chance."""


@dataclass(frozen=True, slots=True)
class Chances:
    """By the place of a customer in the histories; customers without a past trip are missing."""

    chance: dict[int, float]
    reasons: dict[int, Reasons]

    def of(self, place: int) -> "GivenChance | None":
        chance = self.chance.get(place)
        return None if chance is None else GivenChance(chance, self.reasons[place])


@dataclass(frozen=True, slots=True)
class GivenChance:
    chance: float
    reasons: Reasons


def chances_of(histories: Histories, fitted: Fitted, best: ModelName, day: int) -> Chances:
    """Return the chances on ``day``; the office's season is that of the fit."""
    snapshot = take_snapshot(histories, day, HORIZON_DAYS, fitted.office_season)
    chances = fitted.chances(best, snapshot, HORIZON_DAYS)
    if chances is None:
        return Chances({}, {})
    places = snapshot.places.tolist()
    if best is ModelName.HAZARD and fitted.hazard is not None:
        reasons = _reasons_of_hazard(fitted.hazard, snapshot)
    else:
        reasons = _reasons_of_counts(snapshot, chances, fitted.average)
    return Chances(
        dict(zip(places, chances.tolist(), strict=True)), dict(zip(places, reasons, strict=True))
    )


def _reasons_of_hazard(hazard: Hazard, snapshot: Snapshot) -> list[Reasons]:
    parts = hazard.parts(snapshot, HORIZON_DAYS)
    groups = list(GROUPS)
    sums = np.column_stack(
        [
            sum((parts[:, COLUMNS.index(name)] for name in names), np.zeros(len(parts)))
            for names in GROUPS.values()
        ]
    )
    order = np.argsort(-np.abs(sums), axis=1)[:, :MOST_REASONS]
    kept = np.take_along_axis(sums, order, axis=1)
    return [
        [
            (groups[group], weight > 0)
            for group, weight in zip(groups_of, weights, strict=True)
            if abs(weight) >= WEIGHTY
        ]
        for groups_of, weights in zip(order.tolist(), kept.tolist(), strict=True)
    ]


def _reasons_of_counts(snapshot: Snapshot, chances: Floats, average: float) -> list[Reasons]:
    is_late = (snapshot.day - snapshot.last) > LATE_GAPS * np.maximum(snapshot.gap, 1)
    raises = chances >= average
    return [
        [("silence", False)] if late and not more else [("frequency", more)]
        for late, more in zip(is_late.tolist(), raises.tolist(), strict=True)
    ]
