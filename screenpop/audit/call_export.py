"""Reads calls from the export of any phone system: ``Master.csv``, FreePBX, Issabel, 3CX, others.

Where a heading is not known, the columns are named and the one with the callers' numbers is asked
for. The names of the columns of 3CX are those of its CDR output ("CDR - Call Data Records" in the
documentation of 3CX); those of its reports and of other systems are matched by their words.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import chain

from screenpop.audit.cdr import MASTER_COLUMNS, CdrError, csv_rows, is_master_row
from screenpop.audit.queue_log import SkippedLine
from screenpop.common.text import display_text, fold_digits

_COLUMNS: Mapping[str, Sequence[str]] = {
    "caller": (
        *("src", "source", "from no", "from", "caller", "caller id", "callerid", "caller number"),
        *("calling number", "calling party", "call from", "clid", "cli", "a number", "phone"),
        *("phone number", "number"),
    ),
    "called": (
        *("dst", "destination", "to no", "to", "called", "called number", "callee", "call to"),
        *("dialled number", "dialed number", "dial no", "called party", "did", "b number"),
    ),
    "start": (
        *("start", "calldate", "call date", "date", "time start", "start time", "call time"),
        *("datetime", "date time", "timestamp", "time"),
    ),
    "answered": ("disposition", "status", "call status", "answered", "result"),
    "answer_time": ("time answered", "answer", "answer time"),
    "direction": ("direction", "call type", "calltype", "type"),
    "call": ("linkedid", "historyid", "call id", "callid", "uniqueid", "unique id"),
    "app": ("lastapp",),
    "answered_by": ("dstchannel", "destination channel"),
}
_PUNCTUATION = re.compile(r"[\s_.\-/()]+")
_NUMBER_IN_TEXT = re.compile(r"\+?\d[\d ().-]{2,}\d")
_DAYS = (
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"),
)
_DELIMITERS = ",;\t|"
_NAMED_COLUMNS = 20
_LONGEST_HEADING = 40
_ANSWERED = frozenset({"answered", "answer", "connected", "completed", "yes", "true", "success"})


@dataclass(frozen=True, slots=True)
class ExportedCall:
    """One call, made of all its lines."""

    line: int
    """Its first line."""
    at: float | None
    """Seconds since 1970 (UTC); None if the file has no column of times."""
    caller: str
    called: str
    answered: bool | None
    """None if no column of the file has it."""
    direction: str
    """``in``, ``out`` or empty, as the file has it."""


def read_calls(
    lines: Iterable[str], zone: tzinfo, number_column: str = ""
) -> Iterator[ExportedCall | SkippedLine]:
    """Return the calls in the order of their first lines, then the lines that cannot be read.

    ``zone``: of the phone system. ``number_column``: the heading of the column with the numbers of
    callers, or its place from 1, where it is not known. Lines of one call (``linkedid``,
    ``historyid``, ``uniqueid``) are joined; it was answered if one of them was. Raises ``CdrError``
    for a file without a heading or without such a column.
    """
    source = iter(lines)
    first = next(source, "")
    delimiter = max(_DELIMITERS, key=lambda one: (first.count(one), one == ","))
    columns: dict[str, int] | None = None
    calls: dict[str, ExportedCall] = {}
    skipped: list[SkippedLine] = []
    for row in csv_rows(chain([first], source), delimiter):
        if isinstance(row, SkippedLine):
            skipped.append(row)
            continue
        line, cells = row
        if columns is None:
            columns, is_heading = _columns(cells, number_column)
            if is_heading:
                continue
        found = _call(line, cells, columns, zone)
        if isinstance(found, SkippedLine):
            skipped.append(found)
            continue
        name, call = found
        earlier = calls.get(name)
        calls[name] = call if earlier is None else _joined(earlier, call)
    if columns is None:
        raise CdrError("the file has no lines; export the calls again", "no_lines")
    yield from calls.values()
    yield from skipped


def _columns(cells: Sequence[str], number_column: str) -> tuple[dict[str, int], bool]:
    """Return the place of each known column, and whether this line is a heading."""
    if is_master_row(cells) and not number_column:
        headings: Sequence[str] = MASTER_COLUMNS
        is_heading = False
    else:
        headings, is_heading = cells, True
    names = {_heading(one): place for place, one in reversed(list(enumerate(headings)))}
    names.pop("", None)
    found = {
        column: next(names[one] for one in spellings if one in names)
        for column, spellings in _COLUMNS.items()
        if any(one in names for one in spellings)
    }
    if number_column:
        found["caller"] = _chosen(number_column, cells, names)
    if "caller" not in found:
        raise _refused("none of its columns is known to hold the numbers of callers", cells)
    return found, is_heading


def _chosen(wanted: str, cells: Sequence[str], names: Mapping[str, int]) -> int:
    place = names.get(_heading(wanted))
    if place is None and fold_digits(wanted).isdecimal():
        place = int(fold_digits(wanted)) - 1
    if place is None or not 0 <= place < len(cells):
        raise _refused(f"it has no column {wanted!r}", cells, "no_such_column")
    return place


def _refused(reason: str, cells: Sequence[str], code: str = "no_number_column") -> CdrError:
    named = [display_text(one, _LONGEST_HEADING) or "(empty)" for one in cells[:_NAMED_COLUMNS]]
    more = f" and {len(cells) - _NAMED_COLUMNS} more" if len(cells) > _NAMED_COLUMNS else ""
    columns = ", ".join(named) + more
    return CdrError(f"{reason}: {columns}. Name the column, or its place from 1", code, columns)


def _heading(text: str) -> str:
    return _PUNCTUATION.sub(" ", text.lstrip("\ufeff").casefold()).strip()


def _call(
    line: int, cells: Sequence[str], columns: Mapping[str, int], zone: tzinfo
) -> tuple[str, ExportedCall] | SkippedLine:
    def cell(name: str) -> str:
        place = columns.get(name, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    if columns["caller"] >= len(cells):
        return SkippedLine(line, ",".join(cells)[:80], "it has no column of callers")
    at = None
    if "start" in columns:
        at = _moment(cell("start"), zone)
        if at is None:
            return SkippedLine(line, ",".join(cells)[:80], "its time cannot be read")
    name = cell("call") or f"line {line}"
    return name, ExportedCall(
        line,
        at,
        _number(cell("caller")),
        _number(cell("called")),
        _is_answered(columns, cell),
        _direction(cell("direction")),
    )


def _is_answered(columns: Mapping[str, int], cell: Callable[[str], str]) -> bool | None:
    """Return whether a person answered; None if no column of the file has it."""
    if "answered" in columns:
        # A queue answers the line itself, for its music: without a phone the caller gave up.
        waited = cell("app").casefold() == "queue" and "answered_by" in columns
        if waited and not cell("answered_by"):
            return False
        return cell("answered").casefold() in _ANSWERED
    return bool(cell("answer_time")) if "answer_time" in columns else None


def _joined(first: ExportedCall, more: ExportedCall) -> ExportedCall:
    answered = first.answered or more.answered
    return replace(first, answered=answered, direction=first.direction or more.direction)


def _number(text: str) -> str:
    """``Ali (0912 345 6789)`` and ``"Ali" <09123456789>`` → the number; else the text."""
    found = _NUMBER_IN_TEXT.search(fold_digits(text))
    return found[0] if found and any(map(str.isalpha, text)) else text


def _direction(text: str) -> str:
    folded = text.casefold()
    if folded.startswith(("in", "receiv", "miss")) and not folded.startswith("internal"):
        return "in"
    return "out" if folded.startswith(("out", "dial", "plac")) else ""


def _moment(text: str, zone: tzinfo) -> float | None:
    folded = fold_digits(text)
    moment = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(folded)
    for pattern in _DAYS if moment is None else ():
        with suppress(ValueError):
            moment = datetime.strptime(folded, pattern).replace(tzinfo=zone)
            break
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        return None
