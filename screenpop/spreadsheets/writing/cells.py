"""Escaping of exported cells: nothing a spreadsheet would calculate, run or reformat.

A text that begins with a formula character gets an apostrophe before it, as people type one
(https://owasp.org/www-community/attacks/CSV_Injection), and our own import removes it again.
"""

import re
from unicodedata import normalize

_SIGNS = frozenset("=+-@")
_LIKE_NUMBER = re.compile(r"[\d\s.,:/()%-]*\d[\d\s.,:/()%-]*(?:[eE][+-]?\d+)?\s*")
_MARKED = re.compile(r"'+(?P<rest>.*)", re.DOTALL)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_formula_like(text: str) -> bool:
    """Return whether a spreadsheet may take the text for a formula.

    Also in the full-width forms of East Asian keyboards, and after spaces.
    """
    if text[:1] in ("\t", "\r", "\n"):
        return True
    first = text.lstrip()[:1]
    return first == "\N{MINUS SIGN}" or normalize("NFKC", first)[:1] in _SIGNS


def escape_cell(text: str) -> str:
    """Return the text as a cell may hold it."""
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    bare = text.lstrip("'")
    return f"'{text}" if bare and is_formula_like(bare) else text


def escape_csv_cell(text: str) -> str:
    """As ``escape_cell``; also escapes what a text file would lose as a number: leading zeros."""
    marked = escape_cell(text)
    bare = marked.lstrip("'")
    return f"'{marked}" if marked is text and bare and _LIKE_NUMBER.fullmatch(bare) else marked


def unescape_cell(text: str) -> str | None:
    """Return the text that ``escape_cell`` has marked; None for an unmarked one."""
    found = _MARKED.fullmatch(text)
    if found is None or not found["rest"]:
        return None
    rest = found["rest"]
    return text[1:] if is_formula_like(rest) or _LIKE_NUMBER.fullmatch(rest) else None
