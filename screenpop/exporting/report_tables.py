"""Tables of a report as cells of a workbook."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from screenpop.customers.date_input import format_date
from screenpop.reports.description import BEFORE, Unit
from screenpop.spreadsheets.writing.columns import Cell, Column, ExportWords
from screenpop.spreadsheets.writing.sheet_words import SecondsCell, ShareCell

_WIDTHS = {Unit.TEXT: 26, Unit.CODE: 20}
_WIDTH = 14


def report_cells(
    table: Mapping[str, Any], words: ExportWords
) -> tuple[list[Column], Iterable[list[Cell]]]:
    """Return columns and rows of a table as ``web.reports.report_view.tables_json`` has it."""
    columns = table["columns"]
    units = [Unit(one["unit"]) for one in columns]
    headed = [
        Column(one["code"], width=_WIDTHS.get(unit, _WIDTH), heading=_heading(one["code"], words))
        for one, unit in zip(columns, units, strict=True)
    ]
    kinds = [one["words"] for one in columns]
    rows = (
        [_cell(*cell, words) for cell in zip(row, units, kinds, strict=True)]
        for row in table["rows"]
    )
    return headed, rows


def _heading(code: str, words: ExportWords) -> str:
    if code.endswith(BEFORE):
        own = words(f"report_column.{code.removesuffix(BEFORE)}")
        return f"{own} ({words('report_column.before')})"
    return words(f"report_column.{code}")


def _cell(value: Any, unit: Unit, kind: str, words: ExportWords) -> Cell:
    if value is None:
        return None
    match unit:
        case Unit.CODE:
            return coded(kind, value, words)
        case Unit.TEXT:
            return value or (words(f"report_empty.{kind}") if kind else "")
        case Unit.SHARE:
            return ShareCell(value)
        case Unit.SECONDS:
            return SecondsCell(value)
        case Unit.DAY:
            return date.fromisoformat(value)
        case Unit.MONTH:
            return format_date(date.fromisoformat(value), words.language)[:7]
        case Unit.YEAR:
            return format_date(date.fromisoformat(value), words.language)[:4]
        case _:
            found: Cell = value
            return found


def coded(kind: str, code: str, words: ExportWords) -> str:
    """Return the words of a code; the code itself where there are none."""
    found = words(f"{kind}.{code}")
    return code if found == f"{kind}.{code}" else found
