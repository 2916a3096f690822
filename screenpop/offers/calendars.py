"""The times of the year in which offers run; feasts that move from year to year are computed."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from persiantools.jdatetime import JalaliDate

_Persian: Any = JalaliDate  # the library has no types

_PERSIAN_YEARS = 621
"""A Persian year begins in the Gregorian year that is this much larger."""


class Calendar(StrEnum):
    NOWRUZ = "nowruz"
    WESTERN_EASTER = "western_easter"
    ORTHODOX_EASTER = "orthodox_easter"
    SCHOOL_HOLIDAYS = "school_holidays"
    """The spans that the office states for each year."""
    OWN = "own"
    """A period with its own first and last day."""


def feast(calendar: Calendar, year: int) -> date:
    """Return the day of a feast in a Gregorian year. Raises ``ValueError`` for no feast."""
    match calendar:
        case Calendar.NOWRUZ:
            return nowruz(year)
        case Calendar.WESTERN_EASTER:
            return western_easter(year)
        case Calendar.ORTHODOX_EASTER:
            return orthodox_easter(year)
        case Calendar.SCHOOL_HOLIDAYS | Calendar.OWN:
            raise ValueError(f"{calendar.value} is no feast")


@lru_cache(maxsize=64)
def nowruz(year: int) -> date:
    """Return 1 Farvardin, the Persian new year."""
    found: date = _Persian(year - _PERSIAN_YEARS, 1, 1).to_gregorian()
    return date(found.year, found.month, found.day)


@lru_cache(maxsize=64)
def western_easter(year: int) -> date:
    """Return Easter Sunday of the Western churches (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def orthodox_easter(year: int) -> date:
    """Return Easter Sunday of the Orthodox churches: that of the Julian calendar, converted."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    difference = year // 100 - year // 400 - 2
    return date(year, month, day + 1) + timedelta(difference)
