"""A ten-column list of customers: ``screenpop import FILE.csv``.

Title, first name, last name, phone, second phone, language, birthday, tier, balance, notes; in any
order, under English, Persian or Greek headings, with any of the usual separators and encodings.
Names and a phone column are needed, the rest may be missing. Good rows become drafts; each bad one
is named with its line, column, value and what to do.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.spreadsheets.cells import (
    Wrong,
    understand_amount,
    understand_birthday,
    understand_language,
    understand_name,
    understand_phones,
    understand_tier,
    understand_title,
)
from screenpop.spreadsheets.columns import Columns, Field, recognise
from screenpop.spreadsheets.problems import RowProblem, SheetRefusedError
from screenpop.spreadsheets.text_file import read_bytes, text_of
from screenpop.telephony.plan import NumberPlan
from screenpop.telephony.text import shown

MOST_ROWS = 200_000
_LONGEST = 200
_LONGEST_NOTE = 4000
_LONGEST_SHOWN = 60
_SEPARATORS = ",;\t|"
_HEADERS_WANTED = (
    "title, first name, last name, phone, second phone, language, birthday, tier, balance, notes"
)

Value = TypeVar("Value")


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
        return len({problem.line for problem in self.problems if problem.line > 1})


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
    text, separator = _without_hint(text_of(data))
    rows = _Rows(text, separator or _separator_of(text), skipped=bool(separator))
    columns, line = rows.columns()
    reader = _Reader(columns, plan, today, currency)
    reader.tell_columns(line)
    for line, row in rows:
        reader.read(line, row)
    return CustomerSheet(tuple(reader.rows), tuple(reader.problems))


def _without_hint(text: str) -> tuple[str, str]:
    """Excel's own first line ``sep=;``."""
    first, _, rest = text.partition("\n")
    hint = first.strip().lower()
    if hint.startswith("sep=") and len(hint) == len("sep=") + 1:
        return rest, hint[-1]
    return text, ""


def _separator_of(text: str) -> str:
    """The separator under which most columns are recognised."""
    head = text[:4000].lstrip("\r\n")

    def known(separator: str) -> int:
        try:
            first = next(csv.reader(head.splitlines(), delimiter=separator), [])
        except csv.Error:
            return 0
        return len(recognise(first).places)

    return max(_SEPARATORS, key=known)


class _Rows:
    """The rows of a file that hold anything, each with the line on which it begins."""

    def __init__(self, text: str, separator: str, *, skipped: bool) -> None:
        # Lines end where CSV says, not where Unicode has other ideas.
        lines = iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        self._reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
        self._skipped = int(skipped)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        count = 0
        while True:
            line = self._reader.line_num + 1 + self._skipped
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise SheetRefusedError(
                    "oversized_field",
                    f"The field that begins on line {line} never ends or is far too long. Look for"
                    " a quotation mark without its partner there.",
                ) from error
            if not any(cell.strip() for cell in row):
                continue
            count += 1
            if count > MOST_ROWS + 1:
                raise SheetRefusedError(
                    "too_many_rows",
                    f"The file has more than {MOST_ROWS} rows. Split it into parts.",
                )
            yield line, row

    def columns(self) -> tuple[Columns, int]:
        line, headings = next(iter(self), (1, list[str]()))
        columns = recognise(headings)
        if not columns.usable:
            raise SheetRefusedError(
                "no_columns",
                "The first line must name the columns, and a name and a phone must be among them."
                f" Headings that are understood: {_HEADERS_WANTED}; also in Persian and Greek.",
            )
        return columns, line


