"""Search column of the call log, and the condition for a typed search.

Stored and typed text become words as in the customers' search, so that ``علي`` finds ``علی``,
``νικος`` finds ``Νίκος`` and ``۰۹۱۲`` finds ``+98912``.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, literal, or_, true

from screenpop.common.search_normalization import fold
from screenpop.store.search.queries import number_words, searchable_words, typed_words


def search_text(words: Iterable[str], numbers: Iterable[str]) -> str:
    """Return the words that a search compares: of names, and numbers with their endings."""
    return searchable_words([*words, *(number_words(digits, None) for digits in numbers)])


def number_as_digits(raw: str, e164: str | None) -> str:
    return e164.lstrip("+") if e164 else "".join(char for char in fold(raw) if char.isdigit())


def search_condition(column: ColumnElement[str], typed: str) -> ColumnElement[bool]:
    """True for rows in whose text every word typed begins a word; reads each row."""
    words = typed_words(typed)
    text = literal(" ").concat(column)
    # Words are letters and digits: nothing in them is a sign of LIKE.
    each = (or_(*(text.contains(f" {spelling}") for spelling in word)) for word in words)
    return and_(true() if words else false(), *each)
