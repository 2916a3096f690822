"""Rows of text, independent of the file format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

MAX_ROWS = 1_000_000
MAX_COLUMNS = 256

DAMAGED_CARD = "BEGIN:VCARD"
"""The only cell in the row of a vCard that cannot be read."""

Cell = int | float | str | bool | date | time | object


class Row(NamedTuple):
    """One non-empty row."""

    line: int
    """Counted from 1, as the spreadsheet program shows it; in a text file the line it begins on."""
    cells: list[str]
    formulas: tuple[int, ...] = ()
    """Indexes of cells whose text is the result of a formula."""
    hidden: bool = False
    """The spreadsheet program does not show the row."""
    other_encoding: bool = False
    """In a text file, the row was in another encoding than most others."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a file.

    Each call of ``rows`` starts from the beginning; reading it may raise ``SheetRefusedError``.
    """

    name: str
    hidden: bool
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened file."""

    kind: str
    """``xlsx``, ``xlsb``, ``xls``, ``ods``, ``html``, ``xml``, ``csv``, ``vcard``, ``trello``."""
    tables: tuple[Table, ...]
    """At least one."""
    separator: str = ""
    """For text files."""


def cell_text(value: Cell) -> str:
    """Return a cell as text: whole floats without a point (``9121234567.0``), days as ISO."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{value:.0f}" if value.is_integer() and abs(value) < 1e17 else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case None:
            return ""
        case _:
            return str(value)
