"""Checks of a zipped sheet before any library opens it.

XLSX and ODS are ZIP files of XML. A few kilobytes can unpack to terabytes, by a high ratio, by a
wrong declared size, or by many entries that share the same bytes
(https://www.bamsoftware.com/hacks/zipbomb/), and XML can refer to other files (CVE-2017-5992). So
the central directory is checked first, and then every entry is unpacked once, only to be counted
and scanned.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from screenpop.spreadsheets.rows.errors import SheetRefusedError

MOST_ENTRIES = 2_000
MOST_CONTENTS = 1024 * 1024
"""Bytes of the central directory."""
MOST_UNPACKED = 300 * 1024 * 1024
HIGHEST_RATIO = 250
"""Compression ratio; the XML of a sheet of equal rows compresses to a hundredth."""
_SMALL = 4 * 1024 * 1024
"""Bytes; below this no ratio does any harm."""
_STEP = 256 * 1024

_END = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1

_MARKUP = (b"<!", b"<\0!\0")
"""The beginning of a DTD, in ASCII and in UTF-16 of either byte order."""
_FORBIDDEN = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_LONGEST_FORBIDDEN = max(map(len, _FORBIDDEN))


class Zipped(StrEnum):
    XLSX = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    """Offset of its compressed bytes in the file."""
    packed: int
    size: int
    """Declared uncompressed size in bytes."""
    deflated: bool


class CheckedZip:
    """The entries of a ZIP file that has passed the checks."""

    def __init__(self, file: BinaryIO) -> None:
        """Check the file. Raises ``SheetRefusedError`` when a check fails."""
        self._file = file
        self._entries = _entries(file)
        self.kind = self._kind()
        for name in self._entries:
            self._look_through(name)

    def names(self) -> list[str]:
        return list(self._entries)

    def unpacked(self, name: str) -> Iterator[bytes]:
        """Yield an entry in pieces, of exactly the declared size. Raises ``SheetRefusedError``."""
        entry = self._entries.get(name)
        if entry is None:
            raise SheetRefusedError("damaged")
        count = 0
        for piece in self._pieces(entry):
            count += len(piece)
            if count > entry.size:
                raise SheetRefusedError("bomb")
            yield piece
        if count < entry.size:
            raise SheetRefusedError("damaged")

    def _pieces(self, entry: _Entry) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        left, at = entry.packed, entry.start
        while left > 0:
            self._file.seek(at)
            packed = self._file.read(min(left, _STEP))
            if not packed:
                raise SheetRefusedError("damaged")
            left, at = left - len(packed), at + len(packed)
            if entry.deflated:
                yield from _inflated(unpacker, packed)
            else:
                yield packed

    def _kind(self) -> Zipped:
        names = self._entries.keys()
        if "xl/workbook.xml" in names:
            return Zipped.XLSX
        if "xl/workbook.bin" in names:
            return Zipped.XLSB
        if "content.xml" in names and "mimetype" in names:
            self._check_open_document()
            return Zipped.ODS
        raise SheetRefusedError("document" if "[Content_Types].xml" in names else "archive")

    def _check_open_document(self) -> None:
        declared = next(self.unpacked("mimetype"), b"")
        if not declared.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            raise SheetRefusedError("document")
        manifest = "META-INF/manifest.xml"
        if manifest in self._entries and any(
            b"encryption-data" in piece for piece in self.unpacked(manifest)
        ):
            raise SheetRefusedError("encrypted")

    def _look_through(self, name: str) -> None:
        """Unpack an entry once to check it, without keeping anything."""
        is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
        tail = b""
        for piece in self.unpacked(name):
            if is_xml:
                _check_markup(tail + piece)
                tail = piece[-_LONGEST_FORBIDDEN:]


def _inflated(unpacker: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    while packed:
        try:
            piece = unpacker.decompress(packed, _STEP)
        except zlib.error as error:
            raise SheetRefusedError("damaged") from error
        packed = unpacker.unconsumed_tail
        if piece:
            yield piece
        elif unpacker.eof:
            return


def _check_markup(text: bytes) -> None:
    if any(mark in text for mark in _MARKUP) and any(word in text for word in _FORBIDDEN):
        raise SheetRefusedError("external_entities")


def _entries(file: BinaryIO) -> dict[str, _Entry]:
    _check_contents(file)
    try:
        with zipfile.ZipFile(file) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise SheetRefusedError("damaged") from error
    _check_listed(listed)
    entries: dict[str, _Entry] = {}
    free = 0
    for info in sorted(listed, key=lambda info: info.header_offset):
        start = _start(file, info.header_offset)
        if info.header_offset < free or info.filename in entries:
            raise SheetRefusedError("bomb")  # every entry has bytes and a name of its own
        free = start + info.compress_size
        deflated = info.compress_type == zipfile.ZIP_DEFLATED
        entries[info.filename] = _Entry(start, info.compress_size, info.file_size, deflated)
    return entries


def _start(file: BinaryIO, offset: int) -> int:
    if offset < 0:
        raise SheetRefusedError(
            "damaged"
        )  # zipfile compensates a wrong offset of the central directory
    file.seek(offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise SheetRefusedError("damaged")
    *_, name, extra = _LOCAL.unpack(head)
    return offset + _LOCAL.size + int(name) + int(extra)


def _check_contents(file: BinaryIO) -> None:
    """Check the size of the central directory, given at the end of the file, before reading it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise SheetRefusedError("damaged")
    _, _, _, _, entries, contents, _, _ = _END.unpack_from(tail, at)
    # Also the marker that the real number is elsewhere (ZIP64), which no sheet needs.
    if entries > MOST_ENTRIES or contents > MOST_CONTENTS:
        raise SheetRefusedError("bomb")


def _check_listed(listed: list[zipfile.ZipInfo]) -> None:
    for info in listed:
        if info.flag_bits & _ENCRYPTED:
            raise SheetRefusedError("encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetRefusedError("damaged")
        if info.file_size > max(_SMALL, HIGHEST_RATIO * info.compress_size):
            raise SheetRefusedError("bomb")
    if len(listed) > MOST_ENTRIES or sum(info.file_size for info in listed) > MOST_UNPACKED:
        raise SheetRefusedError("bomb")
