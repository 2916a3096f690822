"""Export files of customer lists: CSV for every program, XLSX for spreadsheets.

Rows are written as they come and none is kept. In XLSX, phone numbers are text cells in E.164; in
CSV, where each program guesses which texts are numbers, they are written with spaces, which every
one of them takes for text.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from screenpop.accounts.departments import Section
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.spreadsheets.writing.cells import escape_cell, escape_csv_cell
from screenpop.spreadsheets.writing.columns import (
    CASE_COLUMNS,
    Cell,
    Column,
    ExportWords,
    PhoneCell,
    Sections,
    case_rows_of,
    columns_for,
    rows_of,
)
from screenpop.spreadsheets.writing.own_columns import decimal_text
from screenpop.spreadsheets.writing.payment_columns import PAYMENT_COLUMNS, payment_rows_of
from screenpop.spreadsheets.writing.sheet_words import SecondsCell, ShareCell
from screenpop.telephony.phone_numbers import format_for_people

_DAY_S = 86_400
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte order mark by which Excel recognises a CSV as UTF-8."""
MOST_ROWS = 1_048_576
"""Rows of one XLSX sheet; further rows go to another sheet."""
LONGEST_CELL = 32_767
"""Characters of an XLSX cell."""


class CsvFile:
    def __init__(
        self, out: IO[str], words: ExportWords, sections: Sections, *, documents: bool = False
    ) -> None:
        """Write to ``out``, a text file opened with ``newline=""``."""
        self._words, self._sections = words, sections
        self._columns = columns_for(sections, words, documents=documents)
        self._csv = csv.writer(out, lineterminator="\r\n")
        out.write(BOM)
        self._csv.writerow([escape_csv_cell(column.title(words)) for column in self._columns])

    def add(self, people: Iterable[CustomerExportRecord]) -> None:
        for one in people:
            for row in rows_of(one, self._columns, self._words, self._sections):
                self._csv.writerow([_in_text_file(cell) for cell in row])

    def close(self) -> None:
        """Do nothing: everything is written already."""


class CsvPayments:
    """A CSV file with a row for each payment of the customers."""

    def __init__(self, out: IO[str], words: ExportWords) -> None:
        """Write to ``out``, a text file opened with ``newline=""``."""
        self._words = words
        self._csv = csv.writer(out, lineterminator="\r\n")
        out.write(BOM)
        self._csv.writerow([escape_csv_cell(column.title(words)) for column in PAYMENT_COLUMNS])

    def add(self, people: Iterable[CustomerExportRecord]) -> None:
        for one in people:
            for row in payment_rows_of(one, self._words):
                self._csv.writerow([_in_text_file(cell) for cell in row])

    def close(self) -> None:
        """Do nothing: everything is written already."""


