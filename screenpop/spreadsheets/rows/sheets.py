"""One sheet of a file: its selection, its first row, and its parsed rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, repeat
from typing import Final

from screenpop.common.text import display_text
from screenpop.customers.import_columns import (
    SEVERAL,
    ColumnGuess,
    ColumnMapping,
    Field,
    SheetPreview,
)
from screenpop.spreadsheets.columns.detection import (
    HEAD_ROWS,
    SheetHead,
    detect_columns,
    headings_at,
    samples,
)
from screenpop.spreadsheets.columns.header_aliases import normalize_heading
from screenpop.spreadsheets.columns.mapping import has_names_and_phones, headings_key, score
from screenpop.spreadsheets.columns.own_headings import known_columns
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.rows.errors import RowProblem, SheetRefusedError, Weight
from screenpop.spreadsheets.rows.joined_sheets import Join, JoinedRows, other_sheets, plan_join
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow, RowParser
from screenpop.spreadsheets.rows.rows import (
    DAMAGED_CARD,
    MAX_COLUMNS,
    MAX_ROWS,
    Row,
    Table,
    Workbook,
)

HEADINGS_WANTED: Final = (
    "title, first name, last name, phone, second phone, language, birthday, tier, balance, notes"
)
_WHERE_HEADINGS_STAND = 15
_TABLES_TRIED = 8
_LONGEST_SHOWN = 60


class SelectedSheet:
    """The rows of one table, with the detected columns."""

    def __init__(
        self,
        look: SheetPreview,
        first: list[Row],
        rest: Iterator[Row],
        kind: str,
        joins: Sequence[tuple[Table, Join]] = (),
        *,
        skip_hidden: bool = False,
    ) -> None:
        """``skip_hidden``: leave out rows that are hidden."""
        self._skip_hidden = skip_hidden
        self._joins = joins
        self.look = look
        self._rows = chain(first, rest)
        self._kind = kind

    def below(self) -> Iterator[Row]:
        """Yield the rows below the headings. Raises ``SheetRefusedError`` for too many."""
        for count, row in enumerate(self._rows):
            if count > MAX_ROWS:
                raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
            if self._skip_hidden and row.hidden:
                continue
            if row.line > self.look.headings_line or self._kind == "vcard":
                yield row

    def understood(self, context: ImportContext) -> Iterator[ParsedRow]:
        """Yield every parsed row; the first one also reports the columns that are not read."""
        reader = RowParser(self.look.choice, context, closed=self._kind == "csv")
        problems = tuple(_columns_not_read(self.look))
        if problems:
            yield ParsedRow(self.look.headings_line, None, problems, False)
        joined = JoinedRows(self._joins, context)
        for row in self.below():
            if row.cells[0] == DAMAGED_CARD:
                damaged = RowProblem(row.line, "", "", "damaged_card")
                yield ParsedRow(row.line, None, (damaged,), False)
            else:
                parsed = reader.read(row)
                joined.take(row, parsed)
                yield parsed
        yield from joined.rows()


def select_sheet(book: Workbook, ask: ReadRequest) -> SelectedSheet:
    """Return the requested sheet, or the one that looks most like a list of customers."""
    table = _named(book, ask.sheet) if ask.sheet else _likeliest(book)
    rows = table.rows()
    first = list(islice(rows, HEAD_ROWS))
    if not first:
        raise SheetRefusedError("no_rows")
    if max(len(row.cells) for row in first) > MAX_COLUMNS:
        raise SheetRefusedError("too_wide", limit=MAX_COLUMNS)
    head = _head(book, first, ask)
    visible = [one.name for one in book.tables if not one.hidden]
    hidden = [one.name for one in book.tables if one.hidden]
    count, hidden_rows = _count(table, head.line) if ask.only_look else (-1, 0)
    look = SheetPreview(
        book.kind,
        (*visible, *hidden),
        table.name,
        head.line,
        head.columns,
        head.day_first,
        count,
        hidden_rows=hidden_rows,
        others=other_sheets(book.tables, table, head, ask.context) if ask.only_look else (),
    )
    joins = _joins(book, table, head, ask)
    skip = ask.context.skip_hidden
    return SelectedSheet(look, first, rows, book.kind, joins, skip_hidden=skip)


def _joins(
    book: Workbook, main: Table, head: SheetHead, ask: ReadRequest
) -> list[tuple[Table, Join]]:
    """Return the sheets that the user wants joined. Raises ``SheetRefusedError``."""
    found = []
    for name in () if ask.only_look else ask.joined:
        table = _named(book, name)
        join = plan_join(table, main, head, ask.context)
        if join is None or not join.can_join or table.name == main.name:
            raise SheetRefusedError("cannot_join", sheet=display_text(name, _LONGEST_SHOWN))
        found.append((table, join))
    return found


def _head(book: Workbook, first: list[Row], ask: ReadRequest) -> SheetHead:
    if book.kind == "vcard":
        return _head_of_cards(first)
    closed = book.kind == "csv"
    line = ask.headings_line
    if line is None:
        line = _remembered_line(first, ask.remembered, closed=closed)
    own_fields = ask.context.own_fields
    head = detect_columns(
        first,
        ask.context.plan,
        ask.context.today,
        closed=closed,
        line=line,
        own_fields=own_fields,
    )
    key = headings_key([column.heading for column in head.columns])
    choice = ask.choice or ask.remembered.get(key)
    if choice is None:
        columns = _as_answered_before(head.columns, ask.remembered)
        return replace(head, columns=known_columns(columns, own_fields))
    if len(choice.fields) != len(head.columns):
        raise SheetRefusedError("other_columns")
    chosen = zip(
        *(head.columns, choice.fields, choice.own or repeat(0), choice.days or repeat("")),
        strict=False,
    )
    columns = tuple(
        replace(column, field=field, own=own, days=days, confidence=1.0, why="remembered")
        for column, field, own, days in chosen
    )
    return SheetHead(head.line, known_columns(columns, own_fields), choice.day_first)


def _as_answered_before(
    columns: tuple[ColumnGuess, ...], remembered: Mapping[str, ColumnMapping]
) -> tuple[ColumnGuess, ...]:
    """Return the columns, those not recognised as a user chose for the same heading elsewhere."""
    answers = {
        normalize_heading(heading): (field, own)
        for choice in remembered.values()
        for heading, field, own in zip(
            choice.headings, choice.fields, choice.own or repeat(0), strict=False
        )
        if heading
    }
    taken: set[object] = {column.field for column in columns}
    taken |= {column.own for column in columns if column.own}
    found = []
    for column in columns:
        nothing = (None, 0)
        field, own = answers.get(normalize_heading(column.heading), nothing)
        is_open = column.heading and column.why in {"nothing", "other"}
        is_open = is_open and column.field is Field.IGNORED and own not in taken
        if is_open and field is not None and (field in SEVERAL or field not in taken):
            taken |= {field, own} - {0}
            found.append(replace(column, field=field, own=own, confidence=1.0, why="remembered"))
        else:
            found.append(column)
    return tuple(found)


def _remembered_line(
    first: Sequence[Row], remembered: Mapping[str, ColumnMapping], *, closed: bool
) -> int | None:
    """Return the first line whose cells are headings that a user confirmed before, else None."""
    if not remembered:
        return None
    for place, row in enumerate(first[:_WHERE_HEADINGS_STAND]):
        headings = headings_at(first, place, closed=closed)
        known = remembered.get(headings_key(headings)) if any(headings) else None
        if known is not None and any(known.headings):
            return row.line
    return None


def _head_of_cards(first: list[Row]) -> SheetHead:
    from screenpop.spreadsheets.reading.vcard_reader import COLUMNS

    proposals = (
        ColumnGuess(
            field.value, field, 1.0, "heading", samples([row.cells[place] for row in first])
        )
        for place, field in enumerate(COLUMNS)
    )
    return SheetHead(0, tuple(proposals), True)


def _named(book: Workbook, name: str) -> Table:
    for table in book.tables:
        if table.name == name:
            return table
    names = ", ".join(
        display_text(table.name, _LONGEST_SHOWN) for table in book.tables[:_TABLES_TRIED]
    )
    raise SheetRefusedError("no_sheet", sheets=names)


def _likeliest(book: Workbook) -> Table:
    visible = [table for table in book.tables if not table.hidden] or list(book.tables)
    if len(visible) == 1:
        return visible[0]
    return max(visible[:_TABLES_TRIED], key=_reads_like_customers)


def _reads_like_customers(table: Table) -> tuple[bool, float, bool]:
    """Return a key that is highest for the sheet of the customers, not that of their trips."""
    rows = list(islice(table.rows(), _WHERE_HEADINGS_STAND))
    is_list = any(has_names_and_phones(row.cells) for row in rows)
    return is_list, max((score(row.cells) for row in rows), default=0), bool(rows)


def _count(table: Table, line: int) -> tuple[int, int]:
    """Return how many rows are below a line, and how many of them are hidden."""
    count = hidden = 0
    for row in table.rows():
        count += row.line > line
        hidden += row.hidden and row.line > line
        if count > MAX_ROWS:
            raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
    return count, hidden


def _columns_not_read(look: SheetPreview) -> Iterator[RowProblem]:
    for number, column in enumerate(look.columns, 1):
        code = column.why
        if column.why in {"nothing", "double", "other"} and any(column.samples):
            code = "double_column" if column.why == "double" else "unknown_column"
            code = code if _is_ignored(column) else ""
        elif column.why != "name_order":
            code = ""
        if code:
            # A column without a heading is named by its number, as on the command line.
            heading = display_text(column.heading, _LONGEST_SHOWN) or str(number)
            value = "" if column.heading else display_text(column.samples[0], _LONGEST_SHOWN)
            yield RowProblem(look.headings_line, heading, value, code, Weight.NOTED)


def _is_ignored(column: ColumnGuess) -> bool:
    return column.field is Field.IGNORED


__all__ = ["HEADINGS_WANTED", "ColumnMapping", "SelectedSheet", "select_sheet"]
