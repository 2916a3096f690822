"""Single cells on their way out: nothing a spreadsheet would calculate, run or make a number of.

A text that begins with a sign of a formula gets an apostrophe before it, as people type one
(https://owasp.org/www-community/attacks/CSV_Injection), and our own import takes it off again.
"""

import re
from unicodedata import normalize

_SIGNS = frozenset("=+-@")
_LIKE_NUMBER = re.compile(r"[\d\s.,:/()%-]*\d[\d\s.,:/()%-]*(?:[eE][+-]?\d+)?\s*")
_MARKED = re.compile(r"'+(?P<rest>.*)", re.DOTALL)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula: also in the wide forms of East Asian
    keyboards, and after spaces."""
    if text[:1] in ("\t", "\r", "\n"):
        return True
    first = text.lstrip()[:1]
    return first == "\N{MINUS SIGN}" or normalize("NFKC", first)[:1] in _SIGNS


def escape_cell(text: str) -> str:
    """The text as a cell may hold it."""
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    bare = text.lstrip("'")
    return f"'{text}" if bare and is_formula_like(bare) else text


def escape_csv_cell(text: str) -> str:
    """As ``neutral``; in a file of plain text also what would lose its zeros as a number."""
    marked = escape_cell(text)
    bare = marked.lstrip("'")
    return f"'{marked}" if marked is text and bare and _LIKE_NUMBER.fullmatch(bare) else marked


def unescape_cell(text: str) -> str | None:
    """The text that ``neutral`` has marked; None for one that it has not."""
    found = _MARKED.fullmatch(text)
    if found is None or not found["rest"]:
        return None
    rest = found["rest"]
    return text[1:] if is_formula_like(rest) or _LIKE_NUMBER.fullmatch(rest) else None
