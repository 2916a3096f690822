"""Hidden rows are counted, and come in or not as the user chooses; days are read as ordered."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter

from screenpop.customers.import_columns import ColumnMapping, DayOrder, Field
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.row_parser import ImportContext, RowParser
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 3, 1)
LINES = (
    ["Name", "Mobile"],
    ["Ann Lee", "+447911123456"],
    ["Bob Ray", "+447911123457"],
    ["Cy Fox", "+447911123458"],
)


_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/"'
    ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def xlsx() -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("People")
    for place, line in enumerate(LINES):
        sheet.write_row(place, 0, line)
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_row(3, None, None, {"hidden": False})
    book.close()
    return file.getvalue()


def ods() -> bytes:
    """The second customer is filtered out; below the list many empty rows are hidden."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = [
        f"<table:table-row{' table:visibility=' + chr(34) + 'filter' + chr(34) if n == 2 else ''}>"
        f"{''.join(map(cell.format, line))}</table:table-row>"
        for n, line in enumerate(LINES)
    ]
    rows.append(
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="2000">'
        "<table:table-cell/></table:table-row>"
    )
    content = (
        '<?xml version="1.0"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="People">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
    return file.getvalue()


@pytest.mark.parametrize("make", [xlsx, ods])
def test_hidden_rows_are_counted_and_left_out_only_when_asked(
    make: Callable[[], bytes],
) -> None:
    data = make()
    for skip, names in ((False, ["Lee", "Ray", "Fox"]), (True, ["Lee", "Fox"])):
        context = ImportContext(NumberPlan(Region("GB")), TODAY, skip_hidden=skip)
        ask = ReadRequest("", context, only_look=True)
        sheet = select_sheet(workbook_from_bytes(data, "x"), ask)

        assert (sheet.look.rows, sheet.look.hidden_rows) == (3, 1)
        rows = [row.draft for row in sheet.understood(context)]
        assert [draft["names"]["en"][1] for draft in rows if draft] == names


def test_a_sheet_without_hidden_rows_asks_nothing() -> None:
    ask = ReadRequest("", ImportContext(NumberPlan(Region("GB")), TODAY), only_look=True)
    book = workbook_from_bytes(b"Name,Mobile\nAnn Lee,+447911123456\n", "x")

    assert select_sheet(book, ask).look.hidden_rows == 0


@pytest.mark.parametrize(
    ("order", "region", "born", "codes"),
    [
        ("", "GB", "2011-07-02", []),
        ("", "IR", "2023-10-03", ["short_year"]),
        (DayOrder.JALALI, "GB", "2023-10-03", []),
        (DayOrder.DAY_FIRST, "IR", "2011-07-02", []),
        (DayOrder.MONTH_FIRST, "IR", "2011-02-07", []),
    ],
)
def test_days_of_a_column_are_read_in_the_order_chosen_by_hand(
    order: str, region: str, born: str, codes: list[str]
) -> None:
    choice = ColumnMapping(
        ("Name", "Mobile", "Born"),
        (Field.NAME, Field.MOBILE, Field.BIRTHDAY),
        days=("", "", order) if order else (),
    )
    reader = RowParser(
        ColumnMapping.from_plain(choice.plain()), ImportContext(NumberPlan(Region(region)), TODAY)
    )

    row = reader.read(Row(2, ["Ann Lee", "+447911123456", "02/07/11"]))

    assert row.draft is not None
    assert row.draft["birthday"] == born
    assert [one.code for one in row.problems] == codes
