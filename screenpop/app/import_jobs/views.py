"""Prepare the sheet preview, the list of fields and the watched sheets for the pages."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path

from screenpop.common.text import display_text
from screenpop.customers.import_columns import TRIP, ColumnMapping, Field, SheetPreview
from screenpop.customers.own_fields import MAX_CHOICE_NAME
from screenpop.store.engine.database import Database
from screenpop.store.imports.watched_sheets import WatchedSheetState, list_watched_sheets
from screenpop.web.imports.port import Problem, WatchedSheet

SAMPLES = 3
_LONGEST_SAMPLE = 60
_LONGEST_HEADING = 80
_LONGEST_NAME = 120


def column_fields() -> Sequence[str]:
    """Return the field codes: ignored, then the person's, then those of trips."""
    others = TRIP | {Field.IGNORED, Field.OWN}
    person = [field for field in Field if field not in others]
    trip = [field for field in Field if field in TRIP]
    return tuple(field.value for field in (Field.IGNORED, *person, *trip))


def corrected_preview(
    preview: SheetPreview, mapping: ColumnMapping | None, currency: str
) -> SheetPreview:
    """Return the preview with the user's columns instead of the guesses, and texts short enough to
    show."""
    fields = mapping.fields if mapping else tuple(column.field for column in preview.columns)
    own = mapping.own if mapping else tuple(column.own for column in preview.columns)
    days = mapping.days if mapping else tuple(column.days for column in preview.columns)
    return replace(
        preview,
        columns=tuple(
            replace(
                column,
                heading=display_text(column.heading, _LONGEST_HEADING),
                field=field,
                own=own_id,
                days=order,
                own_choices=tuple(
                    display_text(text, MAX_CHOICE_NAME) for text in column.own_choices
                ),
                samples=tuple(
                    display_text(text, _LONGEST_SAMPLE) for text in column.samples[:SAMPLES]
                ),
            )
            for column, field, own_id, order in zip(
                preview.columns, fields, own or repeat(0), days or repeat(""), strict=False
            )
        ),
        day_first=mapping.day_first if mapping else preview.day_first,
        currency=currency,
    )


async def watched_sheets(database: Database, folder: Path) -> tuple[WatchedSheet, ...]:
    """Return the sheets of a watched folder as they were last read, by any process."""
    sheets = await list_watched_sheets(database)
    return tuple(_watched(one) for one in sheets if Path(one.path).parent == folder)


def _watched(sheet: WatchedSheetState) -> WatchedSheet:
    problem = None
    if sheet.problem is not None:
        problem = Problem(str(sheet.problem["code"]), dict(sheet.problem["params"]))
    name = display_text(Path(sheet.path).name, _LONGEST_NAME)
    return WatchedSheet(name, sheet.read_at, problem)
