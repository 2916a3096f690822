"""What a person says the columns are, on top of what they seem to be."""

from collections.abc import Sequence
from dataclasses import replace

from screenpop.spreadsheets.asking import Look
from screenpop.spreadsheets.columns import Choice, header_key
from screenpop.spreadsheets.fields import NAMES, PHONES, SEVERAL, Field


class ChoiceRefusedError(ValueError):
    """The columns cannot be that. ``code``: ``same_column``, ``no_columns``, ``other_columns``,
    ``unknown_column``; ``field`` is the one meant, if one is."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def key_of(look: Look) -> str:
    """By which the choice for these headings is remembered."""
    return header_key([column.heading for column in look.columns])


def chosen(look: Look, fields: Sequence[str], *, day_first: bool) -> Choice:
    """One field for each column, in order. Raises ``ChoiceRefusedError``."""
    if len(fields) != len(look.columns):
        raise ChoiceRefusedError("other_columns")
    try:
        found = tuple(Field(field) for field in fields)
    except ValueError as error:
        raise ChoiceRefusedError("unknown_column") from error
    for field in found:
        if field not in SEVERAL and found.count(field) > 1:
            raise ChoiceRefusedError("same_column", field.value)
    if NAMES.isdisjoint(found) or PHONES.isdisjoint(found):
        raise ChoiceRefusedError("no_columns")
    return Choice(tuple(column.heading for column in look.columns), found, day_first)


def corrected(look: Look, heading: str, field: Field) -> Look:
    """This column, by its heading or its number from 1, is that; another one that was taken for it
    is not read. Raises ``ChoiceRefusedError``: ``unknown_column``."""
    wanted = heading.strip().casefold()
    places = [
        place
        for place, column in enumerate(look.columns)
        if column.heading.strip().casefold() == wanted
    ]
    if not places and wanted.isascii() and wanted.isdigit():
        places = [int(wanted) - 1] if 0 < int(wanted[:5]) <= len(look.columns) else []
    if not places:
        raise ChoiceRefusedError("unknown_column", heading)
    columns = list(look.columns)
    for place, column in enumerate(columns):
        if column.field is field and field not in SEVERAL:
            columns[place] = replace(column, field=Field.IGNORED)
    for place in places if field in SEVERAL else places[:1]:
        columns[place] = replace(columns[place], field=field, why="remembered", confidence=1.0)
    return replace(look, columns=tuple(columns))
