"""Parsing of dates as people type them, Persian or Gregorian, in any digits.

A year under 1600 is Persian: no customer was born that early in the Gregorian calendar. A day
without a year gets the year 1904, as everywhere in customer records.
"""

import re
from datetime import date
from typing import Any

from persiantools.jdatetime import JalaliDate

from screenpop.common.search_normalization import fold

_Persian: Any = JalaliDate  # the library has no types

NO_YEAR = 1904
_FIRST_GREGORIAN = 1600
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PARTS = re.compile(r"(\d{1,4})\s*[-/.٫ ]\s*(\d{1,2})(?:\s*[-/.٫ ]\s*(\d{1,4}))?")


class InvalidDateError(ValueError):
    """The text is no day of either calendar."""


def parse_date(text: str) -> date | None:
    """Return the day; None for an empty text. Raises ``InvalidDateError``.

    ``1366/5/12``, ``۱۳۶۶/۰۵/۱۲``, ``1987-08-03``, ``3/8/1987``, ``08-03`` (no year).
    """
    written = fold(text).strip(" -/.")
    if not written:
        return None
    found = _PARTS.fullmatch(written)
    if found is None:
        raise InvalidDateError(text)
    try:
        return _day(*(int(part) for part in found.groups() if part))
    except ValueError as error:
        raise InvalidDateError(text) from error


def format_date(day: date | None, language: str) -> str:
    """Return a day in the format of a form in this language, which ``parse_date`` reads again.

    Persian date and digits for Persian, else ISO 8601.
    """
    if day is None:
        return ""
    if day.year == NO_YEAR:
        return day.strftime("%m-%d")
    if language == "fa":
        persian = _Persian(day)
        written = f"{persian.year:04d}/{persian.month:02d}/{persian.day:02d}"
        return written.translate(_PERSIAN_DIGITS)
    return day.isoformat()


def _day(first: int, second: int, third: int | None = None) -> date:
    if third is None:
        return date(NO_YEAR, first, second)
    year, month, day = (first, second, third) if first > 31 else (third, second, first)
    if year >= _FIRST_GREGORIAN:
        return date(year, month, day)
    if year < 100:
        raise ValueError("a year of two digits could be any")
    found: date = _Persian(year, month, day).to_gregorian()
    return found
