"""The days on which an office is closed, as its settings list them.

``friday``: each week. ``12-25``: each year; ``jalali 01-13``: each year of the Persian calendar.
``2026-12-24`` or ``1405-10-03``: once. Days of a year also as a range: ``2026-12-24..2026-12-26``,
``12-30..01-02``, ``jalali 01-01..01-04``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from persiantools.jdatetime import JalaliDate

_Persian: Any = JalaliDate  # the library has no types

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_GREGORIAN = 1700
"""Years before this are of the Persian calendar."""
_ONCE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_YEARLY = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_JALALI = "jalali "
_LEAP_YEAR = {"gregorian": 2024, "jalali": 1403}
"""A year that has every day of the calendar."""

MonthDay = tuple[int, int]


class ClosedDayError(ValueError):
    """The message names the entry and what to write instead."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no day; write a weekday (friday), a day of each year (12-25, or"
            " jalali 01-13), one day (2026-12-24, 1405-10-03), or two days with .. between them"
        )


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Supports ``day in closed_days``."""

    weekdays: frozenset[int] = frozenset()
    """Monday is 0."""
    spans: tuple[tuple[date, date], ...] = ()
    """First and last day."""
    yearly: tuple[tuple[MonthDay, MonthDay], ...] = ()
    """First and last day of each Gregorian year; the last may be in the next year."""
    persian: tuple[tuple[MonthDay, MonthDay], ...] = ()
    """As ``yearly``, in the Persian calendar."""

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        if day.weekday() in self.weekdays:
            return True
        if any(first <= day <= last for first, last in self.spans):
            return True
        if any(_is_within((day.month, day.day), *span) for span in self.yearly):
            return True
        if not self.persian:
            return False
        persian = _Persian(day)
        return any(_is_within((persian.month, persian.day), *span) for span in self.persian)


def parse_closed_days(texts: Iterable[str]) -> ClosedDays:
    """Return the days of the settings. Raises ``ClosedDayError``."""
    weekdays: set[int] = set()
    spans: list[tuple[date, date]] = []
    yearly: list[tuple[MonthDay, MonthDay]] = []
    persian: list[tuple[MonthDay, MonthDay]] = []
    for text in texts:
        entry = text.strip().lower()
        if entry in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(entry))
            continue
        is_persian = entry.startswith(_JALALI)
        first, _, last = entry.removeprefix(_JALALI).strip().partition("..")
        ends = (first.strip(), last.strip() or first.strip())
        if not is_persian and all(_ONCE.fullmatch(end) for end in ends):
            spans.append(_span(text, *ends))
        elif all(_YEARLY.fullmatch(end) for end in ends):
            calendar = "jalali" if is_persian else "gregorian"
            found = (_month_day(text, ends[0], calendar), _month_day(text, ends[1], calendar))
            (persian if is_persian else yearly).append(found)
        else:
            raise ClosedDayError(text)
    return ClosedDays(frozenset(weekdays), tuple(spans), tuple(yearly), tuple(persian))


def _span(text: str, first: str, last: str) -> tuple[date, date]:
    begin, end = _day(text, first), _day(text, last)
    if end < begin:
        raise ClosedDayError(text)
    return begin, end


def _day(text: str, end: str) -> date:
    found = _ONCE.fullmatch(end)
    year, month, day = map(int, found.groups() if found else ("0", "0", "0"))
    return _date(text, year, month, day)


def _month_day(text: str, end: str, calendar: str) -> MonthDay:
    month, day = map(int, end.split("-"))
    _date(text, _LEAP_YEAR[calendar], month, day)
    return month, day


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        if year >= _FIRST_GREGORIAN:
            return date(year, month, day)
        converted: date = _Persian(year, month, day).to_gregorian()
    except (ValueError, TypeError) as problem:
        raise ClosedDayError(text) from problem
    return converted


def _is_within(day: MonthDay, first: MonthDay, last: MonthDay) -> bool:
    if first <= last:
        return first <= day <= last
    return day >= first or day <= last
