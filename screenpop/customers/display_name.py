"""Which of a customer's names to show to a reader of a language."""

from collections.abc import Mapping
from functools import lru_cache

from screenpop.common.text import display_text
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
"""The script a language is written in; all others are written in Latin letters."""

LONGEST_PART = 200
"""Of a given or a family name, in characters."""

NO_NAME = PersonName("", "")


def display_name(names: Mapping[str, PersonName], language: str) -> PersonName:
    """The name in this language, else in its script, else in Latin letters, else as first written.

    Only names that are on file: a transliteration of our own would be somebody else's name.
    """
    if language in names:
        return names[language]
    for script in dict.fromkeys((script_of(language), "latin")):
        for other, name in names.items():
            if script_of(other) == script:
                return name
    return next(iter(names.values()), NO_NAME)


def visible_part(text: str) -> str:
    """One part of a name as it may be shown: without control characters and the marks that turn
    the direction of the text around them, as a caller's name is cleaned. The joiners stay that
    Persian spelling needs."""
    return text if text.isprintable() else display_text(text, LONGEST_PART)


@lru_cache(maxsize=256)
def script_of(language: str) -> str:
    """The script of a language tag such as ``fa`` or ``pt-BR``."""
    return _SCRIPTS.get(language.partition("-")[0].lower(), "latin")
