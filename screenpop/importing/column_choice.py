"""What a person says the columns are, on top of what they seem to be."""

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
    """The columns cannot be that. ``code``: ``same_column``, ``no_columns``, ``other_columns``,
    ``unknown_column``; ``field`` is the one meant, if one is."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def mapping_key(look: SheetPreview) -> str:
    """By which the choice for these headings is remembered."""
    return headings_key([column.heading for column in look.columns])


def choose_columns(look: SheetPreview, fields: Sequence[str], *, day_first: bool) -> ColumnMapping:
    """One field for each column, in order. Raises ``InvalidColumnChoiceError``."""
    if len(fields) != len(look.columns):
        raise InvalidColumnChoiceError("other_columns")
    try:
        found = tuple(Field(field) for field in fields)
    except ValueError as error:
        raise InvalidColumnChoiceError("unknown_column") from error
    for field in found:
        if field not in SEVERAL and found.count(field) > 1:
            raise InvalidColumnChoiceError("same_column", field.value)
    if NAMES.isdisjoint(found) or PHONES.isdisjoint(found):
        raise InvalidColumnChoiceError("no_columns")
    return ColumnMapping(tuple(column.heading for column in look.columns), found, day_first)


def correct_column(look: SheetPreview, heading: str, field: Field) -> SheetPreview:
    """This column, by its heading or its number from 1, is that; another one that was taken for it
    is not read. Raises ``InvalidColumnChoiceError``: ``unknown_column``."""
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
