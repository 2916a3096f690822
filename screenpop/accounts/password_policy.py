"""What a password must be. Length counts, not the mixture of signs (NIST SP 800-63B, 3.1.1)."""

import unicodedata
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
    }
)
"""What is tried first. Also refused with a few digits or signs after it."""


@dataclass(frozen=True, slots=True)
class PasswordProblem:
    """A code with parameters; the words live in the catalogues.

    ``too_short{least}``, ``too_long{most}``, ``same_signs{least}``, ``too_common``,
    ``holds_name``.
    """

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


def check_password_policy(
    password: str, *, username: str = "", display_name: str = ""
) -> tuple[PasswordProblem, ...]:
    """Everything that is wrong with a new password; empty when it may be taken."""
    text = normalize_password(password)
    found = []
    if len(text) < SHORTEST:
        found.append(PasswordProblem("too_short", {"least": SHORTEST}))
    if len(text) > LONGEST:
        return (PasswordProblem("too_long", {"most": LONGEST}),)
    if len(set(text)) < _FEWEST_DIFFERENT:
        found.append(PasswordProblem("same_signs", {"least": _FEWEST_DIFFERENT}))
    if _is_common(text):
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


def _is_common(text: str) -> bool:
    plain = text.casefold().replace(" ", "")
    stem = plain.rstrip("0123456789!@#$%^&*._-?+")
    return plain in _COMMON or stem in _COMMON


def _holds_name(text: str, username: str, display_name: str) -> bool:
    """A name with little around it: long sentences may name whom they like."""
    plain = text.casefold()
    names = (username, *display_name.split(), "".join(display_name.split()))
    return any(
        len(name) >= 3 and name in plain and len(plain) - len(name) < _FEWEST_BESIDE_NAME
        for name in map(str.casefold, names)
    )
