"""Opens a file as a workbook, in this process; ``client`` does it in another one."""

from pathlib import Path

from screenpop.spreadsheets.reading.file_type import HEAD, FileType, detect_file_type
from screenpop.spreadsheets.reading.text_encoding import decode_text, read_bytes, text_of
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import Workbook


def open_workbook(path: Path) -> Workbook:
    """Return the workbook. Raises ``SheetRefusedError`` for no sheet, or a harmful one."""
    return workbook_from_bytes(read_bytes(path), path.stem)


def workbook_from_bytes(data: bytes, name: str) -> Workbook:
    """Return the workbook of these bytes; ``name`` is for a sheet without a name of its own."""
    if not data:
        raise SheetRefusedError("empty")
    # Each library is imported for its own files only, so that a refusal comes at once.
    match detect_file_type(data[:HEAD]):
        case FileType.ZIPPED:
            from screenpop.spreadsheets.reading.excel_reader import open_zipped

            return open_zipped(data)
        case FileType.XLS:
            from screenpop.spreadsheets.reading.excel_reader import open_xls

            return open_xls(data)
        case FileType.VCARD:
            from screenpop.spreadsheets.reading.vcard_reader import open_vcards

            return open_vcards(decode_text(data), name)
        case FileType.JSON:
            from screenpop.spreadsheets.reading.trello_reader import open_board

            return open_board(text_of(data), name)
        case FileType.WEB_PAGE:
            from screenpop.spreadsheets.reading.markup_reader import open_web_tables

            return open_web_tables(text_of(data), name)
        case FileType.XML:
            from screenpop.spreadsheets.reading.markup_reader import open_xml_workbook

            return open_xml_workbook(text_of(data))
        case FileType.TEXT:
            from screenpop.spreadsheets.reading.csv_reader import open_delimited

            return open_delimited(decode_text(data), name)
