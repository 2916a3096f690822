"""Detection of the file type by its bytes, never by its name."""

import codecs
from enum import StrEnum

from screenpop.spreadsheets.rows.errors import SheetRefusedError

HEAD = 4096
"""Bytes needed for the detection."""


class FileType(StrEnum):
    ZIPPED = "zipped"
    """XLSX, XLSM, XLSB or ODS; ``zip_checks`` distinguishes them."""
    XLS = "xls"
    TEXT = "text"
    """CSV, TSV and the like."""
    VCARD = "vcard"
    JSON = "json"
    """A board of Trello; other JSON is refused when it is opened."""
    WEB_PAGE = "web_page"
    """Many programs export their tables so, and call them ``.xls``."""
    XML = "xml"
    """Excel 2003 XML."""


_ELSE = (
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"),
    (b"%PDF", "document"),
    (b"{\\rtf", "document"),
    (b"%!PS", "document"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\0", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"MSCF", "archive"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"SQLite format 3\0", "database"),
    (b"\x00\x01\x00\x00Standard ", "database"),
    # BIFF2 to BIFF4: Excel before 1993, sheets without a container.
    (b"\x09\x00\x04\x00", "old_excel"),
    (b"\x09\x02\x06\x00", "old_excel"),
    (b"\x09\x04\x06\x00", "old_excel"),
)
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGES = tuple(
    f"<{tag}"
    for tag in (
        *("!doctype html", "html", "table", "head", "meta", "body", "div", "style", "center"),
        *("font", "title", "!--"),
    )
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def detect_file_type(head: bytes) -> FileType:
    """Return the type of a file by its first bytes. Raises ``SheetRefusedError`` for other files.

    An executable that is called ``customers.xlsx`` is detected as an executable.
    """
    if head.startswith(_ZIP):
        return FileType.ZIPPED
    if head.startswith(_OLE):
        return FileType.XLS
    if head.startswith(_EMPTY_ZIP):
        raise SheetRefusedError("empty")
    for magic, code in _ELSE:
        if head.startswith(magic):
            raise SheetRefusedError(code)
    return _kind_of_text(_first_letters(head))


def _first_letters(head: bytes) -> str:
    """Return the ASCII beginning, without byte order mark, blanks, and the zeros of UTF-16."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").decode("ascii", "ignore").lstrip().casefold()


def _kind_of_text(text: str) -> FileType:
    if text.startswith("begin:vcard"):
        return FileType.VCARD
    if text.startswith(_PAGES):
        return FileType.WEB_PAGE
    if text.startswith("{") and '":' in text:
        return FileType.JSON
    if text.startswith("[{") and '":' in text:
        raise SheetRefusedError("json")
    if text.startswith("<?xml"):
        if "<html" in text:
            return FileType.WEB_PAGE
        if "urn:schemas-microsoft-com:office:spreadsheet" in text:
            return FileType.XML
        raise SheetRefusedError("xml")
    return FileType.TEXT
