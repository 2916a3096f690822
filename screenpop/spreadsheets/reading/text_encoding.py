"""Detection of the encoding of text files."""

import codecs
import itertools
import os
import re
import stat
import unicodedata
from pathlib import Path

from screenpop.spreadsheets.rows.errors import SheetRefusedError

MOST_BYTES = 128 * 1024 * 1024
_MEGABYTE = 1024 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ("cp1256", "cp1253", "cp1252")
_HEAD = 4000
_JUDGED = 16 * _HEAD
_WORD = re.compile(r"(?:[^\W\d_]|[\u064b-\u0652]){2,}")
_MOST_CONTROLS = 0.002
_MOST_BROKEN = 0.02
_FEWEST_PLAIN = 0.4
_ONE_SIDED = 10


def read_bytes(path: Path) -> bytes:
    """Return the whole file.

    Raises ``SheetRefusedError`` when it does not exist, is no regular file (a pipe may block
    forever), or is far too big.
    """
    try:
        data = _read(path)
    except FileNotFoundError as error:
        raise SheetRefusedError("not_there", file=str(path)) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if len(data) > MOST_BYTES:
        raise SheetRefusedError("too_big", limit=MOST_BYTES // _MEGABYTE)
    return data


def _read(path: Path) -> bytes:
    if path.is_symlink():
        raise _unreadable(path, _NO_FILE)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(path, _NO_FILE)
        if status.st_size > MOST_BYTES:  # checked before reading: a sparse file can have any size
            raise SheetRefusedError("too_big", limit=MOST_BYTES // _MEGABYTE)
        return file.read(MOST_BYTES + 1)


_NO_FILE = "it is a link, a pipe or a device, not an ordinary file"


def _unreadable(path: Path, reason: str) -> SheetRefusedError:
    return SheetRefusedError("unreadable", file=str(path), reason=reason)


def text_of(data: bytes) -> str:
    """Return the text of a CSV or vCard file. Raises ``SheetRefusedError`` for what is not text.

    UTF-8 and UTF-16 by byte order mark or byte pattern; else Windows' Arabic (cp1256), Greek
    (cp1253) or Western (cp1252) encoding, whichever gives plausible words.
    """
    if not data.strip():
        raise SheetRefusedError("empty")
    text = _decoded(data)
    head = text[:_JUDGED]
    controls = sum(_is_control(char) for char in head)
    if "\0" in text or controls > 2 + _MOST_CONTROLS * len(head):
        raise SheetRefusedError("not_text")
    return text


def _is_control(char: str) -> bool:
    return char not in "\r\n\t\v\f" and unicodedata.category(char) == "Cc"


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    likely = _without_mark(data)
    try:
        return data.decode(likely)
    except UnicodeDecodeError:
        if likely == "utf-8" and _is_broken_utf8(data[: 4 * _JUDGED]):
            return data.decode(likely, "replace")
    heads = {encoding: data[: 4 * _JUDGED].decode(encoding, "replace") for encoding in _LEGACY}
    best = max(_LEGACY, key=lambda encoding: _plausibility(heads[encoding]))
    return data.decode(best, "replace")


def _without_mark(data: bytes) -> str:
    # In UTF-16 each Latin letter, digit and separator has a zero on the same side of it.
    head = data[:_HEAD]
    first, second = head[::2].count(0), head[1::2].count(0)
    if len(data) % 2 or not first + second:
        return "utf-8"
    if second > _ONE_SIDED * first:
        return "utf-16-le"
    return "utf-16-be" if first > _ONE_SIDED * second else "utf-8"


def _is_broken_utf8(head: bytes) -> bool:
    """Return whether it is UTF-8 with a few invalid bytes: truncated or mixed.

    No other encoding looks like that: its letters would have to follow each other as UTF-8's do.
    """
    text = head.decode("utf-8", "replace")
    foreign = sum(not char.isascii() for char in text)
    return text.count("\N{REPLACEMENT CHARACTER}") <= _MOST_BROKEN * foreign


def _plausibility(text: str) -> float:
    """Return the share of words with foreign letters that look written, not garbled: 0 to 1."""
    words = [word for word in _WORD.findall(text[:_JUDGED]) if not word.isascii()]
    return (sum(map(_looks_written, words)) + 0.5) / (len(words) + 1)


def _looks_written(word: str) -> float:
    """Return the share of common letters in a word of one script.

    0 with an upper-case letter after a lower-case one.
    """
    if any(b.isupper() and a.islower() for a, b in itertools.pairwise(word)):
        return 0
    for first, last, everyday in _SCRIPTS:
        if all(first <= char <= last for char in word):
            return sum(char in everyday for char in word.casefold()) / len(word)
    if all(char.isascii() or "À" <= char <= "ÿ" for char in word):
        plain = sum(char.isascii() for char in word) / len(word)
        return 0.5 + plain / 2 if plain >= _FEWEST_PLAIN else 0
    return 0


_SCRIPTS = (
    ("\u0600", "\u06ff", frozenset("الينمرتوهدبسكشیک")),
    ("\u0370", "\u03ff", frozenset("αοιετσνηυρπκμλωςάόίέήύώδγ")),
)
