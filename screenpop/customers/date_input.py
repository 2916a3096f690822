"""Parsing of dates as people type them, Persian or Gregorian, in any digits.

A year under 1600 is Persian: no customer was born that early in the Gregorian calendar. A day
without a year gets the year 1904, as everywhere in customer records.
"""

import re
from datetime import date
from typing import Any

from persiantools.jdatetime import JalaliDate

from screenpop.common.search_normalization import fold
from screenpop.customers.yearless_days import NO_YEAR, persian_text, read_persian_text

_Persian: Any = JalaliDate  # the library has no types

_FIRST_GREGORIAN = 1600
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PARTS = re.compile(r"(\d{1,4})\s*[-/.٫ ]\s*(\d{1,2})(?:\s*[-/.٫ ]\s*(\d{1,4}))?")


class InvalidDateError(ValueError):
    """The text is no day of either calendar."""


def parse_date(text: str, today: date | None = None) -> date | None:
    """Return the day; None for an empty text. Raises ``InvalidDateError``.

    ``1366/5/12``, ``۱۳۶۶/۰۵/۱۲``, ``1987-08-03``, ``3/8/1987``, ``08-03`` (no year); with ``today``
    also ``۱۲ مرداد`` (no year).
    """
    written = fold(text).strip(" -/.")
    if not written:
        return None
    found = _PARTS.fullmatch(written)
    try:
        if found is None:
            yearless = None if today is None else read_persian_text(written, today)
            if yearless is None:
                raise InvalidDateError(text)
            return yearless
        return _day(*(int(part) for part in found.groups() if part))
    except ValueError as error:
        raise InvalidDateError(text) from error


def format_date(day: date | None, language: str, today: date | None = None) -> str:
    """Return a day in the format of a form in this language, which ``parse_date`` reads again.

    Persian date and digits for Persian, else ISO 8601. A day without a year needs ``today`` to be
    Persian.
    """
    if day is None:
        return ""
    if day.year == NO_YEAR:
        if language == "fa" and today is not None:
            return persian_text(day, today)
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
