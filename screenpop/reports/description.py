"""One description of a report, from which its page, API, print and workbook are made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

Value = str | int | float | date | None
BEFORE = "_before"
"""What follows the code of a column in that of the same figure of the days before."""


class Unit(StrEnum):
    TEXT = "text"
    CODE = "code"
    """A code with words of its own."""
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"
    """0 to 1; of differences also below zero."""
    AMOUNT = "amount"
    """In whole units of the currency of the row."""
    CURRENCY = "currency"
    DAY = "day"
    MONTH = "month"
    """The first day of a month, of either calendar."""
    YEAR = "year"
    """The first day of a year, of either calendar."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    code: str
    unit: Unit = Unit.COUNT
    words: str = ""
    """Of codes: the kind of code. Of a text: what an empty one is called, as a code."""


@dataclass(frozen=True, slots=True)
class ReportTable:
    code: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    """A value for each column; None is no figure, as a share of nothing."""
    keys: int = 1
    """How many of the first columns name a row."""
    chart: str = ""
    """The column that is drawn; empty: none."""
    compared: bool = False
    """Whether rows are set beside those of the same name in the days before."""
    limit: int | None = None
    """How many of the rows are shown; the others are only set beside those of other days."""

    def place(self, code: str) -> int:
        return next(n for n, column in enumerate(self.columns) if column.code == code)


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large figures at the head of a report."""

    code: str
    value: int | float | None
    unit: Unit = Unit.COUNT
    before: int | float | None = None
    """The same figure of as many days before."""
    compared: bool = True
    """False for what is of today, whatever the days."""


@dataclass(frozen=True, slots=True)
class Report:
    code: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[ReportTable, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(table.rows for table in self.tables)


def beside(now: Report, earlier: Report) -> Report:
    """Return a report with the figures of the days before beside its own.

    A table that is ``compared`` gets a column after its drawn one; a row of the days before that
    has no namesake now is left out.
    """
    old = {figure.code: figure.value for figure in earlier.figures}
    old_tables = {table.code: table for table in earlier.tables}
    return replace(
        now,
        figures=tuple(
            replace(one, before=old.get(one.code) if one.compared else None) for one in now.figures
        ),
        tables=tuple(
            _cut(
                _with_before(table, old_tables[table.code])
                if table.compared and table.chart and table.code in old_tables
                else table
            )
            for table in now.tables
        ),
    )


def _cut(table: ReportTable) -> ReportTable:
    return replace(table, rows=table.rows[: table.limit])


def _with_before(table: ReportTable, earlier: ReportTable) -> ReportTable:
    place, keys = table.place(table.chart), table.keys
    drawn = table.columns[place]
    old = {row[:keys]: row[place] for row in earlier.rows}
    nothing = 0 if drawn.unit in {Unit.COUNT, Unit.SECONDS, Unit.AMOUNT} else None
    after = place + 1
    return replace(
        table,
        columns=_insert(table.columns, after, replace(drawn, code=drawn.code + BEFORE)),
        rows=tuple(_insert(row, after, old.get(row[:keys], nothing)) for row in table.rows),
    )


def _insert(values: Sequence[T], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place:])


def share(part: float, whole: float) -> float | None:
    """Return a share; None of nothing."""
    return part / whole if whole else None
