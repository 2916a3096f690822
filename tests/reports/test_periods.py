"""The days of a report."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.reports.periods import MOST_DAYS, USUAL_DAYS, Period, PeriodError, find_period

TODAY = date(2026, 11, 30)


def test_a_report_without_days_covers_the_last_thirty() -> None:
    period = find_period(None, None, TODAY)
    assert (period.last, period.days, USUAL_DAYS) == (TODAY, 30, 30)
    assert find_period(None, date(2026, 3, 30), TODAY) == Period(
        date(2026, 3, 1), date(2026, 3, 30)
    )
    assert find_period(date(2026, 11, 1), None, TODAY).last == TODAY


def test_the_period_before_has_as_many_days_and_touches_it() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert period.before() == Period(date(2026, 1, 29), date(2026, 2, 28))
    assert period.before().days == period.days == 31


def test_reversed_days_and_more_than_three_years_are_refused() -> None:
    longest = find_period(TODAY - timedelta(days=MOST_DAYS - 1), TODAY, TODAY)
    assert longest.days == MOST_DAYS == 1100
    with pytest.raises(PeriodError, match="too_long"):
        find_period(TODAY - timedelta(days=MOST_DAYS), TODAY, TODAY)
    assert find_period(TODAY, TODAY, TODAY).days == 1
    with pytest.raises(PeriodError, match="reversed"):
        find_period(TODAY + timedelta(days=1), TODAY, TODAY)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Athens", date(2026, 3, 29), 23),
        ("Europe/Athens", date(2026, 10, 25), 25),
        ("Europe/London", date(2026, 10, 25), 25),
        ("Asia/Tehran", date(2026, 3, 21), 24),
    ],
)
def test_a_day_is_as_long_as_it_is_at_the_office(zone: str, day: date, hours: int) -> None:
    begins, ends = Period(day, day).bounds(ZoneInfo(zone))
    assert ends - begins == hours * 3600


@pytest.mark.parametrize("day", [date.min, date.max, date(1899, 12, 31), date(9000, 1, 2)])
@pytest.mark.parametrize("zone", ["Asia/Tehran", "America/Los_Angeles"])
def test_a_day_at_the_ends_of_the_calendar_has_bounds_and_a_period_before(
    day: date, zone: str
) -> None:
    for period in (find_period(None, day, TODAY), find_period(day, day, TODAY)):
        begins, ends = period.bounds(ZoneInfo(zone))
        assert begins < ends
        assert period.before().days == period.days


@given(
    zone=st.sampled_from(["Asia/Tehran", "Europe/Athens", "Europe/London"]),
    first=st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    days=st.integers(1, 400),
    second=st.integers(-3 * 86_400, 403 * 86_400),
)
@example(zone="Asia/Tehran", first=date(2022, 3, 22), days=1, second=0)  # no midnight that day
@example(zone="Asia/Tehran", first=date(2022, 9, 21), days=1, second=86_400)  # 23:00 comes twice
def test_a_moment_is_in_a_period_if_its_local_day_is(
    zone: str, first: date, days: int, second: int
) -> None:
    office = ZoneInfo(zone)
    period = Period(first, first + timedelta(days=days - 1))
    begins, ends = period.bounds(office)
    at = begins + second
    local_day = datetime.fromtimestamp(at, office).date()
    assert (begins <= at < ends) == (period.first <= local_day <= period.last)
    assert period.before().bounds(office)[1] == begins
