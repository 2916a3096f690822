"""The line of the headings: as a user names it, and as it is remembered for the next sheet."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import ColumnMapping, Field
from screenpop.importing.column_choice import mapping_key
from screenpop.spreadsheets.columns.detection import HEAD_ROWS, detect_columns
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.rows.sheets import SelectedSheet, select_sheet
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22))
SHEET = (
    "Name,Phone,City\nWer,Womit,Wo\nLaleh Karimi,09123456789,Shiraz\nSara Rad,09123456780,Yazd\n"
)


def opened(
    text: str, line: int | None = None, remembered: dict[str, ColumnMapping] | None = None
) -> SelectedSheet:
    ask = ReadRequest("", CONTEXT, True, remembered=remembered or {}, headings_line=line)
    return select_sheet(workbook_from_bytes(text.encode(), ""), ask)


@pytest.mark.parametrize(
    ("line", "headings", "below"),
    [(None, "Name", [2, 3, 4]), (2, "Wer", [3, 4]), (1, "Name", [2, 3, 4]), (0, "", [1, 2, 3, 4])],
)
def test_the_named_line_is_the_heading_and_no_row_up_to_it_is_a_customer(
    line: int | None, headings: str, below: list[int]
) -> None:
    sheet = opened(SHEET, line)
    assert sheet.look.columns[0].heading == headings
    assert sheet.look.headings_line == (1 if line is None else line)
    assert [row.line for row in sheet.below()] == below


@pytest.mark.parametrize("line", [3, HEAD_ROWS + 6])
def test_an_empty_line_or_one_far_below_is_refused_with_its_number(line: int) -> None:
    text = "Name,Phone\n\n\n" + "".join(f"A B,0912345{n:04d}\n" for n in range(HEAD_ROWS + 9))
    with pytest.raises(SheetRefusedError) as refused:
        opened(text, line)
    assert refused.value.code == "no_heading_line"
    assert refused.value.params == {"line": line, "limit": HEAD_ROWS}
    assert f"Line {line} " in str(refused.value)


def test_the_last_examined_row_can_be_the_heading_and_the_next_one_cannot() -> None:
    text = "".join(f"A B,0912345{n:04d}\n" for n in range(HEAD_ROWS + 9))
    assert opened(text, HEAD_ROWS).look.headings_line == HEAD_ROWS
    with pytest.raises(SheetRefusedError):
        opened(text, HEAD_ROWS + 1)


def test_a_confirmed_heading_is_found_in_the_next_sheet_on_whatever_line_it_is() -> None:
    look = opened(SHEET, 2).look
    fields = (Field.NAME, Field.MOBILE, Field.CITY)
    choice = ColumnMapping(tuple(one.heading for one in look.columns), fields)
    moved = SHEET.replace("Wer,Womit,Wo\n", "September,,\nWer,Womit,Wo\n")
    again = opened(moved, remembered={mapping_key(look): choice}).look
    assert again.headings_line == 3
    assert [(one.field, one.why) for one in again.columns] == [
        (field, "remembered") for field in fields
    ]


@given(st.lists(st.sampled_from(["", " ", "a", "1"]), min_size=1, max_size=6), st.integers(0, 8))
def test_a_named_line_gives_its_cells_as_headings_or_a_refusal(cells: list[str], line: int) -> None:
    rows = [Row(2 * place + 1, [*cells, str(place)]) for place in range(4)]
    if line % 2 == 0 and line:
        with pytest.raises(SheetRefusedError):
            detect_columns(rows, CONTEXT.plan, CONTEXT.today, line=line)
        return
    head = detect_columns(rows, CONTEXT.plan, CONTEXT.today, line=line)
    expected = [*map(str.strip, cells), str(line // 2)] if line else [""] * (len(cells) + 1)
    assert head.line == line
    assert [column.heading for column in head.columns] == expected
