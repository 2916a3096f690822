"""A small list of customers read at once and in this process, where only the understanding of it
is wanted. Strict: a row counts as good only when all of it is understood.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_json import draft_from_json
from screenpop.spreadsheets.reading.file_type import HEAD, FileType, detect_file_type
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.reading.text_encoding import read_bytes
from screenpop.spreadsheets.rows.errors import RowProblem, SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.sheets import HEADINGS_WANTED, select_sheet
from screenpop.telephony.number_plan import NumberPlan

_REPORTED_ONLY = {"totals", "no_phone", "formula_value", "unknown_column", "double_column"}


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
    return problem.code not in _REPORTED_ONLY


def read_customer_file(
    path: Path, *, plan: NumberPlan, today: date, currency: str = ""
) -> CustomerSheet:
    """Read a CSV file. Raises ``SheetRefusedError`` when it is no list of customers.

    ``plan`` decides how the numbers are read, ``currency`` what a bare amount is in.
    """
    return read_customers(read_bytes(path), plan=plan, today=today, currency=currency)


def read_customers(
    data: bytes, *, plan: NumberPlan, today: date, currency: str = ""
) -> CustomerSheet:
    """The same from the bytes of the file."""
    if data and detect_file_type(data[:HEAD]) is not FileType.TEXT:
        raise SheetRefusedError("spreadsheet")
    import_context = ImportContext(plan, today, currency)
    sheet = select_sheet(
        workbook_from_bytes(data, ""), ReadRequest("", import_context, only_look=False)
    )
    if not sheet.look.headings_line or not sheet.look.choice.usable:
        raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED)
    good: list[SheetRow] = []
    problems: list[RowProblem] = []
    for row in sheet.understood(import_context):
        problems += row.problems
        understood = not any(map(_costs_the_row, row.problems))
        if understood and row.draft is not None and not row.more_of_above:
            good.append(SheetRow(row.line, draft_from_json(row.draft)))
    return CustomerSheet(tuple(good), tuple(problems))
