"""The longest text of a workbook's cell: at the limit, and one beside it."""

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from screenpop.spreadsheets.writing.columns import Column, ExportWords
from screenpop.spreadsheets.writing.files import LONGEST_CELL, TableFile


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (32_766, "x" * 32_766),
        (32_767, "x" * 32_767),
        (32_768, "x" * 32_766 + "…"),
    ],
    ids=["below", "at", "above"],
)
def test_a_cell_of_a_workbook_has_at_most_32767_characters(
    tmp_path: Path, length: int, written: str
) -> None:
    assert LONGEST_CELL == 32_767
    path = tmp_path / "list.xlsx"
    file = TableFile(
        path, tmp_path, ExportWords("en", str), "list", [Column("about")], right_to_left=False
    )
    file.add([["x" * length]])
    file.close()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[-1] == [written]