@dataclass(slots=True)
class _Reader:
    columns: Columns
    plan: NumberPlan
    today: date
    currency: str
    rows: list[SheetRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    line: int = 0

    def tell_columns(self, line: int) -> None:
        self.line = line
        for code, places in (
            ("unknown_column", self.columns.unknown),
            ("double_column", self.columns.double),
        ):
            for place in places:
                self._problem(self.columns.headings[place], "", code)

    def read(self, line: int, row: list[str]) -> None:
        """Make a draft of a row, or tell all that is wrong with it."""
        self.line = line
        before = len(self.problems)
        self._check_cells(row)
        if len(self.problems) == before:
            draft = self._draft(row)
            if draft is not None and len(self.problems) == before:
                self.rows.append(SheetRow(line, draft))

    def _check_cells(self, row: list[str]) -> None:
        extra = [cell for cell in row[len(self.columns.headings) :] if cell.strip()]
        if extra:
            self._problem("", extra[0], "too_many_cells")
        for what in self.columns.places:
            cell = self.columns.cell(row, what)
            longest = _LONGEST_NOTE if what is Field.NOTES else _LONGEST
            if len(cell) > longest:
                self._wrong(what, cell, "too_long")
            elif _is_formula(what, cell):
                self._wrong(what, cell, "formula")

    def _draft(self, row: list[str]) -> CustomerDraft | None:
        cell = self.columns.cell
        title = self._take(row, Field.TITLE, understand_title(cell(row, Field.TITLE)))
        given = shown(cell(row, Field.GIVEN), _LONGEST)
        family = shown(cell(row, Field.FAMILY), _LONGEST)
        named = Field.FAMILY if Field.FAMILY in self.columns.places else Field.GIVEN
        names = self._take(row, named, understand_name(given, family))
        phones = self._phones(row, Field.PHONE, "other")
        more = self._phones(row, Field.SECOND_PHONE, "home")
        language = self._take(row, Field.LANGUAGE, understand_language(cell(row, Field.LANGUAGE)))
        born = self._take(
            row, Field.BIRTHDAY, understand_birthday(cell(row, Field.BIRTHDAY), self.today)
        )
        tier = self._take(row, Field.TIER, understand_tier(cell(row, Field.TIER)))
        amount = self._take(row, Field.BALANCE, understand_amount(cell(row, Field.BALANCE)))
        if not (title and names and tier and amount):
            return None
        return CustomerDraft(
            names=names,
            title=title[0],
            gender=title[1],
            language=language or "",
            tier=tier,
            birthday=born,
            balance=amount.units,
            currency=amount.currency or (self.currency if amount.units else ""),
            notes=_several_lines(cell(row, Field.NOTES)),
            phones=(*phones, *more),
        )

    def _phones(self, row: list[str], what: Field, label: str) -> tuple[PhoneDraft, ...]:
        text = self.columns.cell(row, what)
        return self._take(row, what, understand_phones(text, label, self.plan)) or ()

    def _take(self, row: list[str], what: Field, value: Value | Wrong) -> Value | None:
        if isinstance(value, Wrong):
            self._wrong(what, self.columns.cell(row, what), value.code)
            return None
        return value

    def _wrong(self, what: Field, value: str, code: str) -> None:
        self._problem(self.columns.heading(what), value, code)

    def _problem(self, column: str, value: str, code: str) -> None:
        safe = shown(value, _LONGEST_SHOWN)
        self.problems.append(RowProblem(self.line, shown(column, _LONGEST_SHOWN), safe, code))


def _is_formula(what: Field, cell: str) -> bool:
    """What a spreadsheet would calculate (or run) instead of showing it.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if what in {Field.PHONE, Field.SECOND_PHONE}:
        # ="0912..." is how people keep the zero of a number, and +30 is no sum.
        return cell.startswith(("=", "@")) and not cell.removeprefix("=").lstrip().startswith('"')
    if cell.startswith(("=", "@")):
        return True
    return (
        what is not Field.BALANCE and cell.startswith(("+", "-")) and any(c in cell for c in "(|!")
    )


def _several_lines(text: str) -> str:
    return "\n".join(shown(line, _LONGEST_NOTE) for line in text.splitlines()).strip()
