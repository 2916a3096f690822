"""The days on which an office is closed: weekdays, dates and ranges of both calendars."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.follow_ups.closed_days import WEEKDAYS, ClosedDayError, parse_closed_days
from screenpop.follow_ups.quiet_times import QuietReason, why_quiet

DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("entry", "day", "closed"),
    [
        ("friday", date(2026, 11, 27), True),
        ("Friday ", date(2026, 11, 28), False),
        ("12-25", date(2031, 12, 25), True),
        ("12-25", date(2031, 12, 24), False),
        ("02-29", date(2028, 2, 29), True),
        ("12-30..01-02", date(2027, 1, 2), True),
        ("12-30..01-02", date(2026, 12, 29), False),
        ("12-30..01-02", date(2027, 1, 3), False),
        ("jalali 01-13", date(2026, 4, 2), True),
        ("jalali 01-13", date(2026, 4, 3), False),
        ("jalali 01-01 .. 01-04", date(2027, 3, 24), True),
        ("jalali 01-01..01-04", date(2027, 3, 25), False),
        ("1405-01-01..1405-01-04", date(2026, 3, 20), False),
        ("1405-01-01..1405-01-04", date(2026, 3, 21), True),
        ("1405-01-01..1405-01-04", date(2026, 3, 24), True),
        ("1405-01-01..1405-01-04", date(2027, 3, 21), False),
        ("2026-12-24", date(2026, 12, 24), True),
        ("1699-01-01", date(2320, 3, 21), True),
        ("1700-01-01", date(1700, 1, 1), True),
    ],
)
def test_entry_closes_its_days_and_no_day_beside_them(entry: str, day: date, closed: bool) -> None:
    assert (day in parse_closed_days([entry])) is closed


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "fri",
        "13-01",
        "02-30",
        "2026-02-29",
        "2026-12-26..2026-12-24",
        "2026-12-24..12-26",
        "jalali 2026-01-01",
        "jalali 07-31",
        "friday..sunday",
        "0000-00-00",
    ],
)
def test_entry_that_is_no_day_is_refused_with_what_to_write(entry: str) -> None:
    with pytest.raises(ClosedDayError, match="write a weekday"):
        parse_closed_days([entry])


@given(st.text(max_size=30))
def test_any_text_is_days_or_refused(entry: str) -> None:
    try:
        days = parse_closed_days([entry])
    except ClosedDayError:
        return
    assert isinstance(date(2026, 1, 1) in days, bool)


@given(DAYS, st.integers(0, 400), DAYS)
def test_range_holds_exactly_the_days_from_its_first_to_its_last(
    first: date, length: int, day: date
) -> None:
    last = first + timedelta(days=length)
    days = parse_closed_days([f"{first.isoformat()}..{last.isoformat()}"])
    assert (day in days) == (first <= day <= last)


@given(DAYS)
def test_a_week_has_one_day_of_each_name(day: date) -> None:
    assert day in parse_closed_days([WEEKDAYS[day.weekday()]])
    assert day not in parse_closed_days([WEEKDAYS[(day.weekday() + 1) % 7]])


def test_customers_are_not_called_on_a_closed_day_of_the_office() -> None:
    noon = datetime(2026, 11, 27, 10, tzinfo=UTC)
    closed = parse_closed_days(["friday"])
    office = ZoneInfo("Europe/Athens")
    quiet = why_quiet(noon, office, number="+306971234567", closed_days=closed)
    assert quiet is not None
    assert quiet.reason is QuietReason.OFFICE_CLOSED
    saturday = noon + timedelta(days=1)
    assert why_quiet(saturday, office, number="+306971234567", closed_days=closed) is None
