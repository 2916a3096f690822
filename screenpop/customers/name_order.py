"""The order of names in lists, for each language: its own alphabet first, then the others.

A key is bytes, so that both databases compare it in the same way: no collation takes part.
"""

import unicodedata
from collections.abc import Iterable

from screenpop.customers.models import LANGUAGES, PersonName

KEY_LENGTH = 60
"""Bytes of a stored key: two names that begin with so many equal letters keep no order."""

_PERSIAN = "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = {"fa": _PERSIAN, "el": _GREEK, "en": _LATIN}
_ORDER = {"fa": ("fa", "en", "el"), "el": ("el", "en", "fa"), "en": ("en", "el", "fa")}
_SAME_LETTER = str.maketrans(
    {
        **dict.fromkeys("أإؤئ", "ء"),
        "ٱ": "ا",
        **dict.fromkeys("يىې", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ةۀەھہ", "ه"),
        "ς": "σ",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
"""Letters with the place of another one; as in the CLDR's collations for these languages."""
_JOINED_IN_PERSIAN = frozenset("آ")
_BLANK, _DIGIT, _LETTER, _OTHER = 0x01, 0x10, 0x20, 0xF0
_NO_NAME = b"\xff"
_ALPHABET_SIZE = 0x40


def _weights(language: str) -> dict[str, bytes]:
    found = {str(digit): bytes([_DIGIT + digit]) for digit in range(10)}
    for place, other in enumerate(_ORDER[language]):
        begin = _LETTER + place * _ALPHABET_SIZE
        for number, letter in enumerate(_ALPHABETS[other]):
            found[letter] = bytes([begin + number])
    return found


_WEIGHTS = {language: _weights(language) for language in LANGUAGES}


def name_order_key(name: PersonName, language: str) -> bytes:
    """Return the sort key of a name for readers of ``language``: family name, then given name."""
    parts = [part for part in (name.family, name.given) if part]
    key = b"".join(_key_of(" ".join(parts), _WEIGHTS[language]))[:KEY_LENGTH]
    return key or _NO_NAME


def _key_of(text: str, weights: dict[str, bytes]) -> Iterable[bytes]:
    blank_before = True
    for char in _plain(text):
        if char in weights:
            yield weights[char]
        elif char.isalpha():
            yield bytes([_OTHER]) + ord(char).to_bytes(3, "big")
        elif not blank_before and not char.isalnum():
            yield bytes([_BLANK])
        blank_before = not char.isalnum()


def _plain(text: str) -> Iterable[str]:
    """Return lower-case letters without accents, digits as ASCII, without unseen characters."""
    for char in unicodedata.normalize("NFKC", text).casefold().translate(_SAME_LETTER):
        if char in _JOINED_IN_PERSIAN:
            yield char
            continue
        for one in unicodedata.normalize("NFKD", char).translate(_SAME_LETTER):
            digit = unicodedata.decimal(one, None)
            if digit is not None:
                yield str(digit)
            elif unicodedata.category(one) not in {"Mn", "Cf", "Lm"} and one != "ـ":
                yield one
