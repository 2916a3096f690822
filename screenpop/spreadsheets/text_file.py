"""From the bytes of a file to its text: what it really is, and how it was encoded."""

import codecs
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from screenpop.spreadsheets.problems import SheetRefusedError

MOST_BYTES = 64 * 1024 * 1024

_SAVE_AS = "Open it in the spreadsheet program and save it as CSV (UTF-8)."

_MAGIC = (
    (b"PK\x03\x04", "spreadsheet", f"This is an Excel, ODS or ZIP file, not CSV. {_SAVE_AS}"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet", f"This is an old Excel file, not CSV. {_SAVE_AS}"),
    (b"MZ", "program", "This is a Windows program with another name, not a list of customers."),
    (b"\x7fELF", "program", "This is a program with another name, not a list of customers."),
    (b"%PDF", "document", f"This is a PDF, not CSV. {_SAVE_AS}"),
    (b"{\\rtf", "document", f"This is a text document, not CSV. {_SAVE_AS}"),
    (b"\x1f\x8b", "archive", "This file is packed. Unpack it first."),
    (b"Rar!", "archive", "This file is packed. Unpack it first."),
    (b"7z\xbc\xaf", "archive", "This file is packed. Unpack it first."),
    (b"\x89PNG", "picture", "This is a picture, not a list of customers."),
    (b"\xff\xd8\xff", "picture", "This is a picture, not a list of customers."),
    (b"GIF8", "picture", "This is a picture, not a list of customers."),
)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ("cp1256", "cp1253")
_HEAD = 4000
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_CONTROLS = 0.002
_ONE_SIDED = 10


def read_bytes(path: Path) -> bytes:
    """The whole file. Raises ``SheetRefusedError`` when it is not there or far too big."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SheetRefusedError(
            "not_there", f"There is no file {path}. Check its name and folder."
        ) from error
    except OSError as error:
        raise SheetRefusedError(
            "unreadable", f"The file {path} cannot be read: {error.strerror or error}."
        ) from error
    if len(data) > MOST_BYTES:
        raise SheetRefusedError(
            "too_big",
            f"The file is bigger than {MOST_BYTES // 1024 // 1024} MB. Split it into parts.",
        )
    return data


def text_of(data: bytes) -> str:
    """The text of a CSV file. Raises ``SheetRefusedError`` for what is not text.

    UTF-8 and UTF-16 by their marks or their form; else Windows' Arabic (cp1256) or Greek (cp1253)
    encoding, whichever gives words that people write.
    """
    if not data.strip():
        raise SheetRefusedError("empty", "The file is empty.")
    for magic, code, sentence in _MAGIC:
        if data.startswith(magic):
            raise SheetRefusedError(code, sentence)
    text = _decoded(data)
    head = text[: 16 * _HEAD]
    controls = sum(_is_control(char) for char in head)
    if "\0" in text or controls > 2 + _MOST_CONTROLS * len(head):
        raise SheetRefusedError(
            "not_text", f"This is not a text file, so not CSV, whatever its name says. {_SAVE_AS}"
        )
    return text


def _is_control(char: str) -> bool:
    return char not in "\r\n\t\v\f" and unicodedata.category(char) == "Cc"


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in _without_mark(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return max((data.decode(encoding, "replace") for encoding in _LEGACY), key=_plausibility)


def _without_mark(data: bytes) -> tuple[str, ...]:
    # In UTF-16 each Latin letter, digit and separator has a zero on the same side of it.
    head = data[:_HEAD]
    first, second = head[::2].count(0), head[1::2].count(0)
    if len(data) % 2 or not first + second:
        return ("utf-8",)
    if second > _ONE_SIDED * first:
        return ("utf-16-le",)
    return ("utf-16-be",) if first > _ONE_SIDED * second else ("utf-8",)


def _plausibility(text: str) -> float:
    """How many of the words with foreign letters look written, not garbled."""
    words = [word for word in _WORD.findall(text[: 16 * _HEAD]) if not word.isascii()]
    good = sum(_looks_written(word) for word in words)
    return (good + 1) / (len(words) + 2)


def _looks_written(word: str) -> bool:
    """One script, and no capital after a small letter."""
    if any(b.isupper() and a.islower() for a, b in pairwise(word)):
        return False
    return any(all(inside(char) for char in word) for inside in _SCRIPTS)


def _between(first: str, last: str) -> Callable[[str], bool]:
    return lambda char: first <= char <= last


_SCRIPTS = (_between("\u0600", "\u06ff"), _between("\u0370", "\u03ff"), _between("A", "\u024f"))
