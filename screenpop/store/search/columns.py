"""Search columns of the call log, and the condition for a typed search.

Stored and typed text go through the same folding, so that ``علي`` finds ``علی``, ``νικος``
finds ``Νίκος`` and ``۰۹۱۲`` finds ``+98912``.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, true

from screenpop.common.search_normalization import fold
from screenpop.store.engine.text import clean_for_database

MAX_QUERY_LENGTH = 100
"""Characters of a typed search that are used."""
_AROUND_NUMBERS = str.maketrans("", "", "+-()./")


def search_text(words: Iterable[str], numbers: Iterable[str]) -> str:
    """Return the text that a search reads: names and other words folded, numbers as digits."""
    return clean_for_database(fold(" ".join([*filter(None, words), *filter(None, numbers)])))


def number_as_digits(raw: str, e164: str | None) -> str:
    return e164.lstrip("+") if e164 else "".join(char for char in fold(raw) if char.isdigit())


def search_condition(column: ColumnElement[str], typed: str) -> ColumnElement[bool]:
    """True for rows whose text contains every word typed."""
    words = fold(clean_for_database(typed[:MAX_QUERY_LENGTH])).split()
    return and_(true(), *(_holds(column, word) for word in words))


def _holds(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    # Trunk prefix zeros of national numbers are not stored, nor are hyphens.
    digits = word.translate(_AROUND_NUMBERS)
    number = digits.lstrip("0") if digits.isdigit() else ""
    spellings = {word, number} - {""}
    return or_(*(column.contains(spelling, autoescape=True) for spelling in sorted(spellings)))
