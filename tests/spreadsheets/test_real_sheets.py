"""Sheets as LibreOffice writes them, in three languages and four kinds of file: every row of each
is read as a person reads it."""

from pathlib import Path

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_json import draft_from_json
from screenpop.spreadsheets.reading.client import preview_sheet, read_sheet
from screenpop.spreadsheets.rows.errors import RowProblem
from tests.spreadsheets.real_files import SHEETS, expected, import_context

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("file", SHEETS, ids=lambda file: file.name)
async def test_every_row_is_what_a_person_expects(file: Path) -> None:
    reported, rows = expected(file)
    drafts: dict[int, tuple[CustomerDraft, bool]] = {}
    problems: list[RowProblem] = []
    read = 0
    async with read_sheet(file, import_context(reported)) as sheet:
        columns = {column.heading: column.field.value for column in sheet.look.columns}
        async for part in sheet.parts():
            drafts.update({row.line: (row.draft, row.more_of_above) for row in part.rows})
            problems += part.problems
            read += part.read

    assert columns == reported["columns"]
    assert sheet.look.headings_line == reported["headings_line"]
    assert read == len(rows)
    assert drafts == {
        row["line"]: (draft_from_json(row["draft"]), row.get("more_of_above", False))
        for row in rows
        if row["draft"] is not None
    }
    assert [(one.line, one.column, one.code, one.weight.value) for one in problems] == [
        (row["line"], *problem) for row in rows for problem in row.get("problems", [])
    ]


@pytest.mark.parametrize("file", SHEETS, ids=lambda file: file.name)
async def test_a_preview_has_the_columns_and_counts_the_rows(file: Path) -> None:
    reported, rows = expected(file)

    look = await preview_sheet(file, import_context(reported))

    assert look.kind == file.suffix.removeprefix(".")
    assert look.rows == len([row for row in rows if row["line"] > reported["headings_line"]])
    assert look.choice.usable
    assert all(
        column.confidence > 0.3 for column in look.columns if column.field.value != "ignored"
    )
    if file.suffix != ".csv":
        assert look.sheets[1:] == ("Old",)
