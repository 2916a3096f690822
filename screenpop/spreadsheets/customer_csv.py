"""A small list of customers, read at once and in this process: ``screenpop import FILE.csv``.

Strict: a row comes in only when all of it is understood. ``reader`` reads every kind of sheet, in
a process of its own, and keeps what it does not understand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.plain_draft import draft_from
from screenpop.spreadsheets.columns import Choice
from screenpop.spreadsheets.delimited import open_delimited
from screenpop.spreadsheets.guessing import HEAD, Head, read_head
from screenpop.spreadsheets.kinds import HEAD as HEAD_BYTES
from screenpop.spreadsheets.kinds import Kind, kind_of
from screenpop.spreadsheets.problems import RowProblem, SheetRefusedError, Weight
from screenpop.spreadsheets.tables import Row
from screenpop.spreadsheets.text_file import read_bytes, text_of
from screenpop.spreadsheets.understanding import House, RowReader
from screenpop.telephony.plan import NumberPlan

MOST_ROWS = 200_000
HEADINGS_WANTED = (
    "title, first name, last name, phone, second phone, language, birthday, tier, balance, notes"
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    line: int
    """The line of the file on which the row begins, counted from 1."""
    draft: CustomerDraft


@dataclass(frozen=True, slots=True)
class CustomerSheet:
    rows: tuple[SheetRow, ...]
    """The good rows, in order."""
    problems: tuple[RowProblem, ...]
    """Everything wrong, in order; a bad row can have several."""

    @property
    def drafts(self) -> tuple[CustomerDraft, ...]:
        return tuple(row.draft for row in self.rows)

    @property
    def refused(self) -> int:
        """How many rows were left out."""
        return len({problem.line for problem in self.problems if _costs_the_row(problem)})


def _costs_the_row(problem: RowProblem) -> bool:
    return problem.weight is Weight.LEFT_OUT


def read_customer_file(
    path: Path, *, plan: NumberPlan, today: date, currency: str = ""
) -> CustomerSheet:
    """Read a CSV file. Raises ``SheetRefusedError`` when it is no list of customers.

    ``plan`` says how the numbers are to be read, ``currency`` what a bare amount is in.
    """
    return read_customers(read_bytes(path), plan=plan, today=today, currency=currency)


def read_customers(
    data: bytes, *, plan: NumberPlan, today: date, currency: str = ""
) -> CustomerSheet:
    """The same from the bytes of the file."""
    rows = _rows(data)
    first = list(islice(rows, HEAD))
    head = read_head(first, plan, today, closed=True)
    choice = head.choice
    if not head.line or not choice.usable:
        raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED)
    reader = RowReader(choice, House(plan, today, currency, strict=True))
    good, problems = [], list(column_problems(head))
    for row in _below(head.line, first, rows):
        understood = reader.read(row)
        problems += understood.problems
        if understood.draft is not None and not understood.more_of_above:
            good.append(SheetRow(row.line, draft_from(understood.draft)))
    return CustomerSheet(tuple(good), tuple(problems))


def column_problems(head: Head) -> Iterator[RowProblem]:
    """Columns that are not imported, told once, on the line of the headings."""
    for column in head.columns:
        if column.why in {"nothing", "double"} and column.heading:
            code = "double_column" if column.why == "double" else "unknown_column"
            yield RowProblem(head.line, column.heading[:60], "", code, Weight.NOTED)


def _rows(data: bytes) -> Iterator[Row]:
    if not data:
        raise SheetRefusedError("empty")
    if kind_of(data[:HEAD_BYTES]) is not Kind.TEXT:
        raise SheetRefusedError("spreadsheet")
    [table] = open_delimited(text_of(data), "").tables
    return table.rows()


def _below(line: int, first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate((*first, *rest) if len(first) < HEAD else _both(first, rest)):
        if count > MOST_ROWS:
            raise SheetRefusedError("too_many_rows", limit=MOST_ROWS)
        if row.line > line:
            yield row


def _both(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


__all__ = ["Choice", "CustomerSheet", "SheetRow", "read_customer_file", "read_customers"]
