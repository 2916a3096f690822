"""Login names and languages from the names of people."""

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")
_NOT_NAMES = frozenset({"agent", "user", "phone", "ext", "extension", "mr", "mrs", "ms", "dr"})
_SHORTEST = 2
_LONGEST = 30


def usernames(people: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return a login name for each extension of ``(extension, name)``, all different.

    The first name in ASCII (``maryam``), both names if that is taken (``maryam.karimi``), else the
    extension, which is also what names in other scripts get: it is what people already know.
    """
    chosen: dict[str, str] = {}
    used: set[str] = set()
    taken = {_plain(extension) for extension, _ in people}
    for extension, name in people:
        username = next((one for one in _candidates(name) if one not in taken), "")
        username = username or _free(_plain(extension) or "agent", used)
        chosen[extension] = username
        used.add(username)
        taken.add(username)
    return chosen


def language_of(name: str) -> str:
    """Return ``fa`` or ``el`` for a name in Arabic or Greek letters, else an empty text."""
    for letter in name:
        script = unicodedata.name(letter, "").partition(" ")[0]
        if script in {"ARABIC", "GREEK"}:
            return "fa" if script == "ARABIC" else "el"
    return ""


def _candidates(name: str) -> list[str]:
    if any(letter.isalpha() and not _is_latin(letter) for letter in name):
        return []
    words = [word for word in _WORD.findall(_folded(name)) if word not in _NOT_NAMES]
    if not words or not words[0].isalpha() or len(words[0]) < _SHORTEST:
        return []
    return [words[0][:_LONGEST], ".".join(words)[:_LONGEST]]


def _plain(extension: str) -> str:
    """Return the extension as the store accepts it for a username."""
    return "".join(_WORD.findall(_folded(extension)))[:_LONGEST]


def _free(username: str, taken: set[str]) -> str:
    number, free = 2, username
    while free in taken:
        free, number = f"{username}-{number}", number + 1
    return free


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).lower()


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))
