"""Shapes of sheets as offices make them: subtotals, two lines of headings, cells far away."""

from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.search_normalization import fold
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import ColumnMapping, Field
from screenpop.spreadsheets.columns.detection import _LONE, _NEAR
from screenpop.spreadsheets.reading.excel_reader import _MOST_FAR_ROWS
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext, is_total
from screenpop.spreadsheets.rows.rows import MAX_COLUMNS
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.spreadsheets.values.money import _CENT
from tests.spreadsheets.test_other_programs import ATHENS, LONDON, TEHRAN, TODAY, read

PEOPLE = ("Laleh Karimi", "Sara Rad", "Babak Noori", "Mina Sadr")


def excel(extra: dict[tuple[int, int], str]) -> bytes:
    """Return a sheet of four customers with further cells by row and column, from 0."""
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Mobile"])
        for place, name in enumerate(PEOPLE, 1):
            sheet.write_row(place, 0, [name, f"0912345678{place}"])
        for (row, column), text in extra.items():
            sheet.write(row, column, text)
    return data.getvalue()


def drafts_of(data: bytes) -> tuple[list[CustomerDraft], list[str], int]:
    """Return the customers, the problems as ``line code``, and the number of columns."""
    context = ImportContext(TEHRAN, TODAY)
    sheet = select_sheet(workbook_from_bytes(data, ""), ReadRequest("", context, only_look=False))
    rows = list(sheet.understood(context))
    drafts = [draft_from_json(row.draft) for row in rows if row.draft is not None]
    problems = [f"{one.line} {one.code}" for row in rows for one in row.problems]
    return drafts, problems, len(sheet.look.columns)


@pytest.mark.parametrize("column", [_NEAR + 2, 100, MAX_COLUMNS - 1, MAX_COLUMNS, 700])
def test_a_cell_far_to_the_right_is_a_note_of_its_row_and_refuses_no_sheet(column: int) -> None:
    drafts, problems, width = drafts_of(excel({(2, column): "calls after 18:00"}))
    assert len(drafts) == 4
    assert drafts[1].notes == "calls after 18:00"
    assert problems == ["3 far_cell"]
    assert width == 2


@pytest.mark.parametrize(("rows", "is_column"), [(_LONE, False), (_LONE + 1, True)])
def test_several_far_cells_are_a_column(rows: int, is_column: bool) -> None:
    far = {(row, 40): "x" for row in range(1, rows + 1)}
    _, problems, width = drafts_of(excel(far))
    assert (width == 41) is is_column
    assert ("2 far_cell" in problems) is not is_column


@pytest.mark.parametrize(("rows", "is_refused"), [(2, False), (3, True)])
def test_a_sheet_with_columns_beyond_the_limit_in_many_rows_is_too_wide(
    rows: int, is_refused: bool
) -> None:
    assert _MOST_FAR_ROWS == 2
    data = excel({(row, MAX_COLUMNS): "x" for row in range(1, rows + 1)})
    if is_refused:
        with pytest.raises(SheetRefusedError, match="more than 256 columns"):
            drafts_of(data)
    else:
        assert len(drafts_of(data)[0]) == 4


@pytest.mark.parametrize(
    "text",
    [
        *("جمع استانبول", "جمع کل:", "مجموع سفرها", "Total Istanbul", "Istanbul total", "Subtotal"),
        *("Σύνολο Αθήνας", "Μερικό σύνολο", "Grand total 2024", "Total: 12"),
    ],
)
def test_a_row_that_sums_up_others_is_no_customer_and_is_reported(text: str) -> None:
    _, drafts, problems = read(
        f"Name,Phone,Destination,Price\nLaleh Karimi,09123456789,Rome,900\n{text},,,900\n", TEHRAN
    )
    assert [one.phones[0].e164 for one in drafts] == ["+989123456789"]
    assert problems == ["3 Name totals"]


@pytest.mark.parametrize(
    "name", ["جمعه رضایی", "Totali Marco", "Sum Wong", "Anna Totalis", "جمال راد"]
)
def test_a_name_that_resembles_a_sum_is_a_name(name: str) -> None:
    assert not is_total(fold(name))


