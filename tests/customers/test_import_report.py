"""Rows of an import report, as they travel from the import's process to pages."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import ColumnGuess, Field, SheetPreview
from screenpop.customers.import_report import (
    ImportTotals,
    KeptCustomerReport,
    ReportRow,
    RowResult,
)

TEXT = st.text(max_size=20)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
COUNT = st.integers(0, 2**53)
ROWS = st.builds(
    ReportRow,
    line=COUNT,
    what=st.sampled_from(RowResult),
    who=TEXT,
    column=TEXT,
    value=TEXT,
    code=TEXT,
    of_line=COUNT,
    customer=COUNT,
    added=NAMES,
    differs=NAMES,
    shares_line=COUNT,
    shares_with=COUNT,
)


@given(ROWS)
def test_a_row_is_read_as_it_was_written(row: ReportRow) -> None:
    assert ReportRow.from_json(row.to_json()) == row


def test_a_row_is_written_without_what_has_its_default_value() -> None:
    row = ReportRow(line=7, what=RowResult.REFUSED, column="Mobile", added=("phone",))
    written = orjson.loads(row.to_json())
    assert written == {"line": 7, "what": "refused", "column": "Mobile", "added": ["phone"]}


def test_a_preview_is_read_as_it_was_written() -> None:
    column = ColumnGuess("Mobile", Field.MOBILE, 0.9, "heading", ("0912", "0935"))
    preview = SheetPreview("xlsx", ("May", "June"), "June", 2, (column,), False, 12, "EUR")
    assert SheetPreview.from_plain(orjson.loads(orjson.dumps(preview.plain()))) == preview


def test_a_kept_customer_is_read_as_it_was_written() -> None:
    plain = {"customer": 7, "name": "Laleh Karimi", "why": ["edited", "trip"]}
    assert KeptCustomerReport.from_plain(plain) == KeptCustomerReport(
        7, "Laleh Karimi", ("edited", "trip")
    )


def test_the_counts_of_an_import_begin_at_zero() -> None:
    assert ImportTotals() == ImportTotals(0, 0, 0, 0, 0, 0, 0, 0, 0)
