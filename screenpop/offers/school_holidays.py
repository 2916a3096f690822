"""School holidays as the office states them, year by year: no calendar computes them.

Schools of two countries, or of two regions, have days of their own; each span has a name for that.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_NAME = 60
MOST_DAYS = 150
"""Days of one span: longer ones are slips of the year."""
MOST_STATED = 200
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True)
class SchoolHolidays:
    """One span, such as the summer of one year."""

    name: str
    first: date
    last: date

    def holds(self, day: date, before: int = 0, after: int = 0) -> bool:
        """Return whether a day is in the span, or within so many days of its first or last one."""
        return self.first - timedelta(before) <= day <= self.last + timedelta(after)


class HolidaysProblem(StrEnum):
    NAME = "name"
    DAY = "day"
    """A text that is no day, or a year out of reach."""
    REVERSED = "reversed"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    KNOWN = "known"
    """Already stated."""


class HolidaysError(ValueError):
    """A span is refused; the text names the field, the value and the remedy."""

    def __init__(self, problem: HolidaysProblem, field: str, value: str, remedy: str) -> None:
        super().__init__(f"{field} ({value!r}): {remedy}")
        self.problem = problem
        self.field = field
        self.value = value
        self.remedy = remedy


def checked_holidays(name: str, first: date | None, last: date | None) -> SchoolHolidays:
    """Return the span. Raises ``HolidaysError``."""
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME:
        remedy = f"name the holidays in at most {MOST_NAME} characters, such as Summer 2027"
        raise HolidaysError(HolidaysProblem.NAME, "name", name, remedy)
    begin, end = _day("first", first), _day("last", last)
    if end < begin:
        remedy = f"the last day is before the first, {begin}; exchange them"
        raise HolidaysError(HolidaysProblem.REVERSED, "last", str(end), remedy)
    if (end - begin).days >= MOST_DAYS:
        remedy = f"write at most {MOST_DAYS} days; look at the years"
        raise HolidaysError(HolidaysProblem.TOO_LONG, "last", str(end), remedy)
    return SchoolHolidays(name, begin, end)


def _day(field: str, day: date | None) -> date:
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        remedy = f"write a day from {FIRST_YEAR} to {LAST_YEAR} as 2027-06-15 or 1406/03/25"
        raise HolidaysError(HolidaysProblem.DAY, field, str(day or ""), remedy)
    return day
