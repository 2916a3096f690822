"""Limits of the rows of a sheet: each at the limit, and one beside it."""

from datetime import date

import pytest

from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows import sheets
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.rows import MAX_ROWS
from screenpop.spreadsheets.rows.sheets import SelectedSheet, select_sheet
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.spreadsheets.small_list import read_customers

PLAN = NumberPlan(Region("GR"), "210")
TODAY = date(2026, 11, 29)


def selected(lines: list[str], *, only_look: bool = False) -> SelectedSheet:
    book = workbook_from_bytes("\n".join(lines).encode(), "")
    return select_sheet(book, ReadRequest("", ImportContext(PLAN, TODAY, ""), only_look=only_look))


@pytest.mark.parametrize(("columns", "is_read"), [(255, True), (256, True), (257, False)])
def test_a_list_has_at_most_256_columns(columns: int, is_read: bool) -> None:
    lines = [",".join(["First name", "Last name", "Mobile", *["x"] * (columns - 3)])]
    if is_read:
        assert len(selected(lines).look.columns) == columns
        return
    with pytest.raises(SheetRefusedError) as refused:
        selected(lines)
    assert refused.value.code == "too_wide"


@pytest.mark.parametrize("only_look", [False, True])
@pytest.mark.parametrize(("rows", "is_read"), [(2, True), (3, True), (4, False)])
def test_a_list_has_as_many_rows_below_its_headings_as_the_limit(
    monkeypatch: pytest.MonkeyPatch, only_look: bool, rows: int, is_read: bool
) -> None:
    assert MAX_ROWS == 1_000_000
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    lines = ["First name,Last name,Mobile", *["Laleh,Karimi,6912345678"] * rows]
    if is_read:
        sheet = selected(lines, only_look=only_look)
        assert sheet.look.rows == (rows if only_look else -1)
        assert len(list(sheet.below())) == rows
        return
    with pytest.raises(SheetRefusedError) as refused:
        list(selected(lines, only_look=only_look).below())
    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize(("digits", "is_kept"), [("123", False), ("1234", True), ("12345", True)])
def test_a_wrong_number_of_at_least_four_digits_is_kept_as_a_number(
    digits: str, is_kept: bool
) -> None:
    data = f"First name,Last name,Mobile\nLaleh,Karimi,{digits} old office\n".encode()
    sheet = read_customers(data, plan=PLAN, today=TODAY)
    assert [problem.code for problem in sheet.problems] == ["bad_phone"]
    rows = list(selected(data.decode().splitlines()).understood(ImportContext(PLAN, TODAY, "")))
    draft = rows[-1].draft
    assert draft is not None
    assert ("phones" in draft and bool(draft["phones"])) is is_kept
