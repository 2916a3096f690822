"""A line above the headings that names groups of them, and the headings of the other columns."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from screenpop.common.search_normalization import fold
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.values.money import currency_of_heading

_FEWEST_GROUPS = 2
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
HEADING_DIGITS = 4
"""Digits that a heading does not have: a year, or the end of a number."""
_NO_VALUES = frozenset(map(fold, ("", "-", "none", "no phone", "n/a", "ندارد", "δεν έχει", "όχι")))
"""What a list has in place of a number, in its first row too."""


def are_groups(above: Sequence[str], own: Sequence[str], below: Sequence[Row]) -> bool:
    """Return whether a line names groups of the headings below it, and columns without one.

    A title has one cell, or none above a column that the headings leave out.
    """
    filled = {number: cell.strip() for number, cell in enumerate(above) if cell.strip()}
    if len(filled) < _FEWEST_GROUPS or not all(map(could_be_heading, filled.values())):
        return False
    own_texts = {number for number, cell in enumerate(own) if cell}
    alone = [number for number in filled if number not in own_texts]
    with_values = [number for number in alone if any(column_cells(below, number))]
    return bool(with_values) or any(number + 1 not in filled for number in filled)


def under_groups(above: Sequence[str], own: Sequence[str]) -> list[str]:
    """Return the headings, a missing one from the line above, each with the unit of its group."""
    found, unit = [], ""
    for upper, lower in zip_longest(map(str.strip, above), own, fillvalue=""):
        if upper:
            unit = unit_of_group(upper)
        has_unit = bool(currency_of_heading(lower))
        found.append(f"{lower} ({unit})" if lower and unit and not has_unit else lower or upper)
    return found


def joined_headings(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return headings on two lines as one; a unit above several columns is that of each."""
    found, unit = [], ""
    for upper, lower in zip_longest(map(str.strip, above), map(str.strip, below), fillvalue=""):
        if upper:
            in_brackets = unit_of_group(upper)
            unit = in_brackets if lower and lower != upper else ""
        both = [lower] if lower == upper else [upper, lower]
        if lower and not upper and unit and not currency_of_heading(lower):
            both.append(f"({unit})")
        found.append(" ".join(filter(None, both)))
    return found


def unit_of_group(heading: str) -> str:
    """Return the unit of money that a heading of several columns names; empty for none."""
    if not currency_of_heading(heading):
        return ""
    in_brackets = _IN_BRACKETS.search(heading)
    return in_brackets[1] if in_brackets else heading


def could_be_heading(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    return "@" not in text and digits < HEADING_DIGITS and fold(text) not in _NO_VALUES


def column_cells(rows: Sequence[Row], number: int) -> list[str]:
    return [row.cells[number].strip() if number < len(row.cells) else "" for row in rows]
