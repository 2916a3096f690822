"""Formats the rows, counts and columns that ``screenpop import`` prints."""

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.common.formula_escape import escape_formula

if TYPE_CHECKING:
    from screenpop.customers.import_columns import SheetPreview
    from screenpop.customers.import_report import ImportTotals, ReportRow
    from screenpop.customers.other_sheet import OtherSheet
    from screenpop.importing.column_choice import InvalidColumnChoiceError

PHASES = {
    "waiting": "Another import is running; this one waits for it …",
    "reading": "{read} rows read …",
    "writing": "{read} rows in …",
    "settling": "The search takes up the new customers …",
    "undoing": "Taking the import out again …",
}
STATES = {
    "running": "running, or broken off",
    "broken_off": "broken off half way",
    "partly_undone": "partly undone",
}
_WHAT = {
    "refused": "left out",
    "noted": "comes in",
    "changed": "on file, gets more",
    "on_file": "on file already",
    "joined": "joined",
    "new": "new",
}
_OF_COLUMNS = frozenset({"unknown_column", "double_column"})
"""Remarks on a column, not on a row."""
_NOBODY = "This row continues a person above it, and there is none. Write a name."
_HEAD = ("line", "what", "name", "column", "value", "why", "how to fix it", "sheet")


def row_sentence(row: "ReportRow") -> str:
    where = f"sheet {row.sheet}, " if row.sheet else ""
    where += f"line {row.line}" + (f", {row.column}" if row.column else "")
    value = f" {row.value!r}:" if row.value else ""
    if row.code in _OF_COLUMNS:
        return f"{where}: {_mend(row)}"
    if row.code:
        return f"{where}:{value} {_WHAT[row.what]}. {_mend(row)}"
    return f"{where}, {row.who}: {why(row) or _WHAT[row.what]}"


def why(row: "ReportRow") -> str:
    """Return the remarks on a row, besides its result."""
    parts = []
    if row.customer:
        parts.append(f"is customer {row.customer}")
    parts += [f"{_fields([field])}: {old} → {new}" for field, old, new in row.changes]
    replaced = {field for field, _, _ in row.changes}
    if added := [field for field in row.added if field not in replaced]:
        parts.append(f"adds {_fields(added)}")
    if row.differs:
        parts.append(f"differs from the customer on file, which is kept: {_fields(row.differs)}")
    if row.of_line:
        parts.append(f"same person as line {row.of_line}")
    if row.shares_line:
        parts.append(f"same number as another customer on line {row.shares_line}")
    if row.shares_with:
        parts.append(f"same number as customer {row.shares_with}")
    return "; ".join(parts)


def count_sentence(counts: "ImportTotals", *, dry_run: bool) -> str:
    come, get = ("would come in", "would get") if dry_run else ("came in", "got")
    payments = f" {counts.payments} payments {come}," if counts.payments else ""
    return (
        f"{counts.new} customers {come},{payments} {counts.changed} rows {get} something added,"
        f" {counts.on_file} were there already, {counts.refused} rows"
        f" {'would be' if dry_run else 'were'} left out."
    )


def reason_sentences(counts: "ImportTotals") -> Iterator[str]:
    """Yield how often each problem occurs, the most frequent first."""
    from screenpop.spreadsheets.rows.errors import REMEDIES

    for code, count in sorted(counts.reasons.items(), key=lambda one: -one[1]):
        yield f"{count} × {_NOBODY if code == 'nobody' else REMEDIES.get(code, code)}"


def mapping_sentences(look: "SheetPreview", *, skip_hidden: bool = False) -> Iterator[str]:
    """Yield what is read from where: the sheet, the field of each column, and what is not read."""
    others = [name for name in look.sheets if name != look.sheet]
    if others:
        names = ", ".join(f"“{name}”" for name in others)
        yield f"Reading the sheet “{look.sheet}”. Also in the file: {names}; choose one by --sheet."
    for other in look.others:
        yield _other_sheet_sentence(other)
    if not look.headings_line:
        yield "No line of headings was found; the columns are taken by their content."
    elif look.kind != "vcard":
        yield f"The headings are in line {look.headings_line}."
    if look.hidden_rows:
        yield (
            _HIDDEN_LEFT.format(count=look.hidden_rows)
            if skip_hidden
            else _HIDDEN_TAKEN.format(count=look.hidden_rows)
        )
    numbered = [
        (column.heading or f"column {place}", column.code)
        for place, column in enumerate(look.columns, 1)
    ]
    read = [f"“{name}” is {field}" for name, field in numbered if field != "ignored"]
    unread = [f"“{name}”" for name, field in numbered if field == "ignored"]
    if read:
        yield f"Columns: {', '.join(read)}."
    if unread:
        yield f"Not imported: {', '.join(unread)}. To change it: --column 'Heading=field'."


def _other_sheet_sentence(other: "OtherSheet") -> str:
    hidden = ", hidden" if other.hidden else ""
    sheet = f"The sheet “{other.name}” ({other.rows} rows{hidden})"
    if other.can_join:
        by = f"“{other.key}”" if other.key else "name and phone"
        option = f"--with-sheet '{other.name}'"
        return f"{sheet} has {other.kind}: {option} imports them too, joined by {by}."
    return f"{sheet} {_NOT_JOINED[other.kind]}"


_HIDDEN_TAKEN = (
    "{count} rows are hidden in the sheet. They come in; to leave them out: --hidden-rows leave."
)
_HIDDEN_LEFT = "{count} rows are hidden in the sheet and left out."
_NOT_JOINED = {
    "payments": "has payments without amounts, or without a code or a name of their customers, so"
    " it is not imported.",
    "trips": "has trips without a code or a name of their customers, so it is not imported.",
    "unknown": "is not imported: no customers and no trips were recognised in it.",
}


def choice_sentence(refused: "InvalidColumnChoiceError", headings: Sequence[str]) -> str:
    if refused.code == "unknown_own_field":
        return f"there is no own field {refused.field!r}; write only =own to make one"
    known = ", ".join(repr(heading) for heading in headings if heading)
    return f"there is no column {refused.field!r}; the headings are {known}"


def write_report(path: Path, rows: Iterable["ReportRow"]) -> None:
    """Write the report as CSV for spreadsheet programs; only its owner can read the file."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_HEAD)
        for row in rows:
            cells = (row.who, row.column, row.value, row.code or why(row), _mend(row), row.sheet)
            lines.writerow((row.line, _WHAT[row.what], *map(escape_formula, cells)))


def _mend(row: "ReportRow") -> str:
    from screenpop.spreadsheets.rows.errors import REMEDIES

    return _NOBODY if row.code == "nobody" else REMEDIES.get(row.code, "")


def _fields(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
