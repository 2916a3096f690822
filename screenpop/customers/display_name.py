"""Choice of the customer's name to show to a reader of a language."""

from collections.abc import Mapping
from functools import lru_cache

from screenpop.common.text import display_text, visible_or_empty
from screenpop.customers.models import PersonName

_SCRIPTS = {
    **dict.fromkeys(("fa", "ar", "ur", "ps", "ckb"), "arabic"),
    "el": "greek",
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "kk"), "cyrillic"),
    **dict.fromkeys(("hy",), "armenian"),
    **dict.fromkeys(("ka",), "georgian"),
    **dict.fromkeys(("he", "yi"), "hebrew"),
    **dict.fromkeys(("zh", "ja", "ko"), "han"),
}
"""The script of a language; all other languages use Latin letters."""

LONGEST_PART = 200
"""Characters of a given or a family name."""

NO_NAME = PersonName("", "")


def display_name(names: Mapping[str, PersonName], language: str) -> PersonName:
    """Return the name in this language, else in its script, else in Latin letters, else the first.

    Only stored names: a transliteration made here could be wrong.
    """
    if language in names:
        return names[language]
    for script in dict.fromkeys((script_of(language), "latin")):
        for other, name in names.items():
            if script_of(other) == script:
                return name
    return next(iter(names.values()), NO_NAME)


def visible_part(text: str) -> str:
    """Return a part of a name without control characters and bidirectional marks.

    Cleaned as a caller's name is, but the joiners that Persian spelling needs stay. Empty when
    no character of it shows.
    """
    return visible_or_empty(text) if text.isprintable() else display_text(text, LONGEST_PART)


@lru_cache(maxsize=256)
def script_of(language: str) -> str:
    """Return the script of a language tag such as ``fa`` or ``pt-BR``."""
    return _SCRIPTS.get(language.partition("-")[0].lower(), "latin")
