"""Birthdays and anniversaries without a year, in the Persian calendar.

A day without a year is stored as a Gregorian day and month, in the year 1904. A Gregorian and a
Persian day do not correspond in every year: they shift by a day around leap years. The rule is the
next celebration, today included, as on the card: the Persian day of a stored one is the Persian
day on which it is celebrated next, and a Persian day is stored as the Gregorian day on which it is
celebrated next. 30 Esfand is celebrated on the last day of Esfand, 29 February on the 28th.
"""

from datetime import date
from typing import Any

from persiantools.jdatetime import JalaliDate

from screenpop.common.search_normalization import fold
from screenpop.customers.anniversaries import next_birthday

_Persian: Any = JalaliDate  # the library has no types

NO_YEAR = 1904
"""The year of a day without one: a leap year in which no caller was born."""
PERSIAN_MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
_MONTH_OF = {fold(name): month for month, name in enumerate(PERSIAN_MONTHS, 1)} | {
    fold("امرداد"): 5
}
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian_text(day: date, today: date) -> str:
    """Return a day without a year as Persians write it: ``۱۲ مرداد``."""
    persian = _Persian(next_birthday(day, today))
    return f"{str(persian.day).translate(_DIGITS)} {PERSIAN_MONTHS[persian.month - 1]}"


def from_persian(month: int, day: int, today: date) -> date:
    """Return a Persian day without a year as it is stored. Raises ``ValueError``."""
    year = _Persian(today).year
    this_year = _in_persian_year(year, month, day)
    celebrated = this_year if this_year >= today else _in_persian_year(year + 1, month, day)
    return celebrated.replace(year=NO_YEAR)


def read_persian_text(folded: str, today: date) -> date | None:
    """Return the day of a folded text such as ``12 مرداد``; None for any other text.

    Raises ``ValueError`` for a day that the month does not have.
    """
    day, _, name = folded.partition(" ")
    month = _MONTH_OF.get(name.strip())
    if month is None or not (day.isascii() and day.isdigit() and len(day) <= 2):
        return None
    return from_persian(month, int(day), today)


def _in_persian_year(year: int, month: int, day: int) -> date:
    last_of_esfand = (month, day) == (12, 30) and not _Persian.is_leap(year)
    found: date = _Persian(year, month, day - last_of_esfand).to_gregorian()
    return date(found.year, found.month, found.day)
