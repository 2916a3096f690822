"""Yearly rhythms of invented customers: most travel in their own weeks, year after year."""

import random
from dataclasses import replace
from datetime import date, timedelta

from screenpop.customers.models import Trip, TripStatus
from screenpop.demo.fixtures import DemoCustomer

_FEWEST, _MOST = 3, 6
"""Years of a rhythm."""
_LEAVES, _MISSES = (12, 88), (8, 92)
"""Weights of yes and no, each year: to come no more, and to stay at home once."""
_SPREAD_DAYS = 9
_RECENT_DAYS = 30
_YEAR_DAYS = 365.2425
_SEASONS = (*((0.0,),) * 6, (0.0, _YEAR_DAYS / 2), *(None,) * 3)
"""Of ten customers with trips six travel yearly, one twice a year, and three at any time."""


def with_a_rhythm(person: DemoCustomer, place: int, today: date, seed: int) -> DemoCustomer:
    """Return the customer with past trips in their own weeks; some stay irregular.

    ``place``: the customer's number, which decides with ``seed``.
    """
    past = [one for one in person.trips if one.status is TripStatus.TRAVELLED and one.departs]
    seasons = _SEASONS[place % len(_SEASONS)]
    if not past or seasons is None:
        return person
    rng = random.Random(f"{seed}:{place}")  # noqa: S311 -- invented customers
    days = _days(rng, today, seasons)
    trips = tuple(_moved(past[number % len(past)], day) for number, day in enumerate(days))
    others = tuple(one for one in person.trips if one.status is not TripStatus.TRAVELLED)
    known = person.draft.customer_since or today
    since = min([known, *(day - timedelta(30) for day in days)])
    return replace(
        person, trips=(*others, *trips), draft=replace(person.draft, customer_since=since)
    )


def _days(rng: random.Random, today: date, seasons: tuple[float, ...]) -> list[date]:
    """Return the days of departure, the newest first, at least one."""
    years = rng.randint(_FEWEST, _MOST)
    begins = rng.uniform(_RECENT_DAYS, _YEAR_DAYS + _RECENT_DAYS)
    found = [
        begins + year * _YEAR_DAYS + season + rng.uniform(-_SPREAD_DAYS, _SPREAD_DAYS)
        for year in range(years)
        for season in seasons
        if year == years - 1 or not _happens(rng, _MISSES)
    ]
    # Looked at from their first trip on, they leave with the same chance each year.
    stays = 1
    while stays < years and not _happens(rng, _LEAVES):
        stays += 1
    gone = (years - stays) * _YEAR_DAYS
    kept = sorted(day for day in found if day >= gone) or [max(found)]
    return [today - timedelta(round(day)) for day in kept]


def _happens(rng: random.Random, weights: tuple[int, int]) -> bool:
    return rng.choices((True, False), weights)[0]


def _moved(trip: Trip, departs: date) -> Trip:
    """Return the trip with other days; its length stays."""
    if trip.departs is None or trip.returns is None:
        return replace(trip, departs=departs, returns=None)
    return replace(trip, departs=departs, returns=departs + (trip.returns - trip.departs))