@given(st.text(max_size=30))
def test_a_text_with_a_number_beside_it_is_never_a_sum(name: str) -> None:
    cell = "".join(char for char in name if char.isalpha() or char == " ").strip()
    _, drafts, problems = read(f"Name,Phone\nTotal {cell},09123456789\n", TEHRAN)
    assert len(drafts) == 1
    assert not [one for one in problems if "totals" in one]


def test_headings_on_two_lines_are_read_together() -> None:
    fields, [petra], _ = read(
        "First,Last,Mobile,Departure,Total\nname,name,number,date,price\n"
        "Petra,Fairley,07400 900222,2026-12-01,900\n",
        LONDON,
    )
    assert list(fields.values())[:4] == [Field.GIVEN, Field.FAMILY, Field.MOBILE, Field.DEPARTS]
    assert petra.phones[0].e164 == "+447400900222"


@pytest.mark.parametrize(("unit", "currency"), [("(تومان)", "IRT"), ("ریال", "IRR"), ("€", "EUR")])
def test_a_line_of_units_below_the_headings_is_read_and_is_no_customer(
    unit: str, currency: str
) -> None:
    _, drafts, problems = read(
        f"Name,Phone,Destination,مبلغ\n,,,{unit}\nLaleh Karimi,09123456789,Rome,85000\n", TEHRAN
    )
    assert [(one.trips[0].price, one.trips[0].currency) for one in drafts] == [(85000, currency)]
    assert problems == []


def test_groups_above_the_headings_change_nothing() -> None:
    fields, drafts, _ = read(
        "Customer,,Trip,\nName,Phone,Destination,Departure\n"
        "Μαρία Γαλάνη,6971113333,Χανιά,2026-12-01\n",
        ATHENS,
    )
    assert list(fields.values()) == [Field.NAME, Field.PHONE, Field.DESTINATION, Field.DEPARTS]
    assert len(drafts) == 1


@pytest.mark.parametrize(
    ("text", "units", "is_rounded"),
    [
        ("1.250,40 €", 1250, True),
        ("£2,100.50", 2101, True),
        ("0.01", 0, True),
        ("1250.0099", 1250, False),
        ("1.250,00 €", 1250, False),
        ("1249.9999999999998", 1250, False),
        ("1250.0001", 1250, False),
        ("4.5 میلیون", 4_500_000, False),
    ],
)
def test_cents_are_kept_in_the_notes_as_written_and_reported(
    text: str, units: int, is_rounded: bool
) -> None:
    _, [one], problems = read(
        f'Name,Phone,Destination,Price\nLaleh Karimi,09123456789,Rome,"{text}"\n', TEHRAN
    )
    assert Decimal("0.01") == _CENT
    [trip] = one.trips
    assert trip.price == units
    assert trip.note == (f"Price: {text}" if is_rounded else "")
    assert problems == (["2 Price cents_rounded"] if is_rounded else [])


@pytest.mark.parametrize("answer", [Field.NOTES, Field.CITY, Field.IGNORED])
def test_an_answer_for_a_heading_is_remembered_for_other_sheets_with_it(answer: Field) -> None:
    earlier = ColumnMapping(("Full name", "Tel", "Shoe"), (Field.NAME, Field.PHONE, answer))
    context = ImportContext(LONDON, TODAY)
    ask = ReadRequest("", context, only_look=True, remembered={"x": earlier})
    text = "Surname,First name,SHOE,Mobile\nQuinn,Ada,size 38,07400 900222\n"
    columns = select_sheet(workbook_from_bytes(text.encode(), ""), ask).look.columns
    assert (columns[2].field, columns[2].why) == (answer, "remembered")
    assert [one.why for one in columns if one.heading != "SHOE"] == ["heading"] * 3


def test_a_remembered_field_that_another_column_has_is_not_given_twice() -> None:
    earlier = ColumnMapping(("Full name", "Tel", "Shoe"), (Field.NAME, Field.PHONE, Field.CITY))
    context = ImportContext(LONDON, TODAY)
    ask = ReadRequest("", context, only_look=True, remembered={"x": earlier})
    text = "Surname,First name,Shoe,Mobile,City\nQuinn,Ada,size 38,07400 900222,Leeds\n"
    look = select_sheet(workbook_from_bytes(text.encode(), ""), ask).look
    assert [one.field for one in look.columns].count(Field.CITY) == 1
    assert look.columns[2].field is Field.IGNORED
