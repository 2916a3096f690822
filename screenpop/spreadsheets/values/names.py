"""Names in one cell or in two."""

from functools import lru_cache

from screenpop.common.search_normalization import fold
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.spreadsheets.values.enum_words import split_titles

_TWO_WORDS_GIVEN = frozenset(
    map(fold, ("محمد", "علی", "امیر", "سید", "سیده", "میر", "حاج", "غلام", "عبد", "فاطمه", "نور"))
)
"""A Persian given name with such a beginning usually has a second word: محمد رضا, امیر حسین."""
_BEFORE_FAMILY = frozenset(
    ("van", "von", "de", "del", "della", "di", "da", "den", "der", "la", "le", "ter", "bin", "al")
)
"""Words that begin a family name."""


def split_name(text: str, *, family_first: bool) -> tuple[PersonName, tuple[Title, Gender] | None]:
    """Return the name and the titles before it.

    Nothing is lost: given and family name together are the words as written.
    """
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma and (family or given):
        title, given = split_titles(given)
        return PersonName(given, family), title
    title, name = split_titles(text.replace("،", " "))
    words = name.split()
    if len(words) < 2:
        return PersonName("", name), title
    if family_first:
        return PersonName(" ".join(words[1:]), words[0]), title
    border = _border(words)
    return PersonName(" ".join(words[:border]), " ".join(words[border:])), title


def _border(words: list[str]) -> int:
    """Return the index of the word where the family name begins."""
    if language_of_name(words[0]) == "fa":
        both = len(words) > 2 and fold(words[0]) in _TWO_WORDS_GIVEN
        return 2 if both else 1
    for place, word in enumerate(words[1:-1], 1):
        if word.casefold() in _BEFORE_FAMILY:
            return place
    return len(words) - 1


@lru_cache(maxsize=4096)
def language_of_name(text: str) -> str:
    """Return the language whose script a name is written in."""
    for char in text:
        if "\u0600" <= char <= "\u06ff":
            return "fa"
        if "\u0370" <= char <= "\u03ff" or "\u1f00" <= char <= "\u1fff":
            return "el"
    return "en"