def _in_text_file(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case PhoneCell():
            return "; ".join(_spaced(phone) for phone in cell.numbers)
        case str():
            return escape_csv_cell(cell)
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case float():
            return decimal_text(cell)


def _spaced(phone: PhoneDraft) -> str:
    if phone.e164 is None:
        return escape_csv_cell(phone.raw)
    shown = format_for_people(phone.e164)
    return shown if " " in shown else f"'{shown}"


class XlsxFile:
    def __init__(
        self,
        path: Path,
        folder: Path,
        words: ExportWords,
        sections: Sections,
        *,
        right_to_left: bool,
        documents: bool = False,
    ) -> None:
        """Write to ``path``; ``folder`` holds rows until the file is assembled."""
        self._words, self._sections = words, sections
        self._book = _Book(path, folder, words, right_to_left=right_to_left)
        self._columns = columns_for(sections, words, documents=documents)
        self._list = self._book.listing("sheet.customers", self._columns)
        cases = any(column.section in sections for column in CASE_COLUMNS)
        self._cases = self._book.listing("sheet.cases", CASE_COLUMNS) if cases else None
        payments = {Section.TRIPS, Section.PRICES} <= sections
        self._payments = self._book.listing("sheet.payments", PAYMENT_COLUMNS) if payments else None

    def add(self, people: Iterable[CustomerExportRecord]) -> None:
        for one in people:
            for row in rows_of(one, self._columns, self._words, self._sections):
                self._list.write(row)
            if self._cases is not None:
                for row in case_rows_of(one, self._words):
                    self._cases.write(row)
            if self._payments is not None:
                for row in payment_rows_of(one, self._words):
                    self._payments.write(row)

    def close(self) -> None:
        self._book.close()


class TableFile:
    """A workbook with one table. ``name``: the code of its sheet, without ``sheet.``."""

    def __init__(
        self,
        path: Path,
        folder: Path,
        words: ExportWords,
        name: str,
        columns: Sequence[Column],
        *,
        right_to_left: bool,
    ) -> None:
        self._book = _Book(path, folder, words, right_to_left=right_to_left)
        self._list = self._book.listing(f"sheet.{name}", columns)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self._list.write(row)

    def close(self) -> None:
        self._book.close()


class TablesFile:
    """A workbook with a sheet for each of several tables."""

    def __init__(
        self, path: Path, folder: Path, words: ExportWords, *, right_to_left: bool
    ) -> None:
        self._book = _Book(path, folder, words, right_to_left=right_to_left)

    def add(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Write a table. ``name``: the code of its sheet's name."""
        listing = self._book.listing(name, columns)
        for row in rows:
            listing.write(row)

    def close(self) -> None:
        self._book.close()


class CsvTable:
    """A CSV file with one table."""

    def __init__(self, out: IO[str], words: ExportWords, columns: Sequence[Column]) -> None:
        """Write to ``out``, a text file opened with ``newline=""``."""
        self._out = out
        self._csv = csv.writer(self._out, lineterminator="\r\n")
        self._out.write(BOM)
        self._csv.writerow([escape_csv_cell(column.title(words)) for column in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self._csv.writerow([_in_text_file(cell) for cell in row])

    def close(self) -> None:
        self._out.close()


class _Book:
    def __init__(
        self, path: Path, folder: Path, words: ExportWords, *, right_to_left: bool
    ) -> None:
        self._words, self._right_to_left = words, right_to_left
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(folder),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "use_zip64": True,
            },
        )
        self._formats = _Formats(self._book)

    def close(self) -> None:
        self._book.close()

    def listing(self, name: str, columns: Sequence[Column]) -> "_Listing":
        def sheet(number: int) -> Worksheet:
            more = f" {number}" if number > 1 else ""
            sheet = self._book.add_worksheet(self._words(name) + more)
            if self._right_to_left:
                sheet.right_to_left()
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.set_column(place, place, column.width)
                heading = escape_cell(column.title(self._words))
                sheet.write_string(0, place, heading, self._formats.heading)
            return sheet

        return _Listing(sheet, self._formats)


class _Formats:
    def __init__(self, book: Workbook) -> None:
        look: dict[str, Any] = {"valign": "top"}
        self.heading = book.add_format({"bold": True, "bottom": 1, **look})
        self.text = book.add_format({"num_format": "@", **look})
        # Excel's own attribute for text that is no formula, even after the cell is edited.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True, **look})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", **look})
        self.number = book.add_format({"num_format": "#,##0", **look})
        self.share = book.add_format({"num_format": "0.0%", **look})
        self.length = book.add_format({"num_format": "[h]:mm:ss", **look})
        self.decimal = book.add_format({"num_format": "General", **look})


class _Listing:
    """Rows on consecutive sheets. ``sheet``: creates the sheet with this number."""

    def __init__(self, sheet: Callable[[int], Worksheet], formats: _Formats) -> None:
        self._make, self._formats = sheet, formats
        self._sheets, self._row = 1, 0
        self._sheet = sheet(1)

    def write(self, cells: Sequence[Cell]) -> None:
        self._row += 1
        if self._row == MOST_ROWS:
            self._sheets, self._row = self._sheets + 1, 1
            self._sheet = self._make(self._sheets)
        for place, cell in enumerate(cells):
            self._write(place, cell)

    def _write(self, place: int, cell: Cell) -> None:
        match cell:
            case None | "":
                pass
            case PhoneCell():
                text = "; ".join(phone.e164 or escape_cell(phone.raw) for phone in cell.numbers)
                self._text(place, text, quoted=True)
            case str():
                text = escape_cell(cell)
                self._text(place, text, quoted=text is not cell)
            case date():
                self._sheet.write_datetime(self._row, place, cell, self._formats.day)
            case ShareCell():
                self._sheet.write_number(self._row, place, cell, self._formats.share)
            case SecondsCell():
                self._sheet.write_number(self._row, place, cell / _DAY_S, self._formats.length)
            case int():
                self._sheet.write_number(self._row, place, cell, self._formats.number)
            case float():
                self._sheet.write_number(self._row, place, cell, self._formats.decimal)

    def _text(self, place: int, text: str, *, quoted: bool) -> None:
        look = self._formats.quoted if quoted else self._formats.text
        if len(text) > LONGEST_CELL:
            text = text[: LONGEST_CELL - 1] + "…"
        self._sheet.write_string(self._row, place, text, look)
