"""Days of feasts, against published tables, and periods around them."""

from datetime import date

import pytest

from screenpop.offers.calendars import Calendar, feast
from screenpop.offers.office_offer import Period


@pytest.mark.parametrize(
    ("calendar", "days"),
    [
        (
            Calendar.NOWRUZ,
            ["2024-03-20", "2025-03-21", "2026-03-21", "2027-03-21", "2028-03-20", "2030-03-21"],
        ),
        (
            Calendar.WESTERN_EASTER,
            ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2285-03-22"],
        ),
        (
            Calendar.ORTHODOX_EASTER,
            ["2024-05-05", "2025-04-20", "2026-04-12", "2027-05-02", "2028-04-16", "2100-05-02"],
        ),
    ],
)
def test_feasts_are_on_their_published_days(calendar: Calendar, days: list[str]) -> None:
    wanted = [date.fromisoformat(day) for day in days]
    assert [feast(calendar, day.year) for day in wanted] == wanted


def test_period_around_a_feast_reaches_into_the_year_before() -> None:
    long_before = Period(Calendar.NOWRUZ, before=100)
    assert long_before.holds(date(2026, 12, 31))
    assert not long_before.holds(date(2026, 11, 1))


def test_own_period_has_its_first_and_last_day_and_no_day_beside() -> None:
    holidays = Period(Calendar.OWN, first=date(2026, 6, 15), last=date(2026, 9, 1))
    days = ["2026-06-14", "2026-06-15", "2026-09-01", "2026-09-02"]
    found = [holidays.holds(date.fromisoformat(day)) for day in days]
    assert found == [False, True, True, False]


def test_own_period_is_no_feast() -> None:
    with pytest.raises(ValueError, match="no feast"):
        feast(Calendar.OWN, 2026)
