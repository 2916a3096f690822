"""A file on disk, opened as sheets of rows. In this process: ``reader`` does it in another."""

from pathlib import Path

from screenpop.spreadsheets.reading.file_type import HEAD, FileType, detect_file_type
from screenpop.spreadsheets.reading.text_encoding import read_bytes, text_of
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import Workbook


def open_workbook(path: Path) -> Workbook:
    """Raises ``SheetRefusedError`` for what is no sheet, or one that does harm."""
    return workbook_from_bytes(read_bytes(path), path.stem)


def workbook_from_bytes(data: bytes, name: str) -> Workbook:
    """The same from the bytes of a file; ``name`` for a sheet that has none of its own."""
    if not data:
        raise SheetRefusedError("empty")
    # Each library is loaded for its own files only: a refusal shall come at once.
    match detect_file_type(data[:HEAD]):
        case FileType.ZIPPED:
            from screenpop.spreadsheets.reading.excel_reader import open_zipped

            return open_zipped(data)
        case FileType.XLS:
            from screenpop.spreadsheets.reading.excel_reader import open_xls

            return open_xls(data)
        case FileType.VCARD:
            from screenpop.spreadsheets.reading.vcard_reader import open_vcards

            return open_vcards(text_of(data), name)
        case FileType.TEXT:
            from screenpop.spreadsheets.reading.csv_reader import open_delimited

            return open_delimited(text_of(data), name)
