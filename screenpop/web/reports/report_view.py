"""A described report for its page, its JSON and its workbook."""

from datetime import date

from screenpop.reports.description import Report, ReportTable, Unit, Value
from screenpop.web.calls.views import View

COLUMNS_WIDTH, COLUMNS_HEIGHT = 1000, 150
"""Size of a picture of months without its margins, in units of its own."""
MOST_ROWS = 20
"""Rows of a table that is open when the page is."""
_TIMES = {Unit.DAY, Unit.MONTH, Unit.YEAR}


def report_json(report: Report) -> View:
    """Return the figures and tables for programs: shares are 0 to 1, None is no figure."""
    return {
        "figures": {
            one.code: {"value": one.value, "before": one.before, "unit": one.unit.value}
            for one in report.figures
        },
        "tables": {table.code: _rows_json(table) for table in report.tables},
    }


def _rows_json(table: ReportTable) -> list[View]:
    codes = [column.code for column in table.columns]
    return [
        {code: _plain(value) for code, value in zip(codes, row, strict=True)} for row in table.rows
    ]


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, date) else value


def tables_json(report: Report) -> list[View]:
    """Return the tables for the process that writes a workbook."""
    return [
        {
            "code": table.code,
            "columns": [
                {"code": one.code, "unit": one.unit.value, "words": one.words}
                for one in table.columns
            ],
            "rows": [[_plain(value) for value in row] for row in table.rows],
        }
        for table in report.tables
    ]


def page_view(report: Report) -> View:
    """Return figures and tables for the template; a table with what its picture needs."""
    return {
        "figures": [
            {"code": one.code, "unit": one.unit.value, "value": one.value, "before": one.before}
            for one in report.figures
        ],
        "tables": [_table_view(table) for table in report.tables],
        "most_rows": MOST_ROWS,
        "width": COLUMNS_WIDTH,
        "height": COLUMNS_HEIGHT,
        "empty": report.is_empty,
    }


def _table_view(table: ReportTable) -> View:
    currency = [n for n, column in enumerate(table.columns) if column.unit is Unit.CURRENCY]
    place = table.place(table.chart) if table.chart else None
    # Amounts of two currencies are not of one length: each has its own longest bar.
    groups = [row[currency[0]] if currency else None for row in table.rows]
    most: dict[Value, float] = {}
    if place is not None:
        for group, row in zip(groups, table.rows, strict=True):
            most[group] = max(most.get(group, 0.0), _number(row[place]))
    parts = [
        _number(row[place]) / most[group] if place is not None and most[group] else 0.0
        for group, row in zip(groups, table.rows, strict=True)
    ]
    is_time = bool(table.columns) and table.columns[0].unit in _TIMES
    return {
        "code": table.code,
        "keys": table.keys,
        "columns": [
            {"code": one.code, "unit": one.unit.value, "words": one.words} for one in table.columns
        ],
        "rows": [
            {
                "cells": [_plain(value) for value in row],
                "currency": row[currency[0]] if currency else "",
                "part": round(part, 4),
            }
            for row, part in zip(table.rows, parts, strict=True)
        ],
        "drawn": -1 if place is None else place,
        "bars": _columns(table, place) if is_time and place is not None else [],
    }


def _number(value: Value) -> float:
    return max(float(value), 0.0) if isinstance(value, int | float) else 0.0


def _columns(table: ReportTable, place: int) -> list[View]:
    """Return a bar for each time in the table, as high as the sum of its rows."""
    sums: dict[str, float] = {}
    for row in table.rows:
        begins = row[0]
        if isinstance(begins, date):
            sums[begins.isoformat()] = sums.get(begins.isoformat(), 0.0) + _number(row[place])
    most = max(sums.values(), default=0.0)
    if not most:
        return []
    slot = COLUMNS_WIDTH / len(sums)
    return [
        {
            "begins": begins,
            "x": round(slot * n + slot * 0.15, 2),
            "middle": round(slot * (n + 0.5), 2),
            "width": round(slot * 0.7, 2),
            "y": round(COLUMNS_HEIGHT * (1 - value / most), 2),
            "height": round(COLUMNS_HEIGHT * value / most, 2),
        }
        for n, (begins, value) in enumerate(sorted(sums.items()))
    ]
