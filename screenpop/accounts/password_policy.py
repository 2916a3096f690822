"""What a password must be. Length counts, not the mixture of signs (NIST SP 800-63B, 3.1.1)."""

import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

SHORTEST, LONGEST = 10, 256
"""Characters. The upper bound keeps hashing cheap when a request sends a megabyte."""

_FEWEST_DIFFERENT = 5
_FEWEST_BESIDE_NAME = 7

_COMMON = frozenset(
    {
        *("password", "passw0rd", "qwertyuiop", "qwerty", "letmein", "welcome", "administrator"),
        *("iloveyou", "changeme", "screenpop", "asterisk", "freepbx", "issabel", "secret"),
        *("1234567890", "0123456789", "0987654321", "abcdefghij", "asdfghjkl", "zxcvbnm"),
        *("1q2w3e4r5t", "q1w2e3r4t5", "qazwsxedc", "kodikos", "κωδικος", "گذرواژه", "رمزعبور"),
        *("salamsalam", "سلامسلام", "ایرانایران", "دوستتدارم", "خدایاشکرت", "یاعلیمدد"),
        *("olympiakos", "ολυμπιακος", "panathinaikos", "παναθηναικος", "thessaloniki", "σαγαπω"),
    }
)
"""What is tried first. Also refused with digits or signs after it, however many."""

_ENDING = "0123456789!@#$%^&*._-?+"
_LONGEST_ENDING = 6
"""Most digits and signs around a word of the long list that is refused with them: a million
endings for each of some thousand words are soon tried."""
_FOR_LETTERS = str.maketrans("@4031!$57", "aaoeiisst")
_KEYS = "qwertyuiopasdfghjkl;zxcvbnm,"
_PERSIAN = "ضصثقفغعهخحشسیبلاتنمکظطزرذدئو"
_GREEK = ";ςερτυθιοπασδφγηξκλ΄ζχψωβνμ,"
# A capital sigma is on the key of the one that comes last.
_TO_KEYS = str.maketrans(_PERSIAN + "يكپ" + _GREEK + _GREEK.upper(), _KEYS + "d;m" + _KEYS + _KEYS)


@dataclass(frozen=True, slots=True)
class PasswordProblem:
    """A code with parameters; the words live in the catalogues.

    ``too_short{least}``, ``too_long{most}``, ``same_signs{least}``, ``too_common``,
    ``holds_name``.
    """

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


def check_password_policy(
    password: str, *, username: str = "", display_name: str = "", common: Container[str] = ()
) -> tuple[PasswordProblem, ...]:
    """Everything that is wrong with a new password; empty when it may be taken.

    ``common``: passwords that many people have, in lower case, besides the few known here.
    """
    text = normalize_password(password)
    found = []
    if len(text) < SHORTEST:
        found.append(PasswordProblem("too_short", {"least": SHORTEST}))
    if len(text) > LONGEST:
        return (PasswordProblem("too_long", {"most": LONGEST}),)
    if len(set(text)) < _FEWEST_DIFFERENT:
        found.append(PasswordProblem("same_signs", {"least": _FEWEST_DIFFERENT}))
    if any(_is_common(reading, common) for reading in _readings(text)):
        found.append(PasswordProblem("too_common"))
    if _holds_name(text, username, display_name):
        found.append(PasswordProblem("holds_name"))
    return tuple(found)


def normalize_password(password: str) -> str:
    """A password as it is hashed and compared: one form for what different keyboards compose
    differently, any space a plain one (RFC 8265, OpaqueString). Nothing is cut."""
    if password.isascii():
        return password
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", spaced)


def _readings(text: str) -> Iterator[str]:
    """Yield a password folded, also as the Latin letters on the keys of a Persian or Greek one."""
    digits = "".join(str(unicodedata.digit(char, char)) for char in text if char != " ")
    yield digits.casefold()
    if not digits.isascii():
        parts = unicodedata.normalize("NFD", digits)
        plain = "".join(char for char in parts if unicodedata.category(char) != "Mn")
        yield plain.casefold()
        yield plain.translate(_TO_KEYS).casefold()


def _is_common(plain: str, common: Container[str]) -> bool:
    if plain in _COMMON or plain.rstrip(_ENDING) in _COMMON or plain in common:
        return True
    word = plain.strip(_ENDING)
    if len(plain) - len(word) > _LONGEST_ENDING:
        return False
    half = word[: len(word) // 2]
    # A sign at the beginning may stand for a letter.
    words = (word, *(one.translate(_FOR_LETTERS) for one in (word, plain.rstrip(_ENDING))))
    return any(one in common or one in _COMMON for one in words) or (
        word == half * 2 and half in common
    )


def _holds_name(text: str, username: str, display_name: str) -> bool:
    """A name with little around it: long sentences may name whom they like."""
    plain = text.casefold()
    names = (username, *display_name.split(), "".join(display_name.split()))
    return any(
        len(name) >= 3 and name in plain and len(plain) - len(name) < _FEWEST_BESIDE_NAME
        for name in map(str.casefold, names)
    )
