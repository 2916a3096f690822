"""Months and years of the Gregorian and of the Persian calendar, as their first days."""

from datetime import date
from enum import StrEnum
from typing import Any

from persiantools.jdatetime import JalaliDate

_Persian: Any = JalaliDate  # the library has no types


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    PERSIAN = "persian"


def month_start(day: date, calendar: Calendar) -> date:
    """Return the first day of the month of a day."""
    if calendar is Calendar.GREGORIAN:
        return day.replace(day=1)
    persian = _Persian(day)
    first: date = _Persian(persian.year, persian.month, 1).to_gregorian()
    return first


def year_start(day: date, calendar: Calendar) -> date:
    """Return the first day of the year of a day."""
    if calendar is Calendar.GREGORIAN:
        return day.replace(month=1, day=1)
    first: date = _Persian(_Persian(day).year, 1, 1).to_gregorian()
    return first
