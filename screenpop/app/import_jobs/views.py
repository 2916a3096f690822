"""Sheets, columns and rows of a report as the pages take them."""

from collections.abc import Sequence

from screenpop.common.text import display_text
from screenpop.importing.report import ReportRow
from screenpop.spreadsheets.columns.fields import TRIP, Field
from screenpop.spreadsheets.columns.mapping import ColumnMapping
from screenpop.spreadsheets.reading.messages import SheetPreview
from screenpop.web.imports.port import ColumnPreview, ReportLine, SheetPreviewView

SAMPLES = 3
_LONGEST_SAMPLE = 60
_LONGEST_HEADING = 80


def column_fields() -> Sequence[str]:
    """What is not read first, then the person, then the trips."""
    person = [field for field in Field if field not in TRIP and field is not Field.IGNORED]
    trip = [field for field in Field if field in TRIP]
    return tuple(field.value for field in (Field.IGNORED, *person, *trip))


def sheet_view(look: SheetPreview, choice: ColumnMapping | None, currency: str) -> SheetPreviewView:
    fields = choice.fields if choice else tuple(column.field for column in look.columns)
    return SheetPreviewView(
        kind=look.kind,
        sheets=look.sheets,
        sheet=look.sheet,
        headings_line=look.headings_line,
        rows=look.rows,
        columns=tuple(
            ColumnPreview(
                display_text(column.heading, _LONGEST_HEADING),
                field.value,
                column.confidence,
                column.why,
                tuple(display_text(text, _LONGEST_SAMPLE) for text in column.samples[:SAMPLES]),
            )
            for column, field in zip(look.columns, fields, strict=True)
        ),
        day_first=choice.day_first if choice else look.day_first,
        currency=currency,
    )


def line_view(row: ReportRow) -> ReportLine:
    return ReportLine(
        line=row.line,
        what=row.what.value,
        who=row.who,
        column=row.column,
        value=row.value,
        code=row.code,
        of_line=row.of_line,
        customer=row.customer,
        added=row.added,
        differs=row.differs,
        shares_line=row.shares_line,
        shares_with=row.shares_with,
    )
