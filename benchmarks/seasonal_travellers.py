"""Invented travellers with seasons of their own: a seeded generator, no data of any office.

Each customer begins on a day of six years and has one of three habits: once a year in the same
weeks (60 %), twice a year half a year apart (10 %), or at random (30 %). After each year with the
office a customer leaves for good with a chance of one in eight.
"""

import numpy as np

from screenpop.likelihood.histories import Histories, TripFacts, build_histories

YEARS = 6
YEAR_DAYS = 365.25
_LEAVES = 1 / 8
_KEEPS_SEASON = 0.85
"""Chance that a yearly traveller travels in a year."""
_JITTER_DAYS = 12.0
_RANDOM_PER_YEAR = 0.7
_HABITS = ("yearly", "twice", "random")


def draw_travellers(customers: int, today: int, seed: int) -> Histories:
    """Return ``customers`` travellers until ``today``, an ordinal."""
    random = np.random.default_rng(seed)
    people: list[tuple[list[TripFacts], list[int]]] = []
    for _ in range(customers):
        begin = today - int(random.integers(1, round(YEARS * YEAR_DAYS)))
        years = int(random.geometric(_LEAVES))
        end = min(today, begin + round(years * YEAR_DAYS))
        party = int(random.integers(1, 5))
        days = [day for day in _days(random, begin, end) if day <= end]
        trips = [TripFacts(day, party, float(random.lognormal(0, 0.4))) for day in days]
        cases = [day + 20 for day in days if random.random() < 0.05]
        people.append((trips, cases))
    return build_histories(people)


def _days(random: np.random.Generator, begin: int, end: int) -> list[int]:
    habit = _HABITS[int(random.choice(3, p=[0.6, 0.1, 0.3]))]
    if habit == "random":
        days, at = [begin], float(begin)
        while (at := at + random.exponential(YEAR_DAYS / _RANDOM_PER_YEAR)) <= end:
            days.append(round(at))
        return days
    step = YEAR_DAYS if habit == "yearly" else YEAR_DAYS / 2
    days, turn = [begin], 1
    while begin + turn * step <= end + 30:
        if random.random() < _KEEPS_SEASON:
            days.append(round(begin + turn * step + random.normal(0, _JITTER_DAYS)))
        turn += 1
    return days
