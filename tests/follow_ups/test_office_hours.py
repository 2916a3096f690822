"""The hours of the office: weekdays and ranges, the minutes at their ends, and bad entries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.follow_ups.closed_days import WEEKDAYS, parse_closed_days
from screenpop.follow_ups.office_hours import OfficeHours, OfficeHoursError, parse_office_hours

IRAN = ["saturday..wednesday 09:00-17:30", "Thursday  9:00 - 13:00"]


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        ("2026-11-28 09:00", False),  # a Saturday
        ("2026-11-28 08:59", True),
        ("2026-12-02 17:29", False),
        ("2026-12-02 17:30", True),
        ("2026-12-03 12:59", False),  # a Thursday
        ("2026-12-03 13:00", True),
        ("2026-12-04 10:00", True),  # a Friday
        ("2026-12-01 10:00", True),  # a closed day
    ],
)
def test_office_is_closed_outside_its_hours_and_on_closed_days(moment: str, closed: bool) -> None:
    hours = parse_office_hours(IRAN, parse_closed_days(["2026-12-01"]))
    assert hours.is_after_hours(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is closed


def test_without_hours_no_call_is_after_hours() -> None:
    hours = parse_office_hours([], parse_closed_days(["friday"]))
    assert not hours.is_after_hours(datetime(2026, 12, 4, 3, tzinfo=UTC))


def test_pause_at_noon_and_end_of_day_are_two_entries() -> None:
    hours = parse_office_hours(["monday 08:00-12:00", "monday 14:00-24:00"])
    monday = datetime(2026, 11, 30, tzinfo=UTC)
    open_hours = [h for h in range(24) if not hours.is_after_hours(monday + timedelta(hours=h))]
    assert open_hours == [*range(8, 12), *range(14, 24)]


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "monday",
        "monday 09:00",
        "holiday 09:00-17:00",
        "monday..holiday 09:00-17:00",
        "monday 09:60-17:00",
        "monday 09:00-24:01",
        "monday 09:00-09:00",
        "monday 18:00-02:00",
        "monday ۰۹:۰۰-۱۷:۰۰",
    ],
)
def test_entry_that_names_no_hours_is_refused_with_the_remedy(entry: str) -> None:
    with pytest.raises(OfficeHoursError, match=r"monday\.\.friday 09:00-17:30"):
        parse_office_hours([entry])


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_parse_office_hours_raises_only_its_error_for_any_text(entry: str) -> None:
    try:
        hours = parse_office_hours([entry])
    except OfficeHoursError:
        return
    assert isinstance(hours, OfficeHours)


@settings(max_examples=50)
@given(st.sampled_from(WEEKDAYS), st.sampled_from(WEEKDAYS))
def test_range_of_weekdays_begins_and_ends_with_those_named(first: str, last: str) -> None:
    hours = parse_office_hours([f"{first}..{last} 00:00-24:00"])
    monday = date(2026, 11, 30)
    days = [monday + timedelta(days=day) for day in range(14)]
    begin = WEEKDAYS.index(first)
    run = days[begin : begin + (WEEKDAYS.index(last) - begin) % 7 + 1]
    open_days = {
        day.weekday()
        for day in days
        if not hours.is_after_hours(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    }
    assert open_days == {day.weekday() for day in run}
