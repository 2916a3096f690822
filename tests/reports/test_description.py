"""Figures of a report beside those of the days before."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.calendar_months import Calendar, month_start, year_start
from screenpop.reports.description import (
    Figure,
    Report,
    ReportColumn,
    ReportTable,
    Unit,
    beside,
    share,
)

_NAME = ReportColumn("line", Unit.TEXT, "no_line")


def report(*rows: tuple[str, int], compared: bool = True) -> Report:
    columns = (_NAME, ReportColumn("calls"), ReportColumn("part", Unit.SHARE))
    cells = tuple((name, calls, None) for name, calls in rows)
    table = ReportTable("lines", columns, cells, chart="calls", compared=compared)
    total = sum(calls for _, calls in rows)
    return Report("lines", (Figure("calls", total), Figure("today", 9, compared=False)), (table,))


def test_rows_are_set_beside_those_of_the_same_name_before() -> None:
    found = beside(report(("north", 5), ("south", 2)), report(("south", 7), ("west", 1)))
    assert [(one.code, one.value, one.before) for one in found.figures] == [
        ("calls", 7, 8),
        ("today", 9, None),
    ]
    [table] = found.tables
    assert [one.code for one in table.columns] == ["line", "calls", "calls_before", "part"]
    assert table.rows == (("north", 5, 0, None), ("south", 2, 7, None))
    assert beside(report(compared=False), report(("south", 7), compared=False)).tables[0].rows == ()
    assert not found.is_empty
    assert report().is_empty


def test_a_share_of_nothing_is_none() -> None:
    assert share(1, 4) == 0.25
    assert share(0, 0) is None


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.sampled_from(Calendar))
def test_months_and_years_begin_on_or_before_their_days(day: date, calendar: Calendar) -> None:
    month, year = month_start(day, calendar), year_start(day, calendar)
    assert year <= month <= day
    assert (day - month).days < 31
    assert (day - year).days < 366
    assert month_start(month, calendar) == month
    assert year_start(year, calendar) == year


def test_the_persian_year_begins_at_nowruz() -> None:
    days = [date(2026, 3, 20), date(2026, 3, 21), date(2026, 12, 31), date(2027, 3, 21)]
    years = [year_start(day, Calendar.PERSIAN) for day in days]
    assert years == [date(2025, 3, 21), *[date(2026, 3, 21)] * 2, date(2027, 3, 21)]
    assert all(earlier <= later for earlier, later in pairwise(years))
    assert month_start(date(2026, 11, 30), Calendar.PERSIAN) == date(2026, 11, 22)
