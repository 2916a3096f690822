"""A file on disk, opened as sheets of rows. In this process: ``reader`` does it in another."""

from pathlib import Path

from screenpop.spreadsheets.kinds import HEAD, Kind, kind_of
from screenpop.spreadsheets.problems import SheetRefusedError
from screenpop.spreadsheets.tables import Book
from screenpop.spreadsheets.text_file import read_bytes, text_of


def open_book(path: Path) -> Book:
    """Raises ``SheetRefusedError`` for what is no sheet, or one that does harm."""
    return book_of(read_bytes(path), path.stem)


def book_of(data: bytes, name: str) -> Book:
    """The same from the bytes of a file; ``name`` for a sheet that has none of its own."""
    if not data:
        raise SheetRefusedError("empty")
    # Each library is loaded for its own files only: a refusal shall come at once.
    match kind_of(data[:HEAD]):
        case Kind.ZIPPED:
            from screenpop.spreadsheets.workbooks import open_zipped

            return open_zipped(data)
        case Kind.XLS:
            from screenpop.spreadsheets.workbooks import open_xls

            return open_xls(data)
        case Kind.VCARD:
            from screenpop.spreadsheets.vcards import open_vcards

            return open_vcards(text_of(data), name)
        case Kind.TEXT:
            from screenpop.spreadsheets.delimited import open_delimited

            return open_delimited(text_of(data), name)
