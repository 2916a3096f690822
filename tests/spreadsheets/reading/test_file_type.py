"""What a file really is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.file_type import FileType, detect_file_type
from screenpop.spreadsheets.rows.errors import REFUSALS, SheetRefusedError


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\3\4....", FileType.ZIPPED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileType.XLS),
        (b"\xef\xbb\xbf\r\nBEGIN:vCard\r\n", FileType.VCARD),
        ("BEGIN:VCARD".encode("utf-16"), FileType.VCARD),
        (b"name,phone", FileType.TEXT),
        (b"<?xml version='1.0'?><html/>", FileType.WEB_PAGE),
        (b" <!DOCTYPE html>", FileType.WEB_PAGE),
        ("<TABLE>".encode("utf-16"), FileType.WEB_PAGE),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            FileType.XML,
        ),
    ],
)
def test_a_kind_is_known_by_its_bytes(head: bytes, kind: FileType) -> None:
    assert detect_file_type(head) is kind


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"MZ\x90", "program"),
        (b"#!/bin/sh", "program"),
        (b"%PDF-1.7", "document"),
        (b"\x89PNG\r\n", "picture"),
        (b"SQLite format 3\0", "database"),
        (b"<?xml version='1.0'?><x/>", "xml"),
        (b"PK\5\6", "empty"),
        (b"\x09\x08\x10\0", ""),
    ],
)
def test_whatever_is_no_list_is_called_by_its_name(head: bytes, code: str) -> None:
    if not code:
        assert detect_file_type(head) is FileType.TEXT
        return
    with pytest.raises(SheetRefusedError) as refused:
        detect_file_type(head)
    assert refused.value.code == code


@given(st.binary(max_size=64))
def test_any_bytes_have_a_kind_or_a_refusal(head: bytes) -> None:
    try:
        assert detect_file_type(head) in FileType
    except SheetRefusedError as refused:
        code = refused.code
        assert code in REFUSALS
