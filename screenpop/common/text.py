"""Text that strangers send: folded so that it can be read, cleaned so that it can be shown."""

import unicodedata
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Format characters that Persian spelling needs; every other one only hides something."""

_BLANK = (
    _JOINERS
    + " \t\r\n\N{NO-BREAK SPACE}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe0e\ufe0f\uffa0"
)
"""Spaces, and characters that are letters, marks or signs to Unicode but show nothing alone."""


def fold_digits(text: str) -> str:
    """Digits of any script as ASCII, compatibility forms unfolded, marks and unseen characters out.

    Decomposed (NFKD) rather than composed, so that taking characters out never lets two of the
    rest join into a new one: folding twice gives what folding once gave.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_folded, unicodedata.normalize("NFKD", text)))


def display_text(text: str, limit: int) -> str:
    """The text as it may stand on a page: one line, nothing unseen, at most ``limit`` characters.

    Takes out control characters and the marks that turn the direction of the text around them;
    line breaks and tabs become spaces; a lone surrogate becomes U+FFFD, so that the result can
    always be written as UTF-8.
    """
    # Twice the limit, because what is taken out shall not shorten what is shown.
    head = text[: 2 * limit]
    if not (head.isascii() and head.isprintable()):
        head = visible_or_empty("".join(map(_visible, head)))
    head = " ".join(head.split())
    if len(head) <= limit and len(text) <= 2 * limit:
        return head
    return head[: limit - 1].rstrip() + ELLIPSIS


def visible_or_empty(text: str) -> str:
    """The text, or an empty one when no character of it shows: only joiners, fillers and spaces."""
    rest = text.strip(_BLANK)
    return text if rest and (rest[0].isprintable() or any(map(_shows, rest))) else ""


def last_nine(text: str) -> str | None:
    """The last nine digits of a number in any spelling; None when it has fewer, or when they are
    one digit repeated, which identifies no one."""
    digits = ascii_digits(fold_digits(text))
    nine = digits[-9:]
    return None if len(nine) < 9 or is_repeated_digit(nine) else nine


def is_repeated_digit(digits: str) -> bool:
    """Whether the text is one character, repeated: ``0000000``."""
    return bool(digits) and digits == digits[0] * len(digits)


def ascii_digits(folded: str) -> str:
    return "".join(filter(str.isdigit, folded)) if folded.isascii() else _only_ascii(folded)


def _only_ascii(folded: str) -> str:
    return "".join(char for char in folded if "0" <= char <= "9")


@lru_cache(maxsize=2048)
def _folded(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category in {"Zs", "Zl", "Zp"} or char in "\t\n\r\v\f":
        return " "
    return "" if category[0] in "MC" else char


def _shows(char: str) -> bool:
    return char not in _BLANK and _visible(char) not in {"", " "}


@lru_cache(maxsize=2048)
def _visible(char: str) -> str:
    if char in _JOINERS:
        return char
    if char.isspace():
        return " "
    match unicodedata.category(char):
        case "Cc" | "Cf" | "Zl" | "Zp":
            return ""
        case "Cs":
            return REPLACEMENT
        case _:
            return char
