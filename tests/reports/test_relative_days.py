"""Relative days: on the last and the first day of a month and a year, in both calendars."""

from datetime import date

import pytest

from screenpop.customers.calendar_months import Calendar
from screenpop.reports.periods import Period
from screenpop.reports.relative_days import RelativeDays, relative_period

NEW_YEAR, NOWRUZ = date(2026, 1, 1), date(2026, 3, 21)


@pytest.mark.parametrize(
    ("days", "today", "calendar", "first", "last"),
    [
        ("today", NEW_YEAR, "gregorian", NEW_YEAR, NEW_YEAR),
        ("yesterday", NEW_YEAR, "gregorian", date(2025, 12, 31), date(2025, 12, 31)),
        ("last_7_days", NEW_YEAR, "gregorian", date(2025, 12, 26), NEW_YEAR),
        ("last_30_days", NEW_YEAR, "gregorian", date(2025, 12, 3), NEW_YEAR),
        ("this_month", NEW_YEAR, "gregorian", NEW_YEAR, NEW_YEAR),
        ("last_month", NEW_YEAR, "gregorian", date(2025, 12, 1), date(2025, 12, 31)),
        ("last_month", date(2024, 3, 31), "gregorian", date(2024, 2, 1), date(2024, 2, 29)),
        ("this_year", date(2026, 11, 30), "gregorian", NEW_YEAR, date(2026, 11, 30)),
        # 1 Farvardin 1405; the month before is Esfand 1404 of 29 days.
        ("this_month", NOWRUZ, "persian", NOWRUZ, NOWRUZ),
        ("last_month", NOWRUZ, "persian", date(2026, 2, 20), date(2026, 3, 20)),
        ("this_year", NOWRUZ, "persian", NOWRUZ, NOWRUZ),
        ("this_year", date(2026, 3, 20), "persian", date(2025, 3, 21), date(2026, 3, 20)),
        ("this_month", date(2026, 11, 30), "persian", date(2026, 11, 22), date(2026, 11, 30)),
    ],
)
def test_relative_days_are_counted_by_hand(
    days: str, today: date, calendar: str, first: date, last: date
) -> None:
    period = relative_period(RelativeDays(days), today, Calendar(calendar))
    assert period == Period(first, last)
