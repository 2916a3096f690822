"""The lines of AGI: the request of Asterisk, and the commands that set variables."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

MOST_LINES = 100
"""Lines of one request; Asterisk sends about 25."""
LONGEST_LINE = 2048
"""Bytes of one line, as Asterisk's own buffer has them."""
LONGEST_VALUE = 80
"""Characters of a value; the display of a phone has fewer."""
_SIGNS = frozenset(" .-'?+_")
_JOINER = "\u200c"
"""The zero-width non-joiner, which Persian words need inside."""
_NAME = re.compile(r"[A-Z][A-Z0-9_]*|CALLERID\(name\)")
_ANSWER = re.compile(rb"200 result=")


class BadRequestError(Exception):
    """What came is no AGI request."""


def parse_request(lines: Iterable[bytes]) -> dict[str, str]:
    """Return the variables of a request by name, without ``agi_``; unknown lines are left out.

    Raises ``BadRequestError`` where none is an AGI variable.
    """
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon and name.startswith("agi_"):
            found[name.removeprefix("agi_")] = value.strip()
    if "request" not in found:
        raise BadRequestError
    return found


def parse_options(request: str) -> tuple[str, Mapping[str, str]]:
    """Return path and query of ``agi://host/screenpop?charset=ascii``."""
    try:
        parts = urlsplit(request)
        query = dict(parse_qsl(parts.query, max_num_fields=10))
    except ValueError as problem:
        raise BadRequestError from problem
    return parts.path.strip("/"), query


def safe_text(text: str, most: int = LONGEST_VALUE) -> str:
    """Return the letters, digits and harmless signs of a text in one line, the rest as spaces.

    Nothing is left that ends an AGI argument or line, or that a dialplan reads as an expression,
    a separator, a channel or a device: quotes, backslashes, ``$ { } [ ] ( ) , ; | & : / @ < > =``.
    """
    kept = "".join(char if _is_harmless(char) else " " for char in text)
    return " ".join(kept.split())[:most].strip(f" {_JOINER}")


def _is_harmless(char: str) -> bool:
    return char in _SIGNS or char == _JOINER or unicodedata.category(char)[0] in "LMN"


def set_variable(name: str, value: str) -> bytes:
    """Return the command that sets a variable; the value is made safe here once more."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(name)
    return f'SET VARIABLE {name} "{safe_text(value)}"\n'.encode()


def is_accepted(answer: bytes) -> bool:
    """Return whether Asterisk has carried a command out."""
    return _ANSWER.match(answer) is not None
