"""A customer's own rhythm of travel: a season of the year, or an interval between trips.

A season is found on the circle of the year, not by calendar month, so that trips at the turn of a
month, or around Nowruz, belong together in every calendar. Where no season is kept in most years,
the rhythm is the median interval between departures.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from screenpop.customers.models import Trip, TripStatus

MIN_TRIPS = 3
ONE_TRIP_DAYS = 3
"""Departures at most this many days after the first one belong to the same trip."""
YEAR_DAYS = 365.2425
MONTH_DAYS = YEAR_DAYS / 12
SEASON_DAYS = 62
"""Width of a season: the longest span of the year in which its departures lie."""
SEASON_SHARE = 0.6
"""Share of the trips, and of the years between first and last, that a season must have."""
SEASON_GRACE_DAYS = 21
"""Days after the latest usual departure before a season counts as missed."""
EARLY_DAYS = 93
"""Days before a season in which a trip counts for it."""
INTERVAL_FACTOR = 1.5
MIN_INTERVAL_GRACE_DAYS = 30
_NOT_TAKEN = frozenset({TripStatus.ASKED, TripStatus.QUOTED, TripStatus.CANCELLED})


class RhythmKind(StrEnum):
    SEASON = "season"
    """Once a year, in the same weeks."""
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Rhythm:
    kind: RhythmKind
    interval_months: int
    """Months between trips, at least 1; 12 for a season."""
    last: date
    """The last departure, a booked one included."""
    due: date
    """When the next trip is usual: in a season the middle of the first one without a trip."""
    lapsed_from: date
    """The first day on which the customer counts as lapsed if no other trip is booked."""
    trips: int

    def is_lapsed(self, today: date) -> bool:
        return today >= self.lapsed_from


def own_rhythm(trips: Iterable[Trip]) -> Rhythm | None:
    """Return the rhythm of the trips taken and booked; None for fewer than three."""
    days = departures(trips)
    return find_rhythm(days) if len(days) >= MIN_TRIPS else None


def departures(trips: Iterable[Trip]) -> tuple[date, ...]:
    """Return the days of departure of trips taken or booked, in the order of the trips."""
    return tuple([trip.departs for trip in trips if trip.departs and trip.status not in _NOT_TAKEN])


@lru_cache(maxsize=4096)
def find_rhythm(days: tuple[date, ...]) -> Rhythm | None:
    """Return the rhythm of these days of departure, in any order; None for fewer than three."""
    taken = separate_trips(days)
    if len(taken) < MIN_TRIPS:
        return None
    return _season(taken) or _interval(taken)


def separate_trips(days: Iterable[date]) -> list[int]:
    """Return ordinals in order, without departures that belong to the trip before."""
    kept: list[int] = []
    last = -ONE_TRIP_DAYS
    for ordinal in sorted(map(date.toordinal, days)):
        if ordinal - last > ONE_TRIP_DAYS:
            kept.append(ordinal)
            last = ordinal
    return kept


def _season(taken: Sequence[int]) -> Rhythm | None:
    start, width, count = _fullest_window(sorted([day % YEAR_DAYS for day in taken]))
    few = max(MIN_TRIPS, len(taken) * SEASON_SHARE)
    if count < few:
        return None
    # The number of the season of each departure that lies in one; half a day for the rounding.
    first = start - 0.5
    years = {int(year) for day in taken if (year := (day - first) / YEAR_DAYS) % 1 <= _SEASON}
    if len(years) < max(few, (max(years) - min(years) + 1) * SEASON_SHARE):
        return None
    middle, last = start + width / 2, taken[-1]
    missed = (last + EARLY_DAYS - middle) // YEAR_DAYS + 1
    due = middle + missed * YEAR_DAYS
    lapsed_from = due + width / 2 + SEASON_GRACE_DAYS
    return Rhythm(RhythmKind.SEASON, 12, _day(last), _day(due), _day(lapsed_from), len(taken))


_SEASON = (SEASON_DAYS + 1) / YEAR_DAYS


def _fullest_window(angles: list[float]) -> tuple[float, float, int]:
    """Return start, width and number of days of the part of the year with the most departures.

    Of several the narrowest. ``angles``: days of the year in order.
    """
    size = len(angles)
    twice = angles + [angle + YEAR_DAYS for angle in angles]
    start, width, count, end = 0.0, 0.0, 0, 0
    for place in range(size):
        begins, most = twice[place], place + size
        while end < most and twice[end] - begins <= SEASON_DAYS:
            end += 1
        inside, wide = end - place, twice[end - 1] - begins
        if inside > count or (inside == count and wide < width):
            start, width, count = begins, wide, inside
    return start, width, count


def _interval(taken: Sequence[int]) -> Rhythm:
    gaps = sorted(after - before for before, after in itertools.pairwise(taken))
    usual, long = _quantile(gaps, 0.5), _quantile(gaps, 0.75)
    # A customer with uneven intervals has lapsed after one that is long even for them.
    grace = max(long * INTERVAL_FACTOR, long + MIN_INTERVAL_GRACE_DAYS)
    last, months = taken[-1], max(1, round(usual / MONTH_DAYS))
    due, lapsed_from = _day(last + usual), _day(last + grace)
    return Rhythm(RhythmKind.INTERVAL, months, _day(last), due, lapsed_from, len(taken))


def _quantile(ordered: Sequence[int], share: float) -> float:
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _day(ordinal: float) -> date:
    return date.fromordinal(min(max(1, round(ordinal)), date.max.toordinal()))
