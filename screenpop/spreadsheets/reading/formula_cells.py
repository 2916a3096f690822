"""Detection of formula cells, which the reader of the values does not report."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from screenpop.spreadsheets.reading.zip_checks import CheckedZip, Zipped
from screenpop.spreadsheets.rows.errors import SheetRefusedError

Places = Mapping[int, tuple[int, ...]]
"""Row to columns, both from 0."""

MAX_REPORTED = 100_000
_LONGEST_PART = 4 * 1024 * 1024
_CELL = re.compile(
    rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>\s*<(?:\w+:)?f[\s>/]'
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_LONGEST_CELL = 512
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def find_formulas(archive: CheckedZip, sheet: str) -> Places:
    """Return the places of formulas in a sheet; at most the first many thousands.

    Raises ``SheetRefusedError`` for invalid XML.
    """
    match archive.kind:
        case Zipped.XLSX:
            part = part_of_sheet(archive, sheet)
            return _in_excel(archive, part) if part else {}
        case Zipped.ODS:
            return _in_open_document(archive, sheet)
        case Zipped.XLSB:
            return {}


def part_of_sheet(archive: CheckedZip, sheet: str) -> str:
    """Return the ZIP entry of a sheet (ECMA-376, part 1, 18.2.20)."""
    listed = _tree(archive, "xl/workbook.xml")
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _tree(archive, "xl/_rels/workbook.xml.rels")
    }
    for element in listed.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(_OFFICE), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.names() else ""
    return ""


def _tree(archive: CheckedZip, name: str) -> ET.Element:
    if name not in archive.names():
        return ET.Element("none")
    text = b"".join(archive.unpacked(name))
    if len(text) > _LONGEST_PART:
        raise SheetRefusedError("bomb")
    try:
        return ET.fromstring(text)  # noqa: S314 -- the archive was searched for DTDs before
    except (ET.ParseError, ValueError, LookupError) as error:
        raise SheetRefusedError("damaged") from error


def _in_excel(archive: CheckedZip, part: str) -> Places:
    found: dict[int, set[int]] = defaultdict(set)
    count, tail = 0, b""
    for piece in archive.unpacked(part):
        text = tail + piece
        tail = text[-_LONGEST_CELL:]
        if not _FORMULA.search(text):
            continue
        for cell in _CELL.finditer(text):
            found[int(cell[2]) - 1].add(_column(cell[1]))
            count += 1
        if count > MAX_REPORTED:
            break
    return {row: tuple(sorted(columns)) for row, columns in found.items()}


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _in_open_document(archive: CheckedZip, sheet: str) -> Places:
    if not any(b"formula" in piece for piece in archive.unpacked("content.xml")):
        return {}
    counter = _Counter(sheet)
    parser = expat.ParserCreate()
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    try:
        for piece in archive.unpacked("content.xml"):
            parser.Parse(piece, False)
            if counter.formulas > MAX_REPORTED:
                break
    except (expat.ExpatError, ValueError) as error:
        raise SheetRefusedError("damaged") from error
    return {row: tuple(columns) for row, columns in counter.found.items()}


class _Counter:
    """Counts rows and cells while parsing (OpenDocument 1.2, part 1, 9.1)."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._inside = False
        self._row = self._column = 0
        self._rows = 1
        self.formulas = 0
        self.found: dict[int, list[int]] = defaultdict(list)

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        if tag == "table:table":
            self._inside = attributes.get("table:name") == self._sheet
            self._row = 0
        elif not self._inside:
            return
        elif tag == "table:table-row":
            self._column = 0
            self._rows = times_of(attributes, "table:number-rows-repeated")
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            if "table:formula" in attributes:
                self.formulas += 1
                self.found[self._row].append(self._column)
            self._column += times_of(attributes, "table:number-columns-repeated")

    def end(self, tag: str) -> None:
        if self._inside and tag == "table:table-row":
            self._row += self._rows


def times_of(attributes: dict[str, Any], name: str) -> int:
    text = str(attributes.get(name, "1"))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
