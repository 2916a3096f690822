"""What is asked of the reading process, and what it may answer."""

from contextlib import suppress
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import ColumnMapping, Field
from screenpop.spreadsheets.reading.messages import (
    ReadRequest,
    RowChunk,
    chunk_from_json,
    plain_row,
)
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

PLAN = NumberPlan(Region("IR"), "21", ("1XX",), ("secret",), ("nobody",))
CHOICE = ColumnMapping(("Name", "Tel"), (Field.NAME, Field.PHONE), day_first=False)


@pytest.mark.parametrize("choice", [None, CHOICE])
def test_a_question_comes_as_it_was_asked(choice: ColumnMapping | None) -> None:
    import_context = ImportContext(PLAN, date(2026, 11, 22), "EUR")
    ask = ReadRequest("/a.csv", import_context, True, "Sheet", choice, {"key": CHOICE})

    assert ReadRequest.from_plain(orjson.loads(orjson.dumps(ask.plain()))) == ask


def test_a_part_has_the_imported_and_the_left_out_rows() -> None:
    noted = RowProblem(2, "Birthday", "x", "bad_date", Weight.NOTED)
    refused = RowProblem(3, "Name", "", "no_name")
    totals = RowProblem(4, "Name", "Total", "totals", Weight.NOTED)
    rows = [
        ParsedRow(2, {"names": {"en": ["Sara", "Amini"]}}, (noted,), False),
        ParsedRow(3, None, (refused,), False),
        ParsedRow(4, None, (totals,), False),
    ]

    part = chunk_from_json(orjson.loads(orjson.dumps([plain_row(row) for row in rows])))

    assert [row.line for row in part.rows] == [2]
    assert part.problems == (noted, refused, totals)
    assert (part.read, part.left_out) == (3, 1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["names", "phones", "trips", "tags", "x"]), inner)
    ),
    max_leaves=15,
)


@given(st.lists(anything | st.tuples(st.integers(), anything, anything, anything).map(list)))
def test_a_process_that_lies_gives_a_part_or_an_error_of_its_kind(plain: list[object]) -> None:
    with suppress(ValueError, TypeError, KeyError):
        assert isinstance(chunk_from_json(plain), RowChunk)
