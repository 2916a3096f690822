"""The columns that searches look through, and how a typed search reads them.

Kept text and typed text go through the same folding, so that ``علي`` finds ``علی``, ``νικος``
finds ``Νίκος`` and ``۰۹۱۲`` finds ``+98912``.
"""

from collections.abc import Iterable

from sqlalchemy import Column, ColumnElement, and_, true

from screenpop.customers.folding import fold
from screenpop.store.text import clean

LONGEST = 100
"""Characters of a search that are read."""
_AROUND_NUMBERS = str.maketrans("", "", "+-()./")


def search_text(words: Iterable[str], numbers: Iterable[str]) -> str:
    """What a search looks through: names and other words folded, numbers as their digits."""
    return clean(fold(" ".join([*filter(None, words), *filter(None, numbers)])))


def number_as_digits(raw: str, e164: str | None) -> str:
    return e164.lstrip("+") if e164 else "".join(char for char in fold(raw) if char.isdigit())


def finds(column: Column[str], typed: str) -> ColumnElement[bool]:
    """True for rows whose text holds every word typed; the zeros that a number is dialled with
    inside its country are not in it."""
    words = [_word(word) for word in fold(clean(typed[:LONGEST])).split()]
    return and_(true(), *(column.contains(word, autoescape=True) for word in words if word))


def _word(word: str) -> str:
    bare = word.translate(_AROUND_NUMBERS)
    return bare.lstrip("0") or bare if bare.isdigit() else word
