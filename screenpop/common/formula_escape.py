"""Text on its way into a spreadsheet program, which takes some of it for commands."""

from typing import Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def escape_formula(text: str) -> str:
    """The text with a quote before it where it would be taken for a formula. A plain number, also
    one with a sign, is none."""
    if not text.startswith(_FORMULA_STARTS):
        return text
    bare = text[1:].replace(" ", "")
    is_number = text[0] in "+-" and bare.isascii() and bare.isdigit()
    return text if is_number else f"'{text}"
