"""Days without a year, between the two calendars."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate as Persian

from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.yearless_days import (
    NO_YEAR,
    PERSIAN_MONTHS,
    from_persian,
    persian_text,
)

JalaliDate: Any = Persian  # the library has no types
TODAY = date(2026, 11, 29)
todays = st.dates(date(2000, 1, 1), date(2060, 12, 31))
stored = st.dates(date(NO_YEAR, 1, 1), date(NO_YEAR, 12, 31))


@pytest.mark.parametrize(
    ("day", "today", "text"),
    [
        (date(NO_YEAR, 8, 3), TODAY, "۱۲ مرداد"),
        # 1403 is a leap year: its days after the first fall a day earlier.
        (date(NO_YEAR, 8, 3), date(2024, 2, 10), "۱۳ مرداد"),
        (date(NO_YEAR, 3, 21), TODAY, "۱ فروردین"),
        (date(NO_YEAR, 3, 20), TODAY, "۲۹ اسفند"),
        (date(NO_YEAR, 3, 20), date(2024, 6, 1), "۳۰ اسفند"),
        (date(NO_YEAR, 2, 29), TODAY, "۹ اسفند"),
        (date(NO_YEAR, 2, 29), date(2027, 6, 1), "۱۰ اسفند"),
        (date(NO_YEAR, 11, 29), TODAY, "۸ آذر"),
        (date(NO_YEAR, 11, 28), TODAY, "۷ آذر"),
    ],
)
def test_the_persian_day_is_that_of_the_next_celebration(day: date, today: date, text: str) -> None:
    assert persian_text(day, today) == text


@given(st.integers(1, 12), st.integers(1, 31), todays)
def test_a_persian_day_is_celebrated_next_on_that_day(month: int, day: int, today: date) -> None:
    """30 Esfand on the last day of Esfand; other days that a month does not have are refused."""
    if day > (31 if month <= 6 else 30):
        with pytest.raises(ValueError, match=r"date|day"):
            from_persian(month, day, today)
        return
    kept = from_persian(month, day, today)
    celebrated = next_birthday(kept, today)
    found = JalaliDate(celebrated)
    if (month, day) == (12, 30):
        assert JalaliDate(celebrated + timedelta(days=1)).month == 1 or celebrated == today
    elif celebrated != today:
        assert (found.month, found.day) == (month, day)
    assert kept.year == NO_YEAR


@given(stored.filter(lambda day: (day.month, day.day) != (2, 29)), todays)
@example(date(NO_YEAR, 3, 1), date(2003, 3, 2))
def test_what_a_persian_form_shows_is_read_as_the_same_day(day: date, today: date) -> None:
    """Two days have one text where a leap year moves the next celebration onto today's Persian
    day: it is read as today then, and a form keeps what is stored (``FormReader.day``)."""
    shown = format_date(day, "fa", today)
    is_todays = shown == persian_text(today.replace(year=NO_YEAR), today)
    assert parse_date(shown, today) == (today.replace(year=NO_YEAR) if is_todays else day)


@pytest.mark.parametrize("name", PERSIAN_MONTHS)
def test_every_month_is_read_by_its_name_in_any_digits(name: str) -> None:
    assert parse_date(f"۱ {name}", TODAY) == parse_date(f" 1  {name} ", TODAY)


@pytest.mark.parametrize("text", ["۳۱ مهر", "۳۲ تیر", "۰ تیر", "12 مرداب", "مرداد", "۱۲ مرداد ۱"])
def test_a_day_that_no_month_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidDateError):
        parse_date(text, TODAY)


def test_a_persian_day_without_a_year_needs_the_day_of_reading() -> None:
    with pytest.raises(InvalidDateError):
        parse_date("۱۲ مرداد")
    assert format_date(date(NO_YEAR, 8, 3), "fa") == "08-03"
