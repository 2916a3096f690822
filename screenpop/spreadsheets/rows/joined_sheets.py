"""Other sheets of a book: what they hold, and their rows joined to the customers of the main sheet.

A sheet of trips has no numbers of its own: a row is joined by a code or by the name. The code
is any column whose texts are those of a column of the main sheet.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from screenpop.common.search_normalization import fold
from screenpop.common.text import display_text, fold_digits
from screenpop.customers.draft_merge import full_names
from screenpop.customers.import_columns import (
    NAMES,
    PHONES,
    ColumnMapping,
    Field,
)
from screenpop.customers.import_report import SHEET_LINES
from screenpop.customers.other_sheet import OtherSheet
from screenpop.spreadsheets.columns.detection import HEAD_ROWS, SheetHead, detect_columns
from screenpop.spreadsheets.columns.header_aliases import normalize_heading
from screenpop.spreadsheets.columns.mapping import TRIP_ANCHORS
from screenpop.spreadsheets.columns.payment_headings import PaymentColumn, payment_columns
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.payment_rows import (
    PaymentRowParser,
    has_payments,
    without_payment_columns,
)
from screenpop.spreadsheets.rows.row_parser import (
    MAX_SHOWN_LENGTH,
    ImportContext,
    ParsedRow,
    RowParser,
)
from screenpop.spreadsheets.rows.rows import MAX_ROWS, Row, Table

MOST_SHEETS = 20
"""Other sheets that are examined."""
_FEWEST_KNOWN = 0.6
"""Share of the texts of a column that the main sheet must have, unless both are headed as codes."""
_PAYMENTS = re.compile(
    "|".join(
        map(
            fold,
            (
                r"\bpayments?\b|\binstal?lments?\b|\bcheques?\b|\breceipts?\b",
                "قسط|اقساط|پرداخت|چک|دریافت|δοσεις|δοση|πληρωμ|επιταγ",
            ),
        )
    )
)
_ROW_NUMBERS = frozenset(
    map(normalize_heading, ("no", "nr", "row", "row no", "ردیف", "شماره ردیف", "α/α", "αα", "α α"))
)


@dataclass(frozen=True, slots=True)
class Join:
    """How the rows of another sheet find their customers."""

    head: SheetHead
    kind: str
    main_place: int | None = None
    """The column of the main sheet with the code; None: the rows have a name."""
    place: int | None = None
    """The column of the other sheet with the same code."""
    can_join: bool = False

    @property
    def mapping(self) -> ColumnMapping:
        """Return the columns to read, without the one that only holds the code."""
        choice = self.head.choice
        fields = tuple(
            Field.IGNORED if number == self.place else field
            for number, field in enumerate(choice.fields)
        )
        return replace(choice, fields=fields)


def other_sheets(
    tables: Sequence[Table], main: Table, head: SheetHead, context: ImportContext
) -> tuple[OtherSheet, ...]:
    """Return what the other sheets of a book are, those with rows only."""
    found = []
    for table in [one for one in tables if one.name != main.name][:MOST_SHEETS]:
        join = plan_join(table, main, head, context)
        if join is None:
            continue
        key = "" if join.place is None else join.head.columns[join.place].heading
        rows = sum(row.line > join.head.line for row in islice(table.rows(), MAX_ROWS))
        found.append(OtherSheet(table.name, rows, join.kind, table.hidden, key, join.can_join))
    return tuple(found)


def plan_join(table: Table, main: Table, head: SheetHead, context: ImportContext) -> Join | None:
    """Return how a sheet joins the main one; None for a sheet without rows."""
    first = list(islice(table.rows(), HEAD_ROWS))
    if not first:
        return None
    other = _head_of(table.name, first, context)
    fields = {column.field for column in other.columns}
    has_name = not fields.isdisjoint(NAMES)
    if _is_of_payments(table.name, other):
        return _join_of_payments(first, other, main, head)
    if has_name and not fields.isdisjoint(PHONES):
        return Join(other, "customers", can_join=True)
    if fields.isdisjoint(TRIP_ANCHORS):
        return Join(other, "unknown")
    main_place, place = _code_columns(first, other, main, head)
    return Join(other, "trips", main_place, place, can_join=has_name or place is not None)


def _head_of(name: str, first: Sequence[Row], context: ImportContext) -> SheetHead:
    """Return the columns of a sheet; the headings of one of payments are known by their words."""
    office: dict[str, Any] = {"own_fields": context.own_fields}
    head = detect_columns(first, context.plan, context.today, **office)
    if not _PAYMENTS.search(fold(name)) or has_payments(head):
        return head
    for row in first:
        known = payment_columns(row.cells)
        if PaymentColumn.AMOUNT in known and len(known) > 1:
            return detect_columns(first, context.plan, context.today, line=row.line, **office)
    return head


def _join_of_payments(first: Sequence[Row], other: SheetHead, main: Table, head: SheetHead) -> Join:
    """Return how payments find their customers; without an amount or a customer they cannot."""
    if not has_payments(other):
        return Join(other, "payments")
    people = without_payment_columns(other)
    main_place, place = _code_columns(first, people, main, head)
    has_name = any(column.field in NAMES for column in people.columns)
    return Join(other, "payments", main_place, place, can_join=has_name or place is not None)


def _is_of_payments(name: str, head: SheetHead) -> bool:
    if _PAYMENTS.search(fold(name)):
        return True
    is_trip = any(column.field in TRIP_ANCHORS for column in head.columns)
    return not is_trip and any(_PAYMENTS.search(fold(one.heading)) for one in head.columns)


def _code_columns(
    first: Sequence[Row], other: SheetHead, main: Table, head: SheetHead
) -> tuple[int | None, int | None]:
    """Return the columns of both sheets that hold the same codes, else (None, None)."""
    own = _codes(main.rows(), head)
    theirs = _codes(iter(first), other)
    best = (0.0, False, 0, 0)
    for place, codes in theirs.items():
        if normalize_heading(other.columns[place].heading) in _ROW_NUMBERS:
            continue
        for main_place, known in own.items():
            share = sum(code in known for code in codes) / len(codes)
            fields = other.columns[place].field, head.columns[main_place].field
            if share >= (_FEWEST_KNOWN if set(fields) != {Field.CODE} else 1 / len(codes)):
                best = max(best, (share, Field.CODE in fields, -main_place, -place))
    return (None, None) if not best[0] else (-best[2], -best[3])


def _codes(rows: Iterator[Row], head: SheetHead) -> dict[int, set[str]]:
    """Return the texts of each column that may hold codes."""
    places = [
        place
        for place, column in enumerate(head.columns)
        if column.heading and column.field in {Field.CODE, Field.IGNORED, *NAMES}
    ]
    found: dict[int, set[str]] = defaultdict(set)
    for row in islice(rows, MAX_ROWS):
        for place in places if row.line > head.line else ():
            if code := _code_at(row, place):
                found[place].add(code)
    return {place: codes for place, codes in found.items() if any(map(_has_digit, codes))}


def _code_at(row: Row, place: int) -> str:
    return fold_digits(row.cells[place]).strip().casefold() if place < len(row.cells) else ""


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


class _Person(NamedTuple):
    line: int
    names: Any
    phones: Any
    code: str


class JoinedRows:
    """Collects the customers of the main sheet and gives the rows of the others their customers."""

    def __init__(self, joins: Sequence[tuple[Table, Join]], context: ImportContext) -> None:
        self._joins = joins
        self._context = context
        self._places = {join.main_place for _, join in joins} - {None}
        self._by_code: dict[tuple[int, str], list[_Person]] = defaultdict(list)
        self._by_name: dict[str, list[_Person]] = defaultdict(list)
        self._code_above = ""

    def take(self, row: Row, parsed: ParsedRow) -> None:
        """Remember the customer of a row of the main sheet."""
        draft = parsed.draft
        if draft is None or parsed.more_of_above or not self._joins:
            return
        person = _Person(row.line, draft["names"], draft.get("phones"), draft.get("code", ""))
        for place in self._places:
            if place is not None and (code := _code_at(row, place)):
                _add(self._by_code[place, code], person)
        for name in _names(person.names):
            _add(self._by_name[name], person)

    def rows(self) -> Iterator[ParsedRow]:
        """Yield the rows of the other sheets; lines count from ``SHEET_LINES`` for the first."""
        for number, (table, join) in enumerate(self._joins, 1):
            self._code_above = ""
            parser: RowParser | PaymentRowParser
            if join.kind == "payments":
                parser = PaymentRowParser(join.head, self._context)
            else:
                parser = RowParser(join.mapping, self._context, closed=False)
            for row in islice(table.rows(), MAX_ROWS):
                if row.line > join.head.line:
                    parsed = self._joined(row, parser.read(row), join)
                    yield _moved(parsed, number * SHEET_LINES)

    def _joined(self, row: Row, parsed: ParsedRow, join: Join) -> ParsedRow:
        if parsed.draft is None or join.kind == "customers":
            return parsed
        if join.place is not None and join.main_place is not None:
            code = _code_at(row, join.place)
            if join.kind == "payments":
                code = self._code_above = code or self._code_above
            people = self._by_code.get((join.main_place, code), [])
            heading = join.head.columns[join.place].heading
            value = row.cells[join.place] if code else ""
            missing = "no_customer_of_code"
        else:
            names = _names(parsed.draft["names"])
            people = [one for name in names for one in self._by_name.get(name, ())]
            heading, missing = "", ""
            written = next(iter(parsed.draft["names"].values()), ["", ""])
            value = " ".join(filter(None, written[:2]))
            if join.kind == "payments":
                missing = "payment_no_customer"
        if len(people) == 1:
            return _of(parsed, people[0])
        problem_code = "join_fits_several" if people else missing
        if not problem_code:
            return parsed
        problem = RowProblem(
            row.line,
            display_text(heading, MAX_SHOWN_LENGTH),
            display_text(value, MAX_SHOWN_LENGTH),
            problem_code,
            Weight.LEFT_OUT,
        )
        return ParsedRow(row.line, None, (problem,), False)


def _of(parsed: ParsedRow, person: _Person) -> ParsedRow:
    draft = {**(parsed.draft or {}), "names": person.names}
    if person.phones:
        draft["phones"] = person.phones
    if person.code:
        draft["code"] = person.code
    problems = tuple(one for one in parsed.problems if one.code != "no_phone")
    return ParsedRow(parsed.line, draft, problems, False)


def _add(people: list[_Person], person: _Person) -> None:
    """Add a person; one more row of the same person is not another one."""
    for known in people:
        shares_number = _numbers(known) & _numbers(person) or not (known.phones and person.phones)
        if shares_number and _names(known.names) & _names(person.names):
            return
    people.append(person)


def _numbers(person: _Person) -> set[str]:
    return {str(phone[1] or phone[0]) for phone in person.phones or ()}


def _names(names: Any) -> frozenset[str]:
    return full_names(" ".join(filter(None, parts[:2])) for parts in names.values())


def _moved(parsed: ParsedRow, lines: int) -> ParsedRow:
    problems = tuple(replace(one, line=one.line + lines) for one in parsed.problems)
    return parsed._replace(line=parsed.line + lines, problems=problems)
