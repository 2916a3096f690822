"""Days as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.date_input import InvalidDateError, format_date, parse_date


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1366/5/12", date(1987, 8, 3)),
        ("۱۳۶۶/۰۵/۱۲", date(1987, 8, 3)),
        ("1987-08-03", date(1987, 8, 3)),
        ("3/8/1987", date(1987, 8, 3)),
        (" 12.5.1366 ", date(1987, 8, 3)),
        ("08-03", date(1904, 8, 3)),
        ("1403/12/30", date(2025, 3, 20)),
        ("1599/01/01", date(2220, 3, 21)),
        ("1600/01/01", date(1600, 1, 1)),
        ("", None),
        (" - ", None),
    ],
)
def test_a_day_is_read_in_either_calendar(written: str, day: date | None) -> None:
    assert parse_date(written) == day


@pytest.mark.parametrize(
    "written", ["1402/12/30", "2025-02-29", "yesterday", "13/13", "5/6/87", "1", "2024-1-1-1"]
)
def test_text_that_is_no_day_is_reported(written: str) -> None:
    with pytest.raises(InvalidDateError):
        parse_date(written)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(["en", "fa", "el"]))
def test_what_a_form_shows_is_read_as_the_same_day(day: date, language: str) -> None:
    assert parse_date(format_date(day, language)) == day


@given(st.text(max_size=30))
def test_nothing_typed_breaks_it(typed: str) -> None:
    try:
        parse_date(typed)
    except InvalidDateError:
        return


def test_a_persian_form_shows_the_persian_day_in_persian_digits() -> None:
    assert format_date(date(1987, 8, 3), "fa") == "۱۳۶۶/۰۵/۱۲"
    assert format_date(date(1987, 8, 3), "el") == "1987-08-03"
