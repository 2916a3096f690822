"""Which cells are formulas."""

import io

from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.formula_cells import find_formulas
from screenpop.spreadsheets.reading.zip_checks import CheckedZip
from tests.spreadsheets.hostile import sheet_xml, xlsx, zipped

LETTERS = "ABCDEFGHIJ"
places = st.sets(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=12)


def wanted(found: set[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    return {row: tuple(sorted(column for one, column in found if one == row)) for row, _ in found}


@given(places)
def test_formulas_of_excel_are_found_in_their_cells(found: set[tuple[int, int]]) -> None:
    rows = "".join(
        f'<row r="{row + 1}">'
        + "".join(
            f'<c r="{LETTERS[column]}{row + 1}">'
            + ("<f>1+1</f><v>2</v>" if (row, column) in found else "<v>2</v>")
            + "</c>"
            for column in range(10)
        )
        + "</row>"
        for row in range(21)
    )

    places = find_formulas(CheckedZip(io.BytesIO(xlsx(sheet_xml(rows)))), "A")

    assert places == wanted(found)


@given(places, st.integers(1, 3))
def test_formulas_of_open_documents_are_found_behind_repeated_cells(
    found: set[tuple[int, int]], repeated: int
) -> None:
    rows = "".join(
        "<table:table-row>"
        + f'<table:table-cell table:number-columns-repeated="{repeated}"/>'
        + "".join(
            '<table:table-cell table:formula="of:=1"/>'
            if (row, column) in found
            else "<table:table-cell/>"
            for column in range(10)
        )
        + "</table:table-row>"
        for row in range(21)
    )
    content = (
        '<o:d xmlns:o="o" xmlns:table="t"><table:table table:name="B"/>'
        f'<table:table table:name="A">{rows}</table:table></o:d>'
    )
    ods = zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )

    places = find_formulas(CheckedZip(io.BytesIO(ods)), "A")

    assert places == wanted({(row, column + repeated) for row, column in found})


def test_a_sheet_that_is_not_there_has_none() -> None:
    assert find_formulas(CheckedZip(io.BytesIO(xlsx(sheet_xml("")))), "B") == {}
