"""The report of an import: the result of each row.

One file a ``RowResult``, one JSON object a line. A report lists the results in the order of
``RowResult``: what needs a correction comes first.
"""

import os
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Self

import orjson

from screenpop.common.text import display_text
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.import_columns import Field
from screenpop.customers.import_report import SHEET_LINES, ReportRow, RowResult
from screenpop.customers.own_fields import OwnField, OwnKind
from screenpop.customers.own_values import format_value
from screenpop.spreadsheets.reading.messages import RowChunk
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.row_parser import MAX_SHOWN_LENGTH
from screenpop.store.imports.batch import RowMatch, RowOutcome
from screenpop.store.imports.payments import LEFT_OUT, PaymentRemark
from screenpop.store.imports.run import ImportCounts
from screenpop.store.imports.travellers import UnknownTraveller

_LONGEST_NAME = 80


class ReportWriter:
    """Writes the report. Results are known some hundred rows after a row was read."""

    def __init__(
        self,
        folder: Path | None,
        travellers_heading: str = "",
        joined: Sequence[str] = (),
        own_fields: Sequence[OwnField] = (),
        hidden: Collection[int] = (),
    ) -> None:
        """``travellers_heading``: the heading of the column that has the travellers.

        ``joined``: the names of the joined sheets, in order.
        ``hidden``: customers whose numbers the report does not have.
        """
        self._hidden = hidden
        self._joined = joined
        self._own_fields = {f"own:{field.id}": field for field in own_fields}
        self._folder = folder
        self._travellers_heading = travellers_heading
        self._noted_lines: set[int] = set()
        self._open = ExitStack()
        self._files: dict[RowResult, BinaryIO] = {}
        self._waiting: deque[tuple[int, str]] = deque()
        self._outcomes: dict[int, RowOutcome] = {}
        self._done = 0
        self.read = 0
        self.refused = 0
        self.noted = 0
        self.reasons: Counter[str] = Counter()

    def __enter__(self) -> Self:
        if self._folder is not None:
            for what in RowResult:
                handle = os.open(
                    report_file(self._folder, what), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
                )
                self._files[what] = self._open.enter_context(os.fdopen(handle, "wb"))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self, part: RowChunk) -> None:
        """Add rows that were read, and report their problems."""
        self.read += part.read
        self.refused += part.left_out
        if not self._files and not part.problems:
            return
        names = {row.line: name_of(row.draft) for row in part.rows}
        noted = {one.line for one in part.problems if one.line in names}
        self.noted += len(noted)
        self._noted_lines |= noted
        for problem in part.problems:
            self._write(_problem(problem, names.get(problem.line, "")))
        if self._files:
            self._waiting.extend(names.items())

    def travellers(self, unknown: Sequence[UnknownTraveller]) -> None:
        """Report travellers who are no known customer."""
        self.noted += len({one.line for one in unknown} - self._noted_lines)
        for one in unknown:
            value = display_text(one.text, MAX_SHOWN_LENGTH)
            name = display_text(one.customer_name, _LONGEST_NAME)
            column = display_text(self._travellers_heading, MAX_SHOWN_LENGTH)
            self._write(ReportRow(one.line, RowResult.NOTED, name, column, value, one.code))

    def payments(self, remarks: Sequence[PaymentRemark]) -> None:
        """Report payments that were left out, and those that are stored with a remark."""
        lost = {one.line for one in remarks if one.code in LEFT_OUT}
        self.refused += len(lost)
        self.noted += len({one.line for one in remarks} - lost - self._noted_lines)
        for one in remarks:
            what = RowResult.REFUSED if one.code in LEFT_OUT else RowResult.NOTED
            value = display_text(one.text, MAX_SHOWN_LENGTH)
            name = display_text(one.customer_name, _LONGEST_NAME)
            self._write(ReportRow(one.line, what, name, "", value, one.code))

    def outcomes(self, rows: Sequence[RowOutcome]) -> None:
        rows = [self._without_hidden(row) for row in rows] if self._hidden else rows
        for row in rows:
            if row.code and row.meets is not RowMatch.NOBODY:
                self.noted += row.line not in self._noted_lines
                self._noted_lines.add(row.line)
        if self._files:
            self._outcomes.update((row.line, row) for row in rows)

    def _without_hidden(self, row: RowOutcome) -> RowOutcome:
        return replace(row, shares_with=None) if row.shares_with in self._hidden else row

    def chunk_done(self, counts: ImportCounts) -> None:
        """Write the rows decided so far; a row without an outcome is a new customer."""
        for _ in range(min(counts.rows - self._done, len(self._waiting))):
            line, name = self._waiting.popleft()
            outcome = self._outcomes.pop(line, None) if self._outcomes else None
            if outcome is None and line >= SHEET_LINES:
                self._write(ReportRow(line, RowResult.NEW, name))
            elif outcome is None:
                self._files[RowResult.NEW].write(_json_of_new(line, name))
            else:
                self._write(_outcome(outcome, line, name))
                if outcome.code and outcome.meets is not RowMatch.NOBODY:
                    value = display_text(outcome.code, MAX_SHOWN_LENGTH)
                    row = ReportRow(line, RowResult.NOTED, name, "", value, "code_of_another")
                    self._write(row)
        self._done = counts.rows
        for file in self._files.values():
            file.flush()

    def _write(self, row: ReportRow) -> None:
        if row.code:
            self.reasons[row.code] += 1
        if row.line >= SHEET_LINES:
            row = replace(row, sheet=self._joined[row.line // SHEET_LINES - 1])
        row = replace(
            row,
            line=row.line % SHEET_LINES,
            of_line=row.of_line % SHEET_LINES,
            shares_line=row.shares_line % SHEET_LINES,
        )
        if row.changes and self._own_fields:
            row = replace(row, changes=tuple(self._named(*change) for change in row.changes))
        file = self._files.get(row.what)
        if file is not None:
            file.write(row.to_json())

    def _named(self, name: str, old: str, new: str) -> tuple[str, str, str]:
        """Return a change, that of an own field with the field's name and names of choices."""
        field = self._own_fields.get(name)
        if field is None:
            return name, old, new
        before, after = (_own_text(field, text) for text in (old, new))
        return Field.OWN.value, f"{field.name('')}: {before}", after


def _own_text(field: OwnField, text: str) -> str:
    if field.kind is OwnKind.CHOICE and text.isdigit():
        return format_value(field, int(text), "")
    return text


def report_file(folder: Path, what: RowResult) -> Path:
    return folder / f"{what.value}.jsonl"


def read_report(
    folder: Path, what: RowResult, after: int, most: int
) -> tuple[list[ReportRow], int]:
    """Return up to ``most`` rows of one result and the cursor for the next call, 0 at the end.

    ``after``: the cursor of the call before, 0 for the beginning.
    """
    path = report_file(folder, what)
    size = path.stat().st_size if path.exists() else 0
    if after >= size:
        return [], 0
    with path.open("rb") as file:
        file.seek(after)
        rows = []
        for line in file:
            if not line.endswith(b"\n"):
                break  # the writer has not finished this line
            after += len(line)
            rows.append(ReportRow.from_json(line))
            if len(rows) == most:
                break
    return rows, after if after < size else 0


def all_rows(folder: Path) -> Iterator[ReportRow]:
    """Yield all rows in the order of ``RowResult``."""
    for what in RowResult:
        path = report_file(folder, what)
        if path.exists():
            with path.open("rb") as file:
                yield from map(ReportRow.from_json, file)


def name_of(draft: CustomerDraft) -> str:
    return next((display_text(name.full, _LONGEST_NAME) for name in draft.names.values()), "")


def _problem(problem: RowProblem, name: str) -> ReportRow:
    what = RowResult.REFUSED if problem.weight is Weight.LEFT_OUT else RowResult.NOTED
    return ReportRow(problem.line, what, name, problem.column, problem.value, problem.code)


def _json_of_new(line: int, name: str) -> bytes:
    """Return the line of a new customer, without a ``ReportRow``: there may be a million."""
    return orjson.dumps({"line": line, "what": RowResult.NEW.value, "who": name}) + b"\n"


def _outcome(outcome: RowOutcome, line: int, name: str) -> ReportRow:
    match outcome.meets:
        case RowMatch.NEW:
            return ReportRow(
                line,
                RowResult.NEW,
                name,
                shares_line=outcome.shares_line,
                shares_with=outcome.shares_with or 0,
            )
        case RowMatch.JOINED:
            return ReportRow(line, RowResult.JOINED, name, of_line=outcome.of_line)
        case RowMatch.ON_FILE:
            return ReportRow(
                line,
                RowResult.CHANGED if outcome.added else RowResult.ON_FILE,
                name,
                customer=outcome.customer or 0,
                added=outcome.added,
                changes=tuple((one.field, one.old, one.new) for one in outcome.changes),
                differs=outcome.differs,
            )
        case RowMatch.NOBODY:
            code = "no_such_code" if outcome.code else "nobody"
            return ReportRow(line, RowResult.REFUSED, name, value=outcome.code, code=code)
        case RowMatch.HIDDEN:
            return ReportRow(line, RowResult.REFUSED, name, code="hidden_file")
