"""Codes of vouchers: eight characters that are not taken for each other; the last checks the rest.

The alphabet has 31 characters, a prime number, and each place has a weight of its own: any one
wrong character and any two exchanged ones make a sum that is not a multiple of 31.
"""

import unicodedata
from collections.abc import Iterator, Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O."""
CODE_LENGTH = 8
_SIZE = len(ALPHABET)
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_GROUP = 4
MAX_TYPED = 60
"""Characters of a typed text that are read; longer ones are no code."""

_SAME_SHAPE = dict(zip("ΑΒΕΖΗΚΜΝΡΤΥΧ", "ABEZHKMNPTYX", strict=True))
_GREEK_KEYS = dict(zip("ΕΡΤΥΘΠΑΣΔΦΓΗΞΚΖΧΨΩΒΝΜ", "ERTYUPASDFGHJKZXCVBNM", strict=True))
_PERSIAN_KEYS = dict(zip("ضصثقفغعحشسیبلتنمظطزرذدپ", "QWERTYUPASDFGJKLZXCVBNM", strict=True)) | {
    "ا": "H",
    "ئ": "M",
}
"""Letters by the keys of a Latin keyboard: a scanner types keys, whatever the layout is."""


def code_of(values: Sequence[int]) -> str:
    """Return the code for seven numbers from 0 to 30."""
    if len(values) != CODE_LENGTH - 1 or not all(0 <= value < _SIZE for value in values):
        raise ValueError(f"a code is made of {CODE_LENGTH - 1} numbers below {_SIZE}")
    total = sum(place * value for place, value in enumerate(values, 1))
    check = -total * pow(CODE_LENGTH, -1, _SIZE) % _SIZE
    return "".join(ALPHABET[value] for value in (*values, check))


def is_code(text: str) -> bool:
    """Return whether a text in plain form is a code whose check character is right."""
    if len(text) != CODE_LENGTH or not all(char in _VALUES for char in text):
        return False
    return sum(place * _VALUES[char] for place, char in enumerate(text, 1)) % _SIZE == 0


def formatted(code: str) -> str:
    """Return the code as it is printed: ``K7MX-29PA``."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def plain_code(typed: str) -> str:
    """Return typed or scanned text as a code: in capitals, without separators and unseen signs.

    Persian and Arabic digits and Greek capitals of the same shape are read. Where that makes no
    code, letters are read by their keys, as a scanner types them on a Greek or Persian keyboard.
    """
    if len(typed) > MAX_TYPED:
        return ""
    chars = _capitals(typed)
    readings = [
        "".join(table.get(char, char) for char in chars)
        for table in (_SAME_SHAPE, _GREEK_KEYS, _PERSIAN_KEYS)
    ]
    return next((text for text in readings if is_code(text)), readings[0])


def likely_codes(text: str) -> tuple[str, ...]:
    """Return the codes from which a plain text differs by one slip.

    A slip is a wrong, missing or surplus character, or two neighbours exchanged. Empty for a code
    whose check character is right.
    """
    if is_code(text):
        return ()
    return tuple(dict.fromkeys(one for one in _slips(text) if is_code(one)))


def _slips(text: str) -> Iterator[str]:
    places = range(len(text))
    surplus = len(text) - CODE_LENGTH
    if surplus == 0:
        for place in places:
            yield from (text[:place] + char + text[place + 1 :] for char in ALPHABET)
        for place in places[:-1]:
            yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    elif surplus == -1:
        for place in range(CODE_LENGTH):
            yield from (text[:place] + char + text[place:] for char in ALPHABET)
    elif surplus == 1:
        for place in places:
            yield text[:place] + text[place + 1 :]


def _capitals(typed: str) -> list[str]:
    chars = []
    for char in unicodedata.normalize("NFKC", typed):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            chars.append(str(digit))
        elif unicodedata.category(char)[0] == "L":
            capital = unicodedata.normalize("NFD", char.upper())[0]
            chars.append({"ي": "ی", "Ϲ": "Σ"}.get(capital, capital))
    return chars
