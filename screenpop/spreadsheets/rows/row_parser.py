"""Parses a row of text into a customer draft and its errors.

The result is plain (see ``customers.draft_json``): rows are parsed in one process and used in
another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from screenpop.common.search_normalization import fold
from screenpop.common.text import display_text
from screenpop.customers.documents import mask_number
from screenpop.customers.import_columns import (
    DOCUMENT_NUMBERS,
    PHONES,
    TRIP,
    ColumnMapping,
    Field,
)
from screenpop.customers.own_fields import OwnField
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.rows.trips import complete_case, complete_trip
from screenpop.spreadsheets.values.cell_parsers import LABELS, cell_parsers
from screenpop.spreadsheets.values.phones import parse_partly
from screenpop.spreadsheets.values.text_cells import LONGEST
from screenpop.spreadsheets.writing.cells import unescape_cell
from screenpop.telephony.number_plan import NumberPlan

MAX_SHOWN_LENGTH = 60
_FEWEST_DIGITS = 4
"""Characters of a text that may be a number in an unknown format."""

_EMPTY = frozenset(
    (
        "0/0/00",
        "00/00/00",
        "00/00/0000",
        "0000/00/00",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "-",
        "--",
        "---",
        "—",
        "–",
        ".",
        "/",
        "?",
        "n/a",
        "N/A",
        "#N/A",
        "NULL",
        "null",
        "nan",
        "NaN",
    )
)
"""What people and programs write into cells without a value."""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """How this office reads sheets."""

    plan: NumberPlan
    today: date
    currency: str = ""
    """The currency of amounts without one."""
    owners: Mapping[str, int] = field(default_factory=dict, hash=False)
    """User ids by folded name (``common.search_normalization``): possible account managers."""
    branches: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Ids of the office's branches by ``customers.branches.branch_key``."""
    own_fields: tuple[OwnField, ...] = field(default=(), hash=False)
    """The office's own fields."""
    skip_hidden: bool = False
    """Rows that are hidden in the sheet are left out, as the user chose."""


class ParsedRow(NamedTuple):
    line: int
    draft: dict[str, Any] | None
    """A plain draft; None when the row is left out."""
    problems: tuple[RowProblem, ...]
    more_of_above: bool
    """The row has no name: it continues the person above."""


