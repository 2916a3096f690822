"""CSV and its relatives."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.csv_reader import open_delimited
from screenpop.spreadsheets.reading.text_encoding import DecodedText
from screenpop.spreadsheets.rows.errors import SheetRefusedError

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
tables = st.lists(st.lists(text, min_size=2, max_size=2), max_size=8)


@given(tables, st.sampled_from(",;\t|"))
def test_what_was_written_is_read_whatever_the_separator(
    table: list[list[str]], separator: str
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows([["Name", "Phone"], *table])

    book = open_delimited(DecodedText(written.getvalue()), "a")

    assert book.separator == separator
    wanted = [row for row in [["Name", "Phone"], *table] if any(cell.strip() for cell in row)]
    assert [row.cells for row in book.tables[0].rows()] == wanted


@given(st.text(max_size=200))
def test_any_text_is_rows_or_refused(anything: str) -> None:
    rows = open_delimited(DecodedText(anything.replace("\0", "")), "a").tables[0].rows()

    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))


def test_a_row_begins_on_its_own_line_also_after_one_of_several() -> None:
    book = open_delimited(DecodedText('Name,Phone\n"a\nb",1\n\nc,2\n'), "a")

    assert [row.line for row in book.tables[0].rows()] == [1, 2, 5]


def test_rows_can_be_read_again() -> None:
    table = open_delimited(DecodedText("sep=;\nName;Phone\na;1\n"), "a").tables[0]

    assert list(table.rows()) == list(table.rows())
    assert [row.line for row in table.rows()] == [2, 3]


def test_a_field_without_end_is_refused_with_its_line() -> None:
    book = open_delimited(DecodedText('Name,Phone\n"' + "x" * 200_000), "a")

    with pytest.raises(SheetRefusedError, match="line 2") as refused:
        list(book.tables[0].rows())
    assert refused.value.code == "oversized_field"
