"""XLSX, XLSB, XLS and ODS, through calamine."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from screenpop.spreadsheets.reading.formula_cells import Places, find_formulas
from screenpop.spreadsheets.reading.hidden_rows import find_hidden_rows
from screenpop.spreadsheets.reading.zip_checks import CheckedZip
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import MAX_COLUMNS, MAX_ROWS, Row, Table, Workbook, cell_text

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FILE_PASS = re.compile(rb"\x09\x08\x10\0.{16}(?:\x86\0\0\0)?\x2f\0", re.DOTALL)
"""Follows the beginning of a workbook, perhaps after its write protection ([MS-XLS] 2.1.7.20.3)."""
_BOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
_MOST_CELLS = 20_000_000
_MOST_MERGED = 50_000
_MOST_FAR_ROWS = 2
"""Rows with cells beyond the most columns; more of them make the sheet too wide."""


def open_zipped(data: bytes) -> Workbook:
    """Return the workbook of a zipped format. Raises ``SheetRefusedError``."""
    archive = CheckedZip(io.BytesIO(data))
    with _clearly():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return Workbook(archive.kind.value, _tables(book, archive))


def open_xls(data: bytes) -> Workbook:
    """Return the workbook of Excel 97 to 2003 (OLE). Raises ``SheetRefusedError``."""
    if _ENCRYPTED in data or _FILE_PASS.search(data):
        raise SheetRefusedError("encrypted")
    if not any(name in data for name in _BOOKS):
        raise SheetRefusedError("document")
    with _clearly():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return Workbook("xls", _tables(book, None))


@contextmanager
def _clearly() -> Iterator[None]:
    """Convert every failure of calamine into a refusal.

    Includes Rust panics, which are no ``Exception``.
    """
    try:
        yield
    except (SheetRefusedError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except PasswordError as error:
        raise SheetRefusedError("encrypted") from error
    except MemoryError as error:
        raise SheetRefusedError("oversized") from error
    except BaseException as error:
        raise SheetRefusedError("damaged") from error


def _tables(book: CalamineWorkbook, archive: CheckedZip | None) -> tuple[Table, ...]:
    tables = tuple(
        Table(
            sheet.name,
            sheet.visible is not SheetVisibleEnum.Visible,
            lambda index=index, name=sheet.name: _rows(book, index, name, archive),  # type: ignore[misc]
        )
        for index, sheet in enumerate(book.sheets_metadata)
        if sheet.typ is SheetTypeEnum.WorkSheet
    )
    if not tables:
        raise SheetRefusedError("no_rows")
    return tables


def _rows(
    book: CalamineWorkbook, index: int, name: str, archive: CheckedZip | None
) -> Iterator[Row]:
    with _clearly():
        sheet = book.get_sheet_by_index(index)
    if sheet.start is None:
        return
    _check_size(sheet)
    # calamine returns rows from the sheet's first row, but cells from the first column in use.
    left = sheet.start[1]
    formulas = {} if archive is None else find_formulas(archive, name)
    hidden = frozenset() if archive is None else find_hidden_rows(archive, name)
    hanging = _Merged(sheet, left)
    far_rows = 0
    with _clearly():
        for row, values in enumerate(sheet.iter_rows()):
            cells = [cell_text(value) for value in values]
            if sheet.width > MAX_COLUMNS:
                far_rows += _gather_far_cells(cells)
                if far_rows > _MOST_FAR_ROWS:
                    raise SheetRefusedError("too_wide", limit=MAX_COLUMNS)
            hanging.fill(row, cells)
            if any(map(str.strip, cells)) or row in formulas:
                yield Row(row + 1, cells, _inside(formulas, row, left), row in hidden)


def _gather_far_cells(cells: list[str]) -> bool:
    """Cut the row to the most columns, with the texts beyond in its last cell; True for any."""
    far = [cell for cell in cells[MAX_COLUMNS:] if cell.strip()]
    del cells[MAX_COLUMNS:]
    if far:
        cells[-1] = " ".join(filter(None, (cells[-1], *far)))
    return bool(far)


def _inside(formulas: Places, row: int, left: int) -> tuple[int, ...]:
    return tuple([column - left for column in formulas.get(row, ()) if column >= left])


def _check_size(sheet: CalamineSheet) -> None:
    if sheet.height > MAX_ROWS + 100_000:
        raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
    if sheet.height * sheet.width > _MOST_CELLS:
        raise SheetRefusedError("oversized")


class _Merged:
    """Vertically merged cells have one text; it is repeated for every row they span."""

    def __init__(self, sheet: CalamineSheet, left: int) -> None:
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for (first, column), (last, _) in (sheet.merged_cell_ranges or [])[:_MOST_MERGED]:
            if last > first:
                self._starts.setdefault(first, []).append((column - left, last))
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, row: int, cells: list[str]) -> None:
        if not (self._open or self._starts):
            return
        for column, (last, text) in list(self._open.items()):
            if row > last:
                del self._open[column]
            elif 0 <= column < len(cells) and not cells[column]:
                cells[column] = text
        for column, last in self._starts.pop(row, ()):
            if 0 <= column < len(cells):
                self._open[column] = (last, cells[column])
