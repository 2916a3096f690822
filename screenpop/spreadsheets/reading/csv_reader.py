"""CSV and similar formats: the separator, and the rows."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from screenpop.spreadsheets.columns.header_aliases import known_headings
from screenpop.spreadsheets.reading.text_encoding import DecodedText
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import Row, Table, Workbook

_SEPARATORS = ",;\t|^~\x1f"
_HEAD = 16_000
_LINES_JUDGED = 20


def open_delimited(decoded: DecodedText, name: str) -> Workbook:
    """Return the workbook of a text file. Reading its rows may raise ``SheetRefusedError``."""
    text = decoded.text
    declared = _hint(text)
    separator = declared or _separator_of(text)

    def rows() -> Iterator[Row]:
        return _rows(decoded, separator, skip=bool(declared))

    return Workbook("csv", (Table(name, False, rows),), separator)


def _hint(text: str) -> str:
    """Return the separator of Excel's own first line ``sep=;``."""
    first = text[:16].partition("\n")[0].strip("\r ").lower()
    return first[-1] if len(first) == len("sep=;") and first.startswith("sep=") else ""


def _separator_of(text: str) -> str:
    """Return the separator with most recognised columns, else the one with the most equal rows."""
    head = text[:_HEAD].lstrip("\r\n")

    def judged(separator: str) -> tuple[int, float]:
        rows = _first_rows(head, separator)
        known = max((sum(map(known_headings, row)) for row in rows), default=0)
        widths = Counter(len(row) for row in rows if row)
        width, alike = max(widths.items(), key=lambda item: item[1] * item[0], default=(1, 0))
        return known, (width > 1) * alike / max(1, len(rows))

    return max(_SEPARATORS, key=judged)


def _first_rows(head: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _LINES_JUDGED:
                break
    except csv.Error:
        return rows
    return rows


def _rows(decoded: DecodedText, separator: str, *, skip: bool) -> Iterator[Row]:
    # Lines end as defined by CSV (RFC 4180): Unicode knows more line breaks.
    lines = io.StringIO(decoded.text, newline="")
    if skip:
        lines.readline()
    reader = csv.reader(lines, delimiter=separator)
    line = 1 + skip
    try:
        for cells in reader:
            if any(cells) and any(map(str.strip, cells)):
                other = decoded.has_other_encoding(line, reader.line_num + skip)
                yield Row(line, cells, other_encoding=other)
            line = reader.line_num + 1 + skip
    except csv.Error as error:
        raise SheetRefusedError("oversized_field", line=line) from error
