"""Reads call detail records: Asterisk's ``Master.csv`` and exports of its database with a heading.

``Master.csv`` has no heading; its columns are those of ``cdr_csv`` (source: "CDR Specification" in
the Asterisk documentation). Exports (FreePBX, Issabel) name theirs.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain
from math import isfinite

from screenpop.audit.file_times import parse_file_time
from screenpop.audit.queue_log import SkippedLine

MASTER_COLUMNS = (
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
    "sequence",
    "linkedid",
)
_MASTER_NEEDS = MASTER_COLUMNS.index("uniqueid") + 1
_SPELLINGS: Mapping[str, Sequence[str]] = {
    "start": ("start", "calldate", "call date", "date", "start time"),
    "src": ("src", "source", "from", "caller", "clid"),
    "uniqueid": ("uniqueid", "unique id"),
}
_NEEDED = ("start", "uniqueid")
_DELIMITERS = ",;\t"


class CdrError(ValueError):
    """The file has no usable columns; the message names those it has and those it needs.

    ``code``: ``no_lines``, ``no_number_column`` or ``no_such_column``, for pages; empty: only the
    message. ``columns``: the first headings of the file, in one line.
    """

    def __init__(self, message: str, code: str = "", columns: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.columns = columns


@dataclass(frozen=True, slots=True)
class CdrRow:
    line: int
    start: float
    """Seconds since 1970 (UTC)."""
    src: str
    dst: str
    uniqueid: str
    linkedid: str
    """Empty where the file has none."""
    duration_s: float
    answered: bool
    app: str = ""
    """The last application of the dialplan, where the file has it."""


def parse_cdr(lines: Iterable[str], zone: tzinfo) -> Iterator[CdrRow | SkippedLine]:
    """Return the records; lines that cannot be read with the reason.

    ``zone``: of the PBX, whose local times CDRs have (with ``usegmtime`` UTC). Columns are divided
    by commas, semicolons or tabs. Raises ``CdrError`` at the first line if its columns cannot be
    used.
    """
    places: dict[str, int] | None = None
    source = iter(lines)
    first = next(source, "")
    delimiter = max(_DELIMITERS, key=lambda one: (first.count(one), one == ","))
    for row in csv_rows(chain([first], source), delimiter):
        if isinstance(row, SkippedLine):
            yield row
            continue
        line, cells = row
        if places is None:
            places, is_heading = _places(cells)
            if is_heading:
                continue
        yield _row(line, cells, places, zone)


def csv_rows(
    lines: Iterable[str], delimiter: str = ","
) -> Iterator[tuple[int, list[str]] | SkippedLine]:
    """Return the rows with the number of their last line; without empty ones.

    A cell of more than 131,072 characters makes its row one that is skipped.
    """
    rows = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as problem:
            yield SkippedLine(rows.line_num, "", f"it is no CSV: {problem}")
            continue
        if any(cell.strip() for cell in cells):
            yield rows.line_num, cells


def _places(cells: Sequence[str]) -> tuple[dict[str, int], bool]:
    """Return the place of each column, and whether this line is a heading."""
    names = [cell.strip().lstrip("\ufeff").casefold() for cell in cells]
    found = {name: place for place, name in enumerate(names) if name}
    for wanted, spellings in _SPELLINGS.items():
        place = next((found[one] for one in spellings if one in found), None)
        if place is not None:
            found.setdefault(wanted, place)
    if all(name in found for name in _NEEDED):
        return found, True
    if is_master_row(cells):
        return {name: place for place, name in enumerate(MASTER_COLUMNS)}, False
    missing = [name for name in _NEEDED if name not in found]
    raise CdrError(
        f"the columns {', '.join(names[:20])} are not those of a CDR: missing {', '.join(missing)}."
        " Export it with a heading, or give Asterisk's Master.csv as it is"
    )


def is_master_row(cells: Sequence[str]) -> bool:
    """Return whether a line is one of ``Master.csv``, which has no heading."""
    return len(cells) >= _MASTER_NEEDS and _is_moment(cells[MASTER_COLUMNS.index("start")])


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _row(
    line: int, cells: Sequence[str], places: Mapping[str, int], zone: tzinfo
) -> CdrRow | SkippedLine:
    def cell(name: str) -> str:
        place = places.get(name, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    text = ",".join(cells)[:80]
    if not cell("uniqueid"):
        return SkippedLine(line, text, "it has no uniqueid")
    at = parse_file_time(cell("start"), zone, cell("uniqueid"))
    try:
        duration = float(cell("duration") or 0)
    except ValueError:
        duration = float("nan")
    if at is None or not isfinite(duration):
        return SkippedLine(line, text, "its time or duration cannot be read")
    return CdrRow(
        line,
        at,
        cell("src"),
        cell("dst"),
        cell("uniqueid"),
        cell("linkedid"),
        duration,
        cell("disposition").upper() == "ANSWERED",
        cell("lastapp"),
    )
