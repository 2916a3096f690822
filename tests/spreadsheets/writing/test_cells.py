"""No cell that goes out is a formula, and the import reads each as it was."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.spreadsheets.writing.cells import (
    escape_cell,
    escape_csv_cell,
    is_formula_like,
    unescape_cell,
)

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "\N{MINUS SIGN}1",
    "\N{SMALL PLUS SIGN}1",
    "  =cmd|' /C calc'!A0",
    "\u3000=1",
    "\u00a0=1",
    '=HYPERLINK("http://127.0.0.1","x")',
)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_calculate_is_marked_as_text(text: str) -> None:
    for mark in (escape_cell, escape_csv_cell):
        assert mark(text) == f"'{text}"
        assert unescape_cell(mark(text)) == text


@pytest.mark.parametrize(
    "text", ["", "Laleh", "A+ customer", "a@b.gr", "it's =", "'tis", "100% sure"]
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert escape_cell(text) == text == escape_csv_cell(text)


@pytest.mark.parametrize("text", ["0912 345 6789", "007", "1/2", "1.5e10", "۰۹۱۲", "12:30"])
def test_what_would_lose_its_zeros_is_marked_in_a_text_file_and_not_in_a_workbook(
    text: str,
) -> None:
    assert escape_cell(text) == text
    assert escape_csv_cell(text) == f"'{text}"
    assert unescape_cell(f"'{text}") == text


@given(st.text(max_size=30))
@example("'=1")
@example("''=1")
@example("'0912")
@example("'")
def test_every_text_is_read_as_it_was_and_never_begins_as_a_formula(text: str) -> None:
    for mark in (escape_cell, escape_csv_cell):
        cell = mark(text)
        assert not is_formula_like(cell)
        again = unescape_cell(cell)
        if cell == text or any(ord(char) < 32 or ord(char) == 127 for char in text):
            continue
        assert again == text


@given(st.text(max_size=30))
def test_what_was_not_marked_is_not_unmarked(text: str) -> None:
    if not any(ord(char) < 32 or ord(char) == 127 for char in text):
        cell = escape_csv_cell(text)
        assert unescape_cell(cell) == (None if cell == text else text)


def test_what_no_workbook_can_hold_is_displayed_as_missing() -> None:
    assert (
        escape_cell("a\x00b\x1fc\nd") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\nd"
    )
