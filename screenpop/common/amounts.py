"""Reading of numbers with separators, as people write amounts of money."""

import re
from decimal import Decimal

_DIGITS = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_SLASHED = re.compile(r"^\d{1,3}(?:/\d{3})+$")
_CENTS = re.compile(r"[.,/](\d{1,2})$")
_FLOAT = re.compile(r"^(\d+)\.(\d{4,})$")
"""Rounding error of a spreadsheet's own arithmetic: 1249.9999999999998."""

MARKS = str.maketrans({"٬": ",", "،": ",", "٫": ".", "’": "'", "−": "-", "\u00a0": " "})
"""Separators of other scripts, and the signs they stand for."""


def plain_number(text: str) -> Decimal | None:
    """Return the number of ASCII digits with separators; None for anything else.

    A separator before the last one or two digits is the decimal point, before three a thousands
    separator.
    """
    bare = re.sub(r"[\s']", "", text)
    if _SLASHED.match(bare):
        bare = bare.replace("/", "")
    whole, mark, last = bare, "", ""
    if cents := _CENTS.search(bare):
        whole, mark, last = bare[: cents.start()], cents[0][0], cents[1]
    elif fraction := _FLOAT.match(bare):
        whole, last = fraction[1], fraction[2]
    groups = re.split(r"[.,]", whole)
    if mark and mark in whole:
        return None
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    ):
        return None
    number = "".join(groups) + (f".{last}" if last else "")
    # Decimal() reads "NaN", "Infinity" and "1E999" too.
    return Decimal(number) if _DIGITS.fullmatch(number) else None
