"""Apply the user's choice of columns to the guesses of a sheet preview."""

from collections.abc import Sequence
from dataclasses import replace

from screenpop.customers.import_columns import (
    NAMES,
    PHONES,
    SEVERAL,
    ColumnMapping,
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


def choose_columns(look: SheetPreview, fields: Sequence[str], *, day_first: bool) -> ColumnMapping:
    """Return the mapping with one field a column, in order. Raises ``InvalidColumnChoiceError``."""
    if len(fields) != len(look.columns):
        raise InvalidColumnChoiceError("other_columns")
    try:
        chosen = tuple(Field(field) for field in fields)
    except ValueError as error:
        raise InvalidColumnChoiceError("unknown_column") from error
    for field in chosen:
        if field not in SEVERAL and chosen.count(field) > 1:
            raise InvalidColumnChoiceError("same_column", field.value)
    if NAMES.isdisjoint(chosen) or PHONES.isdisjoint(chosen):
        raise InvalidColumnChoiceError("no_columns")
    return ColumnMapping(tuple(column.heading for column in look.columns), chosen, day_first)


def correct_column(look: SheetPreview, heading: str, field: Field) -> SheetPreview:
    """Return the preview with the column of this heading, or number from 1, set to ``field``.

    Another column with the same field becomes ``ignored``. Raises ``InvalidColumnChoiceError``
    (``unknown_column``).
    """
    wanted = heading.strip().casefold()
    places = [
        place
        for place, column in enumerate(look.columns)
        if column.heading.strip().casefold() == wanted
    ]
    if not places and wanted.isascii() and wanted.isdigit():
        places = [int(wanted) - 1] if 0 < int(wanted[:5]) <= len(look.columns) else []
    if not places:
        raise InvalidColumnChoiceError("unknown_column", heading)
    columns = list(look.columns)
    for place, column in enumerate(columns):
        if column.field is field and field not in SEVERAL:
            columns[place] = replace(column, field=Field.IGNORED)
    for place in places if field in SEVERAL else places[:1]:
        columns[place] = replace(columns[place], field=field, why="remembered", confidence=1.0)
    return replace(look, columns=tuple(columns))
