"""Prepare the sheet preview and the list of fields for the pages."""

from collections.abc import Sequence
from dataclasses import replace

from screenpop.common.text import display_text
from screenpop.customers.import_columns import TRIP, ColumnMapping, Field, SheetPreview

SAMPLES = 3
_LONGEST_SAMPLE = 60
_LONGEST_HEADING = 80


def column_fields() -> Sequence[str]:
    """Return the field codes: ignored, then the person's, then those of trips."""
    person = [field for field in Field if field not in TRIP and field is not Field.IGNORED]
    trip = [field for field in Field if field in TRIP]
    return tuple(field.value for field in (Field.IGNORED, *person, *trip))


def corrected_preview(
    preview: SheetPreview, mapping: ColumnMapping | None, currency: str
) -> SheetPreview:
    """Return the preview with the user's columns instead of the guesses, and texts short enough to
    show."""
    fields = mapping.fields if mapping else tuple(column.field for column in preview.columns)
    return replace(
        preview,
        columns=tuple(
            replace(
                column,
                heading=display_text(column.heading, _LONGEST_HEADING),
                field=field,
                samples=tuple(
                    display_text(text, _LONGEST_SAMPLE) for text in column.samples[:SAMPLES]
                ),
            )
            for column, field in zip(preview.columns, fields, strict=True)
        ),
        day_first=mapping.day_first if mapping else preview.day_first,
        currency=currency,
    )
