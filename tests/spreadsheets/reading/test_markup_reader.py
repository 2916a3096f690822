"""Web pages with tables, as programs export them as .xls, and Excel 2003 XML."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.markup_reader import open_web_tables, open_xml_workbook
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import MAX_COLUMNS, MAX_ROWS, Row
from tests.spreadsheets.sheet_outcomes import outcomes

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><title>Πελάτες</title>
<style>td { color: red }</style><script>var a = "<td>";</script></head><body><table>
<tr><td colspan=4><b>Λίστα πελατών</b></td></tr>
<tr><th>Όνομα</th><th>Επώνυμο</th><th>Κινητό</th><th>Πόλη</th></tr>
<tr><td>Ελένη</td><td>Παππά&nbsp;</td><td x:num="6971234567">6,97E+09</td><td rowspan=2>Αθήνα</tr>
<tr><td>Νίκος</td><td>Βλάχος</td><td x:num="6971234568">6.97E+09<br></td></tr>
<tr><td>Άννα<td>Αλεξίου<td>697 1234569<br>210 6001122<td>Βόλος &amp; Πήλιο
<tr><td></td><td></td></tr>
</table></body></html>"""
XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="Default"><Alignment ss:Vertical="Bottom"/></Style></Styles>
<Worksheet ss:Name="Old"><Table/><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>
</Worksheet><Worksheet ss:Name="Clients &amp; Co"><Table>{rows}</Table></Worksheet></Workbook>"""


def rows_of_page(text: str) -> list[list[str]]:
    return [row.cells for row in open_web_tables(text, "page").tables[0].rows()]


def rows_of_sheet(rows: str) -> list[Row]:
    return list(open_xml_workbook(XML.format(rows=rows)).tables[1].rows())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1253", "utf-16"])
def test_the_table_of_a_page_comes_in_as_the_customers_it_shows(encoding: str) -> None:
    fields, rows = outcomes(PAGE.encode(encoding, "ignore"), "GR")
    assert list(fields.values()) == ["given", "family", "mobile", "city"]
    assert rows == [
        "3 Ελένη/Παππά | +306971234567=mobile | city=Αθήνα",
        "4 Νίκος/Βλάχος | +306971234568=mobile | city=Αθήνα",
        "5 Άννα/Αλεξίου | +306971234569=mobile +302106001122=other | city=Βόλος & Πήλιο",
    ]


def test_a_sheet_of_excel_2003_has_its_lines_types_formulas_and_hidden_rows() -> None:
    found = rows_of_sheet(
        '<Row ss:Index="3"><Cell ss:MergeAcross="1"><Data ss:Type="String">a&lt;b&#10;c</Data>'
        "</Cell>"
        '<Cell ss:Formula="=1+2"><Data ss:Type="Number">9.12E9</Data></Cell></Row>'
        '<Row ss:Hidden="1"><Cell ss:Index="2"><Data ss:Type="DateTime">1965-03-15T00:00:00.000'
        '</Data></Cell><Cell ss:MergeDown="1"><ss:Data ss:Type="String"><B>bo</B>ld</ss:Data>'
        "</Cell>"
        '</Row><Row><Cell><Data ss:Type="Boolean">1</Data></Cell></Row><Row/>'
    )
    assert found == [
        Row(3, ["a<b\nc", "", "9120000000"], (2,)),
        Row(4, ["", "1965-03-15", "bold"], (), hidden=True),
        Row(5, ["true", "", "bold"]),
    ]
    tables = open_xml_workbook(XML.format(rows="")).tables
    assert [(table.name, table.hidden) for table in tables] == [
        ("Old", True),
        ("Clients & Co", False),
    ]


@given(st.lists(st.lists(st.text(max_size=9), min_size=1, max_size=5), min_size=1, max_size=5))
def test_texts_of_cells_come_back_as_one_line_each(table: list[list[str]]) -> None:
    body = "".join(f"<tr>{''.join(f'<td>{escape(t)}</td>' for t in row)}</tr>" for row in table)
    wanted = [[" ".join(text.split()) for text in row] for row in table]
    found = rows_of_page(f"<table>{body}<tr><td>end</table>")
    filled = [words for row in wanted if (words := " ".join(row).split())]
    assert [" ".join(row).split() for row in found] == [*filled, ["end"]]


@given(st.text(st.sampled_from("<>/ abtdr=\"'&;-1"), max_size=200))
def test_any_markup_becomes_rows_or_is_refused(text: str) -> None:
    for read in (rows_of_page, rows_of_sheet):
        assert read(f"<table><tr><td>x</td></tr>{text}") or read is rows_of_sheet


@pytest.mark.parametrize("sheets", [100, 101])
def test_a_book_of_excel_2003_has_at_most_a_hundred_sheets(sheets: int) -> None:
    text = '<?xml version="1.0"?><Workbook>' + '<Worksheet ss:Name="a"/>' * sheets
    if sheets == 100:
        assert len(open_xml_workbook(text).tables) == sheets
        return
    with pytest.raises(SheetRefusedError):
        open_xml_workbook(text)


def test_spans_and_places_beyond_every_sheet_are_refused_or_cut() -> None:
    wide = "<td colspan=9999999>a</td>"
    assert rows_of_page(f"<tr>{wide}<tr><td rowspan=9999999>b<tr><td>c") == [
        ["a"],
        ["b"],
        ["b", "c"],
    ]
    for page in (f"<tr>{wide}<td>b", "<tr>" + "<td>x" * (MAX_COLUMNS + 1)):
        with pytest.raises(SheetRefusedError) as refused:
            rows_of_page(page)
        assert refused.value.code == "too_wide"
    assert len(rows_of_page("<tr>" + "<td>x" * MAX_COLUMNS)[0]) == MAX_COLUMNS
    cell = '<Cell><Data ss:Type="Number">1E999</Data></Cell>'
    for line, is_read in ((MAX_ROWS, True), (MAX_ROWS + 1, False)):
        row = f'<Row ss:Index="{line}">{cell}</Row>'
        if is_read:
            assert rows_of_sheet(row) == [Row(line, ["inf"])]
        else:
            with pytest.raises(SheetRefusedError) as refused:
                rows_of_sheet(row)
            assert refused.value.code == "too_many_rows"


def test_a_day_with_a_time_keeps_it() -> None:
    cell = '<Cell><Data ss:Type="DateTime">2026-03-01T09:30:00.000</Data></Cell>'
    assert rows_of_sheet(f"<Row>{cell}</Row>")[0].cells == ["2026-03-01 09:30:00"]


@pytest.mark.parametrize("more", [0, 1])
def test_a_tag_or_comment_that_does_not_end_has_at_most_a_million_characters(more: int) -> None:
    page = "<tr><td>a</td></tr><!--".ljust(len("<tr><td>a</td></tr>") + 1024 * 1024 + more, "x")
    if not more:
        assert rows_of_page(page) == [["a"]]
        return
    with pytest.raises(SheetRefusedError) as refused:
        rows_of_page(page)
    assert refused.value.code == "oversized"
