"""Messages to and from the reading process: one JSON object a line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from screenpop.customers.draft import IncomingRow
from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import ColumnMapping
from screenpop.customers.own_fields import fields_from_json, fields_to_json
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow
from screenpop.telephony.number_plan import NumberPlan


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A request; ``remembered``: mappings by ``headings_key``, for headings seen before."""

    path: str
    context: ImportContext
    only_look: bool
    sheet: str = ""
    """Empty: the sheet that looks most like a list of customers."""
    choice: ColumnMapping | None = None
    """The mapping a user chose for this sheet; None: as remembered, else as proposed."""
    remembered: Mapping[str, ColumnMapping] = field(default_factory=dict)
    headings_line: int | None = None
    """The line of the headings as the user named it, 0 for none; None: it is detected."""
    joined: tuple[str, ...] = ()
    """Names of other sheets whose rows come in too."""

    def plain(self) -> dict[str, Any]:
        context = self.context
        return {
            "path": self.path,
            "plan": context.plan.plain(),
            "today": context.today.isoformat(),
            "currency": context.currency,
            "owners": dict(context.owners),
            "branches": dict(context.branches),
            "own_fields": fields_to_json(context.own_fields),
            "skip_hidden": context.skip_hidden,
            "only_look": self.only_look,
            "sheet": self.sheet,
            "choice": self.choice.plain() if self.choice else None,
            "remembered": {key: choice.plain() for key, choice in self.remembered.items()},
            "headings_line": self.headings_line,
            "joined": list(self.joined),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        context = ImportContext(
            NumberPlan.from_plain(plain["plan"]),
            date.fromisoformat(plain["today"]),
            plain["currency"],
            plain["owners"],
            plain["branches"],
            fields_from_json(plain["own_fields"]),
            bool(plain["skip_hidden"]),
        )
        choice = plain["choice"]
        return cls(
            plain["path"],
            context,
            plain["only_look"],
            plain["sheet"],
            ColumnMapping.from_plain(choice) if choice else None,
            {key: ColumnMapping.from_plain(value) for key, value in plain["remembered"].items()},
            plain["headings_line"],
            tuple(plain["joined"]),
        )


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Consecutive rows of a sheet."""

    rows: tuple[IncomingRow, ...]
    """The valid rows."""
    problems: tuple[RowProblem, ...]
    read: int
    """How many rows were read, including those left out."""
    left_out: int


def plain_row(row: ParsedRow) -> list[Any]:
    return [row.line, row.draft, [_plain_problem(one) for one in row.problems], row.more_of_above]


def chunk_from_json(plain: list[Any]) -> RowChunk:
    """Return the chunk. Raises ``ValueError`` or a subclass for anything that is no chunk."""
    rows, problems, left_out = [], [], 0
    for line, draft, of_row, more in plain:
        found = [_problem(*one) for one in of_row]
        problems += found
        if draft is not None:
            rows.append(IncomingRow(int(line), draft_from_json(draft), bool(more)))
        elif any(one.weight is Weight.LEFT_OUT for one in found):
            left_out += 1
    return RowChunk(tuple(rows), tuple(problems), len(plain), left_out)


def _plain_problem(problem: RowProblem) -> list[Any]:
    return [problem.line, problem.column, problem.value, problem.code, problem.weight.value]


def _problem(line: int, column: str, value: str, code: str, weight: str) -> RowProblem:
    return RowProblem(int(line), str(column), str(value), str(code), Weight(weight))
