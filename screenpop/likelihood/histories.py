"""Trips of many customers as arrays, and what was known of them on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

YEAR_DAYS = 365.25
YEARS_BACK = 5
"""Former years whose same season is compared."""


@dataclass(frozen=True, slots=True)
class TripFacts:
    """One trip; the first day of it is the event that is predicted."""

    day: int
    """Ordinal of the day of departure."""
    party: int = 1
    spend: float = 0.0
    """Price as a share of the usual price in its currency; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Trips and cases of ``size`` customers; arrays of equal length belong together."""

    size: int
    owner: Ints
    """Place of the customer of each trip, in order."""
    day: Ints
    """Ordinals, in order within a customer."""
    party: Floats
    spend: Floats
    case_owner: Ints
    """In order, too."""
    case_day: Ints

    def between(self, begin: int, end: int) -> "Histories":
        """Return the histories of customers ``begin`` to ``end - 1``, numbered again from 0."""
        trips = slice(*np.searchsorted(self.owner, (begin, end)).tolist())
        cases = slice(*np.searchsorted(self.case_owner, (begin, end)).tolist())
        return Histories(
            *(end - begin, self.owner[trips] - begin, self.day[trips]),
            *(self.party[trips], self.spend[trips]),
            *(self.case_owner[cases] - begin, self.case_day[cases]),
        )

    def chosen(self, places: Ints) -> "Histories":
        """Return the histories of these customers, given in order, numbered again from 0."""
        number = np.full(self.size, -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        trips, cases = number[self.owner] >= 0, number[self.case_owner] >= 0
        return Histories(
            *(len(places), number[self.owner[trips]], self.day[trips]),
            *(self.party[trips], self.spend[trips]),
            *(number[self.case_owner[cases]], self.case_day[cases]),
        )


def build_histories(
    customers: Iterable[tuple[Sequence[TripFacts], Sequence[int]]],
) -> Histories:
    """Return arrays of each customer's trips and days of cases; trips in any order."""
    owner: list[int] = []
    trips: list[tuple[int, float, float]] = []
    case_owner: list[int] = []
    case_day: list[int] = []
    size = 0
    for size, (theirs, cases) in enumerate(customers, start=1):
        for trip in sorted(theirs, key=lambda one: one.day):
            owner.append(size - 1)
            trips.append((trip.day, trip.party, trip.spend))
        for day in cases:
            case_owner.append(size - 1)
            case_day.append(day)
    columns = np.array(trips, dtype=np.float64).reshape(-1, 3)
    whole = np.int64
    return Histories(
        *(size, np.array(owner, dtype=whole), columns[:, 0].astype(whole)),
        *(columns[:, 1], columns[:, 2]),
        *(np.array(case_owner, dtype=whole), np.array(case_day, dtype=whole)),
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was known at the end of a day of the customers with a trip until then."""

    day: int
    places: Ints
    """Of these customers in the histories."""
    trips: Ints
    first: Ints
    last: Ints
    party: Floats
    """Travellers of the last trip."""
    spend: Floats
    """Mean share of the usual price."""
    cases: Ints
    """Cases opened in the year before."""
    season: Floats
    """Share of the former years known in which a trip began in the same season."""
    season_years: Ints
    """Former years known, at most ``YEARS_BACK``."""
    last_year: Bools
    """A trip began in the same season one year ago."""
    office_season: float
    """Trips of all customers in the same season one year ago, as a share of an even spread."""

    @property
    def gap(self) -> Floats:
        """Return the mean days between trips; 0 for one trip."""
        return np.where(self.trips > 1, (self.last - self.first) / np.maximum(self.trips - 1, 1), 0)


def take_snapshot(
    histories: Histories, day: int, horizon: int, office_season: float | None = None
) -> Snapshot:
    """Return what is known on ``day`` without looking at later trips.

    ``office_season``: as stored with a model, where these are not all customers of the office.
    """
    known = histories.day <= day
    owner, days = histories.owner[known], histories.day[known]
    counts = np.bincount(owner, minlength=histories.size)
    places = np.flatnonzero(counts)
    ends = np.cumsum(counts[places])
    starts = ends - counts[places]
    sums = np.bincount(owner, weights=histories.spend[known], minlength=histories.size)
    first, last = days[starts], days[ends - 1]
    season, years, last_year = _same_season(histories, owner, days, places, first, day, horizon)
    recent = (histories.case_day <= day) & (histories.case_day > day - YEAR_DAYS)
    cases = np.bincount(histories.case_owner[recent], minlength=histories.size)
    return Snapshot(
        *(day, places, counts[places], first, last),
        *(histories.party[known][ends - 1], sums[places] / counts[places], cases[places]),
        *(season, years, last_year),
        _office_season(days, day, horizon) if office_season is None else office_season,
    )


def _same_season(
    histories: Histories,
    owner: Ints,
    days: Ints,
    places: Ints,
    first: Ints,
    day: int,
    horizon: int,
) -> tuple[Floats, Ints, Bools]:
    hits = np.zeros(len(places))
    years = np.zeros(len(places), dtype=np.int64)
    last_year = np.zeros(len(places), dtype=np.bool_)
    for back in range(1, YEARS_BACK + 1):
        begin = day - round(back * YEAR_DAYS)
        inside = (days > begin) & (days <= begin + horizon)
        hit = np.bincount(owner[inside], minlength=histories.size)[places] > 0
        # A season is known from the one on in which the first trip began.
        is_known = first <= begin + horizon
        hits += hit & is_known
        years += is_known
        if back == 1:
            last_year = hit
    return hits / np.maximum(years, 1), years, last_year


def _office_season(days: Ints, day: int, horizon: int) -> float:
    begin = day - round(YEAR_DAYS)
    inside = int(((days > begin) & (days <= begin + horizon)).sum())
    whole = int((days > begin).sum())
    # One trip a season is added, so that an office without trips in a season has a figure.
    return (inside + 1) / (whole * horizon / YEAR_DAYS + 1)


def has_trip_within(histories: Histories, snapshot: Snapshot, horizon: int) -> Floats:
    """Return 1 for customers with a trip that began in the ``horizon`` after the day, else 0."""
    later = (histories.day > snapshot.day) & (histories.day <= snapshot.day + horizon)
    counts = np.bincount(histories.owner[later], minlength=histories.size)
    return (counts[snapshot.places] > 0).astype(np.float64)