class RowParser:
    """Parses the rows of one sheet, below its headings."""

    def __init__(
        self, choice: ColumnMapping, context: ImportContext, *, closed: bool = True
    ) -> None:
        """``closed``: a cell beyond the last column is an error, else a remark on the row."""
        self._closed = closed
        self._headings = choice.headings
        self._width = len(choice.headings)
        self._again = tuple(map(fold, choice.headings))
        self._context = context
        self._no_phones = PHONES.isdisjoint(choice.fields)
        self._fields = choice.fields
        parsers = cell_parsers(
            choice,
            context.plan,
            context.today,
            context.owners,
            context.own_fields,
            context.branches,
        )
        self._takers = sorted(parsers, key=itemgetter(0))

    def read(self, row: Row) -> ParsedRow:
        """Return the draft or the error of a row; never raises, whatever the row holds."""
        person = RowBuilder()
        cells = row.cells
        for place, take in self._takers:
            if place >= len(cells):
                break
            text = cells[place].strip()
            if text and text not in _EMPTY:
                take(person, text)
        self._complete(person)
        strange = person.wrong or row.formulas or row.other_encoding or len(cells) > self._width
        if strange or not person.has_identity:
            return self._with_problems(person, row)
        return ParsedRow(row.line, person.plain(), (), person.more_of_above)

    def _complete(self, person: RowBuilder) -> None:
        company = person.fields.get("company")
        if company and not person.has_name and (person.phones or person.emails):
            person.family = company  # a company without a person, as contact lists have them
        currency = person.currency or self._context.currency
        if currency and person.fields.get("balance"):
            person.fields.setdefault("currency", currency)
        if person.case:
            complete_case(person.case)
        if person.trip_own:
            person.complete_own_trip()
        if person.trip and not complete_trip(
            person.trip, today=self._context.today, currency=currency, paid_all=person.paid_all
        ):
            person.wrong.append((self._fields.index(Field.RETURNS), "returns_before_departs"))

    def _with_problems(self, person: RowBuilder, row: Row) -> ParsedRow:
        passed_over = self._passed_over(person, row)
        if passed_over:
            problem = self._problem(row, self._name_place(), passed_over, Weight.NOTED)
            return ParsedRow(row.line, None, (problem,), False)
        problems = self._problems(person, row)
        out = any(problem.weight is Weight.LEFT_OUT for problem in problems)
        if out:
            return ParsedRow(row.line, None, tuple(problems), False)
        return ParsedRow(row.line, person.plain(), tuple(problems), person.more_of_above)

    def _problems(self, person: RowBuilder, row: Row) -> list[RowProblem]:
        extra = [cell for cell in row.cells[self._width :] if cell.strip()]
        found = []
        if extra:
            value = display_text(extra[0], MAX_SHOWN_LENGTH)
            if self._closed:
                found.append(RowProblem(row.line, "", value, "too_many_cells"))
            else:
                person.notes += [display_text(cell, LONGEST) for cell in extra]
                found.append(RowProblem(row.line, "", value, "far_cell", Weight.NOTED))
        found += [self._wrong(person, row, place, code) for place, code in person.wrong]
        found += self._formulas(row)
        if not person.has_name and not person.more_of_above:
            found.append(self._problem(row, self._name_place(), "no_name", Weight.LEFT_OUT))
        elif person.only_a_name and not found:
            found.append(self._problem(row, self._name_place(), "only_a_name", Weight.LEFT_OUT))
        elif not (person.has_phone or person.more_of_above or self._no_phones or found):
            place = next(i for i, field in enumerate(self._fields) if field in PHONES)
            found.append(self._problem(row, place, "no_phone", Weight.NOTED))
        if row.other_encoding:
            found.append(self._problem(row, self._name_place(), "other_encoding", Weight.NOTED))
        return found

    def _wrong(self, person: RowBuilder, row: Row, place: int, code: str) -> RowProblem:
        weight = Weight.LEFT_OUT if code in _FATAL else Weight.NOTED
        is_kept = self._fields[place] in DOCUMENT_NUMBERS  # as a document, with its doubt
        if weight is Weight.NOTED and code not in _ONLY_REPORTED and not is_kept:
            text = row.cells[place].strip()
            self._keep(person, self._headings[place], unescape_cell(text) or text, place)
        return self._problem(row, place, code, weight)

    def _keep(self, person: RowBuilder, heading: str, text: str, place: int) -> None:
        """Keep what could not be parsed: numbers as phones, the rest in the notes."""
        field = self._fields[place]
        if field in PHONES and sum(map(str.isdigit, text)) >= _FEWEST_DIGITS:
            person.phones += parse_partly(text, LABELS[field], self._context.plan)
        elif field in TRIP:
            note = f"{heading}: {display_text(text, LONGEST)}"
            before = person.trip.get("note")
            person.trip["note"] = f"{before}\n{note}" if before else note
        else:
            person.keep_in_notes(heading, display_text(text, LONGEST))

    def _formulas(self, row: Row) -> list[RowProblem]:
        found = []
        for place in row.formulas:
            if place < self._width and self._fields[place] is not Field.IGNORED:
                filled = place < len(row.cells) and bool(row.cells[place].strip())
                code = "formula_value" if filled else "formula_without_result"
                found.append(self._problem(row, place, code, Weight.NOTED))
        return found

    def _problem(self, row: Row, place: int, code: str, weight: Weight) -> RowProblem:
        value = row.cells[place] if place < len(row.cells) else ""
        if place < self._width and self._fields[place] in DOCUMENT_NUMBERS:
            value = mask_number(value)
        heading = self._headings[place] if place < self._width else ""
        return RowProblem(
            row.line,
            display_text(heading, MAX_SHOWN_LENGTH),
            display_text(value, MAX_SHOWN_LENGTH),
            code,
            weight,
        )

    def _name_place(self) -> int:
        named = (Field.FAMILY, Field.NAME, Field.FAMILY_FIRST, Field.GIVEN)
        places = (self._fields.index(field) for field in named if field in self._fields)
        return next(places, 0)

    def _passed_over(self, person: RowBuilder, row: Row) -> str:
        """Return the error code of a row that is not part of the list; empty for all others."""
        if tuple(map(fold, row.cells[: self._width])) == self._again:
            return "headings_again"
        filled = next((cell for cell in row.cells if cell.strip()), "")
        sums_up = not person.has_phone and is_total(fold(filled.rstrip(" :")))
        return "totals" if sums_up else ""


_TOTALS = frozenset(
    map(
        fold,
        ("total", "totals", "sum", "grand total", "جمع", "جمع کل", "مجموع", "σύνολο", "σύνολα"),
    )
)
_TOTAL_OF = re.compile(
    "|".join(
        (
            r"^(?:sub ?total|subtotals|total|totals|sum of|grand total)(?:[\s:]|$)",
            r"\s(?:sub ?total|total)$",
            rf"^(?:{'|'.join(map(fold, ('جمع', 'جمع کل', 'مجموع', 'jam', 'jame')))})[\s:]",
            rf"^(?:{'|'.join(map(fold, ('σύνολο', 'σύνολα', 'υποσύνολο', 'μερικό σύνολο')))})"
            r"(?:[\s:]|$)",
        )
    )
)
"""Beginnings and ends of the first text of a row that sums up others: "جمع استانبول"."""


def is_total(text: str) -> bool:
    """Return whether a folded text begins a row that sums up others."""
    return text in _TOTALS or _TOTAL_OF.search(text) is not None


_ONLY_REPORTED = frozenset({"formula_without_result", "balance_cents"})
"""Problems whose cell is not kept as written."""
_FATAL = frozenset({"formula", "too_long", "damaged_card"})
