"""The days that a report covers, and the same number of days before them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

MOST_DAYS = 1100
"""Three years: a longer report reads too much of the log at once."""
USUAL_DAYS = 30
_EARLIEST, _LATEST = date(1900, 1, 1), date(9000, 1, 1)
"""Days outside count as these: there are no calls, and the days around them can be computed."""


class PeriodError(ValueError):
    """``code``: ``reversed``, or ``too_long`` for more than ``MOST_DAYS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both inclusive."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """Return the period of as many days that ends on the day before this one."""
        end = self.first - timedelta(days=1)
        return Period(end - timedelta(days=self.days - 1), end)

    def bounds(self, zone: tzinfo) -> tuple[float, float]:
        """Return the first midnight and the one after the last day; seconds since 1970 (UTC)."""
        following = self.last + timedelta(days=1)
        return _midnight(self.first, zone), _midnight(following, zone)


def find_period(
    first: date | None, last: date | None, today: date, usual_days: int = USUAL_DAYS
) -> Period:
    """Return the period between two days; without them the ``usual_days`` days up to today.

    Raises ``PeriodError``."""
    last = _within(today if last is None else last)
    first = last - timedelta(days=usual_days - 1) if first is None else _within(first)
    if first > last:
        raise PeriodError("reversed")
    if (last - first).days >= MOST_DAYS:
        raise PeriodError("too_long")
    return Period(first, last)


def _within(day: date) -> date:
    return min(max(day, _EARLIEST), _LATEST)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
