"""Days that come back every year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.anniversaries import next_birthday, whole_months


@pytest.mark.parametrize(
    ("birthday", "today", "celebrated"),
    [
        (date(1980, 11, 25), date(2026, 11, 22), date(2026, 11, 25)),
        (date(1980, 11, 22), date(2026, 11, 22), date(2026, 11, 22)),
        (date(1980, 11, 21), date(2026, 11, 22), date(2027, 11, 21)),
        (date(1904, 1, 2), date(2026, 12, 30), date(2027, 1, 2)),
        (date(1904, 2, 29), date(2027, 1, 1), date(2027, 2, 28)),
        (date(1904, 2, 29), date(2028, 1, 1), date(2028, 2, 29)),
        (date(2000, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_birthday_comes_every_year(birthday: date, today: date, celebrated: date) -> None:
    assert next_birthday(birthday, today) == celebrated


YEARS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(YEARS, YEARS)
def test_the_next_birthday_is_within_a_year(birthday: date, today: date) -> None:
    assert 0 <= (next_birthday(birthday, today) - today).days <= 366


@pytest.mark.parametrize(
    ("since", "today", "months"),
    [
        (date(2025, 11, 22), date(2026, 11, 22), 12),
        (date(2025, 11, 23), date(2026, 11, 22), 11),
        (date(2026, 11, 1), date(2026, 11, 22), 0),
        (date(2027, 1, 1), date(2026, 11, 22), 0),
    ],
)
def test_only_full_months_count(since: date, today: date, months: int) -> None:
    assert whole_months(since, today) == months
