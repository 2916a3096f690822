"""Limits of the readers of files: each at the limit, and one beside it."""

import base64
import io
import random
import struct
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from python_calamine import CalamineSheet

from screenpop.spreadsheets.reading import formula_cells, text_encoding, vcard_reader, zip_checks
from screenpop.spreadsheets.reading.excel_reader import _check_size
from screenpop.spreadsheets.reading.zip_checks import CheckedZip
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import DAMAGED_CARD, MAX_ROWS
from tests.spreadsheets.hostile import sheet_xml, xlsx, zipped

MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"


def code_of(refused: pytest.ExceptionInfo[SheetRefusedError]) -> str:
    return refused.value.code


@pytest.mark.parametrize(("size", "is_read"), [(999, True), (1000, True), (1001, False)])
def test_a_file_as_long_as_the_limit_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, is_read: bool
) -> None:
    assert text_encoding.MOST_BYTES == 128 * MEGABYTE
    monkeypatch.setattr(text_encoding, "MOST_BYTES", 1000)
    path = tmp_path / "list.csv"
    path.write_bytes(b"x" * size)
    if is_read:
        assert len(text_encoding.read_bytes(path)) == size
        return
    with pytest.raises(SheetRefusedError) as refused:
        text_encoding.read_bytes(path)
    assert code_of(refused) == "too_big"


@pytest.mark.parametrize(("controls", "is_text"), [(3, True), (4, True), (5, False)])
def test_a_text_of_a_thousand_characters_has_at_most_four_controls(
    controls: int, is_text: bool
) -> None:
    data = b"\x01" * controls + b"x" * (1000 - controls)
    if is_text:
        assert text_encoding.text_of(data) == data.decode()
        return
    with pytest.raises(SheetRefusedError) as refused:
        text_encoding.text_of(data)
    assert code_of(refused) == "not_text"


@pytest.mark.parametrize(("zeros", "is_utf16"), [(9, False), (10, False), (11, True)])
def test_utf16_has_more_than_ten_times_as_many_zeros_on_one_side(
    zeros: int, is_utf16: bool
) -> None:
    pairs = [b"\0x", *[b"x\0"] * zeros, *[b"xx"] * 20]
    little = b"".join(pairs)
    big = b"".join(pair[::-1] for pair in pairs)
    found = [text_encoding._without_mark(data) for data in (little, big)]
    assert found == (["utf-16-le", "utf-16-be"] if is_utf16 else ["utf-8", "utf-8"])


@pytest.mark.parametrize(("letters", "is_utf8"), [(1, False), (2, True), (3, True)])
def test_fewer_than_half_of_the_foreign_characters_of_a_cell_may_be_broken(
    letters: int, is_utf8: bool
) -> None:
    assert text_encoding._is_utf8("α".encode() * letters + b"\xff") is is_utf8


@pytest.mark.parametrize("before", [499, 500])
def test_cells_in_utf8_of_the_first_500_legacy_lines_show_a_mixed_file(before: int) -> None:
    legacy = ("Νίκος\n" * before).encode("cp1253")
    text = text_encoding.text_of(legacy + "Άννα,".encode() + "Ρόδος\n".encode("cp1253"))
    assert text.endswith("Άννα,Ρόδος\n") is (before == 499)


@pytest.mark.parametrize(
    ("word", "looks_written"), [("éèabc", True), ("éèàab", True), ("éèàêùabc", False)]
)
def test_two_of_five_letters_of_a_western_word_are_plain(word: str, looks_written: bool) -> None:
    assert (text_encoding._looks_written(word) > 0) is looks_written


@pytest.mark.parametrize(("cards", "is_read"), [(2, True), (3, True), (4, False)])
def test_as_many_cards_as_the_limit_are_read(
    monkeypatch: pytest.MonkeyPatch, cards: int, is_read: bool
) -> None:
    assert MAX_ROWS == 1_000_000
    monkeypatch.setattr(vcard_reader, "MAX_ROWS", 3)
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD\n" * cards
    if is_read:
        assert len(list(vcard_reader._rows(text, text_encoding.DecodedText(text)))) == cards
        return
    with pytest.raises(SheetRefusedError) as refused:
        list(vcard_reader._rows(text, text_encoding.DecodedText(text)))
    assert code_of(refused) == "too_many_rows"


def nested(depth: int) -> str:
    inside = f"AGENT:\n{nested(depth - 1)}" if depth > 1 else ""
    return f"BEGIN:VCARD\nFN:Ann\n{inside}END:VCARD\n"


@pytest.mark.parametrize(("depth", "is_whole"), [(3, True), (4, True), (5, False)])
def test_cards_within_cards_are_read_four_deep(depth: int, is_whole: bool) -> None:
    cards = [card for _, card in vcard_reader._cards(nested(depth))]
    assert (cards[0] is not None) is is_whole
    assert (len(cards) == 1) is is_whole


