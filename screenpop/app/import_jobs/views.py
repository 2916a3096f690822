"""Prepare the sheet preview and the list of fields for the pages."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat

from screenpop.common.text import display_text
from screenpop.customers.import_columns import TRIP, ColumnMapping, Field, SheetPreview
from screenpop.customers.own_fields import MAX_CHOICE_NAME

SAMPLES = 3
_LONGEST_SAMPLE = 60
_LONGEST_HEADING = 80


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
