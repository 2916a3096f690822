"""Cells as their text."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.rows.rows import cell_text


@given(st.integers(-(10**15), 10**15))
def test_a_whole_float_is_written_as_the_number_that_was_typed(number: int) -> None:
    assert cell_text(float(number)) == cell_text(number) == str(number)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9121234567.0, "9121234567"),
        (12.5, "12.5"),
        (True, "true"),
        (None, ""),
        (date(1986, 8, 3), "1986-08-03"),
        (datetime.fromisoformat("1986-08-03"), "1986-08-03"),
        (datetime.fromisoformat("1986-08-03T14:05"), "1986-08-03 14:05:00"),
        (time(14, 5), "14:05:00"),
        ("x", "x"),
    ],
)
def test_each_kind_of_cell_has_its_text(value: object, text: str) -> None:
    assert cell_text(value) == text


@given(st.floats())
def test_any_number_has_a_text(number: float) -> None:
    assert cell_text(number)