@pytest.mark.parametrize(("length", "is_read"), [(99_999, True), (100_000, True), (100_001, False)])
def test_a_card_has_at_most_a_hundred_thousand_characters(length: int, is_read: bool) -> None:
    begin, end = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nNOTE:", "\nEND:VCARD"
    card = begin + "x" * (length - len(begin) - len(end)) + end
    assert len(card) == length
    assert (vcard_reader._cells(card)[0] != DAMAGED_CARD) is is_read


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (256, 1, ""),
        (1, 1_100_000, ""),
        (1, 1_100_001, "too_many_rows"),
        (200, 100_000, ""),
        (200, 100_001, "oversized"),
    ],
)
def test_a_sheet_is_as_wide_and_high_as_memory_bears(width: int, height: int, code: str) -> None:
    sheet = cast(CalamineSheet, SimpleNamespace(width=width, height=height))
    if not code:
        _check_size(sheet)
        return
    with pytest.raises(SheetRefusedError) as refused:
        _check_size(sheet)
    assert code_of(refused) == code


def listed(*sizes: tuple[int, int]) -> list[zipfile.ZipInfo]:
    """Entries by uncompressed and compressed size."""
    entries = []
    for number, (size, packed) in enumerate(sizes):
        entry = zipfile.ZipInfo(f"{number}.xml")
        entry.file_size, entry.compress_size = size, packed
        entries.append(entry)
    return entries


@pytest.mark.defends("sheet-sandbox")
@pytest.mark.parametrize(
    ("entries", "is_accepted"),
    [
        (listed(*[(1, 1)] * 2000), True),
        (listed(*[(1, 1)] * 2001), False),
        (listed((4 * MEGABYTE, 1)), True),
        (listed((4 * MEGABYTE + 1, 1)), False),
        (listed((250 * 20_000, 20_000)), True),
        (listed((250 * 20_000 + 1, 20_000)), False),
        (listed(*[(4 * MEGABYTE, 1)] * 75), True),
        (listed(*[(4 * MEGABYTE, 1)] * 75, (1, 1)), False),
    ],
)
def test_the_entries_of_an_archive_are_few_and_small(
    entries: list[zipfile.ZipInfo], is_accepted: bool
) -> None:
    if is_accepted:
        zip_checks._check_listed(entries)
        return
    with pytest.raises(SheetRefusedError) as refused:
        zip_checks._check_listed(entries)
    assert code_of(refused) == "bomb"


def end_of_archive(entries: int, contents: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, contents, 0, 0)


@pytest.mark.defends("sheet-sandbox")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (end_of_archive(2000, MEGABYTE), ""),
        (end_of_archive(2001, MEGABYTE), "bomb"),
        (end_of_archive(2000, MEGABYTE + 1), "bomb"),
        (end_of_archive(1, 1)[:-1], "damaged"),
    ],
)
def test_the_contents_of_an_archive_are_whole_and_small(data: bytes, code: str) -> None:
    if not code:
        zip_checks._check_contents(io.BytesIO(data))
        return
    with pytest.raises(SheetRefusedError) as refused:
        zip_checks._check_contents(io.BytesIO(data))
    assert code_of(refused) == code


def test_an_entry_begins_with_thirty_bytes() -> None:
    assert zip_checks._start(io.BytesIO(b"\0" * 30), 0) == 30
    with pytest.raises(SheetRefusedError):
        zip_checks._start(io.BytesIO(b"\0" * 29), 0)


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_part_that_is_parsed_whole_has_at_most_four_megabytes(beside: int) -> None:
    text = base64.b64encode(random.Random(1).randbytes(3 * MEGABYTE))
    part = b"<x>" + text[: 4 * MEGABYTE + beside - 7] + b"</x>"
    archive = CheckedZip(io.BytesIO(xlsx(sheet_xml(""), {"xl/part.xml": part})))
    if beside <= 0:
        assert formula_cells._tree(archive, "xl/part.xml").tag == "x"
        return
    with pytest.raises(SheetRefusedError) as refused:
        formula_cells._tree(archive, "xl/part.xml")
    assert code_of(refused) == "bomb"


def test_formulas_are_counted_until_there_are_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sheet comes in pieces of 256 kB: the piece in which the limit is passed is the last."""
    assert formula_cells.MAX_REPORTED == 100_000
    monkeypatch.setattr(formula_cells, "MAX_REPORTED", 2)
    formula = '<row r="{0}"><c r="A{0}"><f>1</f><v>1</v></c></row>'.format
    padding = " " * 300_000
    rows = formula(1) + formula(2) + padding + formula(3) + padding + formula(4)
    archive = CheckedZip(io.BytesIO(xlsx(sheet_xml(rows))))
    assert sorted(formula_cells._in_excel(archive, SHEET)) == [0, 1, 2]


ODS = "application/vnd.oasis.opendocument.spreadsheet"


def test_formulas_of_an_open_document_are_counted_until_there_are_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(formula_cells, "MAX_REPORTED", 2)
    names = ["office", "table"]
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names
    )
    row = '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>'
    padding = " " * 300_000
    rows = row + row + padding + row + padding + row
    table = f'<table:table table:name="List">{rows}</table:table>'
    content = f"<office:document-content {spaces}>{table}</office:document-content>"
    archive = CheckedZip(io.BytesIO(zipped({"mimetype": ODS, "content.xml": content})))
    assert sorted(formula_cells._in_open_document(archive, "List")) == [0, 1, 2]
