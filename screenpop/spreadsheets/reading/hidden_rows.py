"""Detection of hidden rows, which the reader of the values does not report."""

import re
from typing import Any
from xml.parsers import expat

from screenpop.spreadsheets.reading.formula_cells import part_of_sheet, times_of
from screenpop.spreadsheets.reading.zip_checks import CheckedZip, Zipped
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import MAX_ROWS

_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*>")
_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_LONGEST_TAG = 1024


def find_hidden_rows(archive: CheckedZip, sheet: str) -> frozenset[int]:
    """Return the hidden rows of a sheet, from 0; of XLSB, whose rows are not read, none.

    Raises ``SheetRefusedError`` for invalid XML.
    """
    match archive.kind:
        case Zipped.XLSX:
            part = part_of_sheet(archive, sheet)
            return _in_excel(archive, part) if part else frozenset()
        case Zipped.ODS:
            return _in_open_document(archive, sheet)
        case Zipped.XLSB:
            return frozenset()


def _in_excel(archive: CheckedZip, part: str) -> frozenset[int]:
    """Return the rows with the attribute ``hidden`` (ECMA-376, part 1, 18.3.1.73)."""
    found: set[int] = set()
    tail = b""
    for piece in archive.unpacked(part):
        text = tail + piece
        tail = text[-_LONGEST_TAG:]
        if b"hidden=" not in text:
            continue
        for tag in _ROW.findall(text):
            number = _NUMBER.search(tag)
            if number and _HIDDEN.search(tag):
                found.add(int(number[1]) - 1)
    return frozenset(found)


def _in_open_document(archive: CheckedZip, sheet: str) -> frozenset[int]:
    """Return the rows that are collapsed or filtered out (OpenDocument 1.2, part 1, 19.749)."""
    if not any(b"table:visibility" in piece for piece in archive.unpacked("content.xml")):
        return frozenset()
    rows = _Rows(sheet)
    parser = expat.ParserCreate()
    parser.StartElementHandler = rows.start
    try:
        for piece in archive.unpacked("content.xml"):
            parser.Parse(piece, False)
    except (expat.ExpatError, ValueError) as error:
        raise SheetRefusedError("damaged") from error
    return frozenset(rows.hidden)


class _Rows:
    """Counts rows while parsing."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._inside = False
        self._row = 0
        self.hidden: set[int] = set()

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        if tag == "table:table":
            self._inside = attributes.get("table:name") == self._sheet
            self._row = 0
        elif self._inside and tag == "table:table-row":
            rows = times_of(attributes, "table:number-rows-repeated")
            if attributes.get("table:visibility") in {"collapse", "filter"}:
                last = min(self._row + rows, MAX_ROWS)
                self.hidden.update(range(self._row, last))
            self._row += rows
