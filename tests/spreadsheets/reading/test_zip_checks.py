"""A zipped sheet, looked through before anything opens it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading.zip_checks import CheckedZip, Zipped
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from tests.spreadsheets.hostile import sheet_xml, text_row, xlsx, zipped

SHEET = "xl/worksheets/sheet1.xml"
GOOD = xlsx(sheet_xml(text_row(1, "Name", "Phone")))
ODS = "application/vnd.oasis.opendocument.spreadsheet"


@given(st.binary(max_size=3000))
def test_what_was_packed_is_unpacked(data: bytes) -> None:
    archive = CheckedZip(io.BytesIO(xlsx(b"<x/>", {"xl/media/a.bin": data})))

    assert archive.kind is Zipped.XLSX
    assert b"".join(archive.unpacked("xl/media/a.bin")) == data


def test_open_documents_are_recognised_by_their_own_type() -> None:
    assert (
        CheckedZip(io.BytesIO(zipped({"mimetype": ODS, "content.xml": "<x/>"}))).kind is Zipped.ODS
    )
    with pytest.raises(SheetRefusedError) as refused:
        CheckedZip(io.BytesIO(zipped({"mimetype": "text", "content.xml": "<x/>"})))
    assert refused.value.code == "document"


def test_what_is_not_in_it_cannot_be_unpacked() -> None:
    with pytest.raises(SheetRefusedError):
        list(CheckedZip(io.BytesIO(GOOD)).unpacked("xl/none.xml"))


@given(st.data())
def test_a_damaged_archive_is_refused_or_read_and_never_anything_else(data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))

    for bytes_ in (bytes(damaged), bytes(damaged[:cut])):
        try:
            CheckedZip(io.BytesIO(bytes_))
        except SheetRefusedError:
            continue
