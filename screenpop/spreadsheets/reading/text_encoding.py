"""Detection of the encoding of text files."""

import codecs
import itertools
import os
import re
import stat
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
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
_LINES_JUDGED = 500
_CELLS = re.compile(rb"([,;\t|])")
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


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file, and its lines that were in another encoding than most others."""

    text: str
    other_lines: Sequence[int] = ()
    """Numbers of lines, counted from 1, ascending."""

    def has_other_encoding(self, first: int, last: int) -> bool:
        """Return whether one of these lines was in another encoding than most others."""
        lines = self.other_lines
        return bool(lines) and bisect_left(lines, first) < bisect_left(lines, last + 1)


def text_of(data: bytes) -> str:
    """Return the text of a CSV or vCard file; see ``decode_text``."""
    return decode_text(data).text


def decode_text(data: bytes) -> DecodedText:
    """Return the text of a CSV or vCard file. Raises ``SheetRefusedError`` for what is not text.

    UTF-8 and UTF-16 by byte order mark or byte pattern; else Windows' Arabic (cp1256), Greek
    (cp1253) or Western (cp1252) encoding, whichever gives plausible words. Where only some lines
    are UTF-8, as after two exports were put together, each line is decoded by its own bytes.
    """
    if not data.strip():
        raise SheetRefusedError("empty")
    decoded = _decoded(data)
    head = decoded.text[:_JUDGED]
    controls = sum(_is_control(char) for char in head)
    if "\0" in decoded.text or controls > 2 + _MOST_CONTROLS * len(head):
        raise SheetRefusedError("not_text")
    return decoded


def _is_control(char: str) -> bool:
    return char not in "\r\n\t\v\f" and unicodedata.category(char) == "Cc"


def _decoded(data: bytes) -> DecodedText:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            data, likely = data[len(mark) :], encoding
            break
    else:
        likely = _without_mark(data)
    try:
        return DecodedText(data.decode(likely))
    except UnicodeDecodeError:
        if likely != "utf-8":
            return DecodedText(data.decode(likely, "replace"))
    return _decode_lines(data)


def _decode_lines(data: bytes) -> DecodedText:
    """Decode text that is not UTF-8 as a whole: each line as UTF-8, else as the legacy encoding."""
    lines = data.splitlines(keepends=True)  # of bytes: at CR, LF and CRLF only, as CSV has them
    foreign = [place for place, line in enumerate(lines) if not line.isascii()]
    invalid = [place for place in foreign if not _is_valid(lines[place])]
    if len(invalid) == len(foreign) and not any(
        _has_utf8(lines[place]) for place in invalid[:_LINES_JUDGED]
    ):
        encoding = _legacy_encoding(data)
        return DecodedText(data.decode(encoding, "replace"))
    legacy = [place for place in invalid if not all(map(_is_utf8, _CELLS.split(lines[place])))]
    encoding = _legacy_encoding(b"".join(lines[place] for place in legacy[:_LINES_JUDGED]))
    for place in legacy:
        cells = _CELLS.split(lines[place])
        texts = [cell.decode("utf-8" if _is_utf8(cell) else encoding, "replace") for cell in cells]
        lines[place] = "".join(texts).encode()
    fewer = set(legacy)
    if 2 * len(legacy) > len(foreign):
        fewer = set(foreign) - fewer or fewer
    return DecodedText(
        b"".join(lines).decode("utf-8", "replace"), sorted(place + 1 for place in fewer)
    )


def _is_valid(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_utf8(line: bytes) -> bool:
    return any(not cell.isascii() and _is_utf8(cell) for cell in _CELLS.split(line))


def _is_utf8(cell: bytes) -> bool:
    """Return whether it is UTF-8, perhaps truncated: of its foreign characters most are valid.

    Letters of no other encoding follow each other as UTF-8's bytes do.
    """
    if _is_valid(cell):
        return True
    text = cell.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(not char.isascii() for char in text) > 2 * broken


def _legacy_encoding(data: bytes) -> str:
    heads = {encoding: data[: 4 * _JUDGED].decode(encoding, "replace") for encoding in _LEGACY}
    return max(_LEGACY, key=lambda encoding: _plausibility(heads[encoding]))


def _without_mark(data: bytes) -> str:
    # In UTF-16 each Latin letter, digit and separator has a zero on the same side of it.
    head = data[:_HEAD]
    first, second = head[::2].count(0), head[1::2].count(0)
    if len(data) % 2 or not first + second:
        return "utf-8"
    if second > _ONE_SIDED * first:
        return "utf-16-le"
    return "utf-16-be" if first > _ONE_SIDED * second else "utf-8"


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
