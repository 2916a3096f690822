"""Which name comes first in a column of whole names: decided by the column, never by a row."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

from screenpop.common.search_normalization import fold
from screenpop.customers.import_columns import ColumnGuess, Field
from screenpop.spreadsheets.values.enum_words import split_titles
from screenpop.spreadsheets.values.given_names import ends_as_family_name, is_given_name
from screenpop.spreadsheets.values.names import couple_or_group, is_company

_FEWEST_SIGNS = 2
"""One row with a known given name proves nothing: some family names are given names elsewhere."""
_MOST_ALIKE = 0.8
_UNSURE = 0.4
"""Confidence; a user is asked."""


class NameOrder(Enum):
    """The order of the names of a column."""

    UNKNOWN = auto()
    """No row shows it."""
    GIVEN_FIRST = auto()
    FAMILY_FIRST = auto()
    UNCLEAR = auto()
    """Some rows show one order, some the other; or only one row shows it, by one word."""


def with_name_order(
    columns: Sequence[ColumnGuess], cells: Sequence[Sequence[str]]
) -> list[ColumnGuess]:
    """Return the columns; one of whole names has the order that its cells show.

    Where they show no clear one, or another than the heading, it is as the heading has it, and
    ``why`` is ``name_order``, for a user to choose.
    """
    return [
        _ordered(column, name_order(below))
        if column.field in {Field.NAME, Field.FAMILY_FIRST}
        else column
        for column, below in zip(columns, cells, strict=True)
    ]


def _ordered(column: ColumnGuess, order: NameOrder) -> ColumnGuess:
    is_family_first = column.field is Field.FAMILY_FIRST
    if order is NameOrder.FAMILY_FIRST and not is_family_first:
        return replace(column, field=Field.FAMILY_FIRST)
    if order is NameOrder.UNCLEAR or (order is NameOrder.GIVEN_FIRST and is_family_first):
        return replace(column, why="name_order", confidence=min(column.confidence, _UNSURE))
    return column


def name_order(cells: Sequence[str]) -> NameOrder:
    """Return which name comes first in these cells."""
    signs = [_signs(cell) for cell in cells]
    first = sum(-sign for sign in signs if sign < 0)
    last = sum(sign for sign in signs if sign > 0)
    if not first + last:
        return NameOrder.UNKNOWN
    if first >= _MOST_ALIKE * (first + last):
        return NameOrder.GIVEN_FIRST
    if last >= _MOST_ALIKE * (first + last) and last >= _FEWEST_SIGNS:
        return NameOrder.FAMILY_FIRST
    return NameOrder.UNCLEAR


def _signs(text: str) -> int:
    """Return how much a cell shows that the given name is last, 0 to 2; below 0: first."""
    if any(mark in text for mark in ",،/؛;") or is_company(text) or couple_or_group(text):
        return 0
    words = fold(split_titles(text)[1]).split()
    if len(words) < 2:
        return 0
    given = is_given_name(words[-1]) - is_given_name(words[0])
    family = ends_as_family_name(words[0]) - ends_as_family_name(words[-1])
    return 0 if given * family < 0 else given + family
