"""Apply the user's choice of columns to the guesses of a sheet preview."""

from collections.abc import Sequence
from dataclasses import replace

from screenpop.customers.import_columns import (
    NAMES,
    PHONES,
    SEVERAL,
    ColumnMapping,
    DayOrder,
    Field,
    SheetPreview,
)
from screenpop.spreadsheets.columns.mapping import headings_key


class InvalidColumnChoiceError(ValueError):
    """An impossible choice of columns.

    ``code``: ``same_column``, ``no_columns``, ``other_columns``, ``unknown_column``.
    ``field``: the column or field it is about, or empty.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def mapping_key(look: SheetPreview) -> str:
    """Return the key under which the mapping of these headings is remembered."""
    return headings_key([column.heading for column in look.columns])


def choose_columns(
    look: SheetPreview, fields: Sequence[str], *, day_first: bool, days: Sequence[str] = ()
) -> ColumnMapping:
    """Return the mapping with one field a column, in order. Raises ``InvalidColumnChoiceError``.

    ``days``: of each column as ``DayOrder``, or empty.
    """
    known = {"", *(one.value for one in DayOrder)}
    if days and (len(days) != len(look.columns) or not set(days) <= known):
        raise InvalidColumnChoiceError("other_columns")
    if len(fields) != len(look.columns):
        raise InvalidColumnChoiceError("other_columns")
    pairs = [parse_field(field) for field in fields]
    chosen, own = tuple(field for field, _ in pairs), tuple(own for _, own in pairs)
    for one in own:
        if one and own.count(one) > 1:
            raise InvalidColumnChoiceError("same_column", Field.OWN.value)
    for field in chosen:
        if field not in SEVERAL and chosen.count(field) > 1:
            raise InvalidColumnChoiceError("same_column", field.value)
    if NAMES.isdisjoint(chosen) or PHONES.isdisjoint(chosen):
        raise InvalidColumnChoiceError("no_columns")
    headings = tuple(column.heading for column in look.columns)
    orders = tuple(days) if any(days) else ()
    return ColumnMapping(headings, chosen, day_first, own if any(own) else (), orders)


def parse_field(code: str) -> tuple[Field, int]:
    """Return a field, and the id of an own field, of ``birthday`` or ``own:7``.

    Raises ``InvalidColumnChoiceError`` (``unknown_column``).
    """
    name, _, number = code.partition(":")
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_ID
    try:
        field = Field(name)
    except ValueError as error:
        raise InvalidColumnChoiceError("unknown_column") from error
    if (field is Field.OWN) != is_number or (number and not is_number):
        raise InvalidColumnChoiceError("unknown_column")
    return field, int(number) if is_number else 0


def find_columns(look: SheetPreview, heading: str) -> list[int]:
    """Return the places of the columns with this heading, or with this number from 1."""
    wanted = heading.strip().casefold()
    places = [
        place
        for place, column in enumerate(look.columns)
        if column.heading.strip().casefold() == wanted
    ]
    if not places and wanted.isascii() and wanted.isdigit():
        places = [int(wanted) - 1] if 0 < int(wanted[:5]) <= len(look.columns) else []
    return places


_LONGEST_ID = 18
"""Digits."""


def order_days(look: SheetPreview, heading: str, order: DayOrder) -> SheetPreview:
    """Return the preview with the days of a column read in this order.

    Raises ``InvalidColumnChoiceError`` (``unknown_column``).
    """
    places = find_columns(look, heading)
    if not places:
        raise InvalidColumnChoiceError("unknown_column", heading)
    columns = list(look.columns)
    for place in places:
        columns[place] = replace(columns[place], days=order.value)
    return replace(look, columns=tuple(columns))


def correct_column(look: SheetPreview, heading: str, field: Field, own: int = 0) -> SheetPreview:
    """Return the preview with the column of this heading, or number from 1, set to ``field``.

    Another column with the same field becomes ``ignored``. Raises ``InvalidColumnChoiceError``
    (``unknown_column``).
    """
    places = find_columns(look, heading)
    if not places:
        raise InvalidColumnChoiceError("unknown_column", heading)
    columns = list(look.columns)
    for place, column in enumerate(columns):
        is_same = column.field is field and (field not in SEVERAL or (own and own == column.own))
        if is_same:
            columns[place] = replace(column, field=Field.IGNORED, own=0)
    for place in places if field in SEVERAL and not own else places[:1]:
        columns[place] = replace(
            columns[place], field=field, own=own, why="remembered", confidence=1.0
        )
    return replace(look, columns=tuple(columns))
