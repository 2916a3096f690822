"""The columns of an office's own fields in an export."""

from collections.abc import Iterable

from screenpop.accounts.departments import Section
from screenpop.common.search_normalization import fold
from screenpop.customers.own_fields import (
    OwnField,
    OwnKind,
    OwnSubject,
    OwnValue,
    OwnValues,
    active_fields,
)
from screenpop.customers.own_values import day_of, format_value
from screenpop.spreadsheets.writing.sheet_words import Cell, Column, ExportWords

_SECTIONS = {OwnSubject.CUSTOMER: Section.PERSONAL, OwnSubject.TRIP: Section.TRIPS}
_WIDTHS = {OwnKind.NUMBER: 10, OwnKind.DATE: 12, OwnKind.YES_NO: 8}


def own_columns(
    words: ExportWords, subject: OwnSubject, others: Iterable[Column]
) -> tuple[Column, ...]:
    """Return a column for each active field of customers or of trips.

    Its heading is the field's name, by which the import knows it again; where another column has
    this heading, with the subject behind it.
    """
    taken = {fold(column.title(words)) for column in others}
    if subject is OwnSubject.TRIP:
        of_customers = active_fields(words.own_fields, OwnSubject.CUSTOMER)
        taken |= {fold(one.name(words.language)) for one in of_customers}
    columns = []
    for field in active_fields(words.own_fields, subject):
        name = field.name(words.language)
        if fold(name) in taken:
            name = field.long_name(words.language)
        width = _WIDTHS.get(field.kind, 20)
        columns.append(Column(f"own:{field.id}", _SECTIONS[subject], width, name))
    return tuple(columns)


def own_cells(words: ExportWords, subject: OwnSubject, own: OwnValues) -> dict[str, Cell]:
    return {
        f"own:{field.id}": _cell(field, own[field.key], words.language)
        for field in active_fields(words.own_fields, subject)
        if field.key in own
    }


def decimal_text(number: float) -> str:
    """Return a number with a point that no language reads as a thousands separator."""
    text = f"{number:.6f}".rstrip("0")
    fraction = text.partition(".")[2]
    return f"{text}0" if len(fraction) in {0, len("000")} else text


def _cell(field: OwnField, value: OwnValue, language: str) -> Cell:
    match field.kind:
        case OwnKind.NUMBER if isinstance(value, int | float):
            return value
        case OwnKind.DATE:
            return day_of(value) or str(value)
        case _:
            return format_value(field, value, language)
