"""vCards as phones, Google and Outlook export them, and as no program should."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.reading.client import preview_sheet, read_sheet
from screenpop.spreadsheets.reading.text_encoding import DecodedText
from screenpop.spreadsheets.reading.vcard_reader import COLUMNS, open_vcards
from screenpop.spreadsheets.rows.errors import RowProblem, SheetRefusedError
from screenpop.spreadsheets.rows.rows import DAMAGED_CARD
from tests.spreadsheets.real_files import CARDS, expected, import_context


@pytest.mark.anyio
@pytest.mark.parametrize("file", CARDS, ids=lambda file: file.stem)
async def test_every_card_is_what_a_person_expects(file: Path) -> None:
    reported, rows = expected(file)
    drafts: dict[int, CustomerDraft] = {}
    problems: list[RowProblem] = []
    async with read_sheet(file, import_context(reported)) as sheet:
        async for part in sheet.parts():
            drafts.update({row.line: row.draft for row in part.rows})
            problems += part.problems

    assert sheet.look.kind == "vcard"
    assert drafts == {row["line"]: draft_from_json(row["draft"]) for row in rows if row["draft"]}
    assert [[one.line, one.column, one.code, one.weight.value] for one in problems] == [
        [row["line"], *problem] for row in rows for problem in row.get("problems", [])
    ]


@pytest.mark.anyio
async def test_a_look_counts_the_cards() -> None:
    [file] = [card for card in CARDS if card.stem == "google-en"]

    look = await preview_sheet(file, import_context(expected(file)[0]))

    assert (look.kind, look.rows, look.headings_line) == ("vcard", 4, 0)
    assert tuple(column.field for column in look.columns) == COLUMNS


def rows(text: str) -> list[dict[Field, str]]:
    book = open_vcards(DecodedText(text), "cards")
    return [
        {field: cell for field, cell in zip(COLUMNS, row.cells, strict=True) if cell}
        for row in book.tables[0].rows()
    ]


def card(*lines: str, version: str = "3.0") -> str:
    return "\n".join(["BEGIN:VCARD", f"VERSION:{version}", "N:Karimi;Laleh", *lines, "END:VCARD\n"])


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("TEL:0912", Field.PHONE),
        ("TEL;TYPE=CELL:0912", Field.MOBILE),
        ("TEL;TYPE=cell,voice:0912", Field.MOBILE),
        ('TEL;TYPE="voice,work":0912', Field.WORK_PHONE),
        ("TEL;HOME;VOICE:0912", Field.HOME_PHONE),
        ("item1.TEL;type=pref:0912", Field.PHONE),
        ("TEL;VALUE=uri;TYPE=work:tel:0912;ext=5", Field.WORK_PHONE),
    ],
)
def test_each_number_is_in_the_column_of_its_kind(line: str, column: Field) -> None:
    assert rows(card(line))[0][column] == "0912"


@pytest.mark.parametrize("kind", ["FAX", "WORK;FAX", "PAGER"])
def test_a_number_without_calls_is_only_noted(kind: str) -> None:
    [read] = rows(card(f"TEL;{kind}:0912"))

    assert read.keys().isdisjoint({Field.PHONE, Field.MOBILE, Field.WORK_PHONE, Field.HOME_PHONE})
    assert read[Field.NOTES] == "fax 0912"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("BDAY:1986-08-03", "1986-08-03"),
        ("BDAY:19860803", "19860803"),
        ("BDAY;VALUE=date-time:1986-08-03T00:00:00Z", "1986-08-03"),
        ("BDAY:--0803", "03/08"),
        ("BDAY:--08-03", "03/08"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-08-03", "03/08"),
    ],
)
def test_birthdays_are_read_as_each_program_writes_them(line: str, day: str) -> None:
    assert rows(card(line))[0][Field.BIRTHDAY] == day


def test_pictures_are_not_read() -> None:
    picture = "\n ".join(["PHOTO;ENCODING=b;TYPE=JPEG:", *["/9j/4AAQ" * 9] * 4000])

    [read] = rows(card(picture, "TEL:0912"))

    assert read == {Field.GIVEN: "Laleh", Field.FAMILY: "Karimi", Field.PHONE: "0912"}


def test_a_card_inside_a_card_is_not_that_person() -> None:
    inner = card("TEL:0913").rstrip()

    [read] = rows(card("TEL:0912", "AGENT:", inner, "NOTE:tea"))

    assert read[Field.PHONE] == "0912"
    assert read[Field.NOTES] == "tea"


def test_cards_in_a_thousand_cards_are_refused_without_recursion() -> None:
    deep = "".join(f"BEGIN:VCARD\nVERSION:2.1\nN:A{n};B\nAGENT:\n" for n in range(5000))

    with pytest.raises(SheetRefusedError) as refused:
        open_vcards(DecodedText(deep + "END:VCARD\n" * 2), "cards")

    assert refused.value.code == "damaged"


def test_a_card_that_never_ends_is_reported_and_the_next_is_read() -> None:
    cut, whole = "BEGIN:VCARD\nVERSION:3.0\nN:Cut;Off\n", card("TEL:0912")

    first, second = rows(cut + whole)

    assert first == {COLUMNS[0]: DAMAGED_CARD}
    assert second[Field.GIVEN] == "Laleh"


def test_a_card_as_long_as_a_book_is_damaged_and_not_read() -> None:
    endless = "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=41=\n" * 50_000

    first, second = rows(card(endless, version="2.1") + card("TEL:0912"))

    assert first == {COLUMNS[0]: DAMAGED_CARD}
    assert second[Field.PHONE] == "0912"


def test_text_without_a_whole_card_is_damaged() -> None:
    with pytest.raises(SheetRefusedError) as refused:
        open_vcards(DecodedText("BEGIN:VCARD\nN:A;B\n"), "cards")

    assert refused.value.code == "damaged"


names = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=15)


@given(st.lists(st.tuples(names, names), min_size=1, max_size=5))
def test_each_card_is_one_row_with_its_own_name(people: list[tuple[str, str]]) -> None:
    cards = [
        f"BEGIN:VCARD\nVERSION:3.0\nN:{family};{given}\nEND:VCARD\n" for given, family in people
    ]

    read = rows("".join(cards))

    assert [(row[Field.GIVEN], row[Field.FAMILY]) for row in read] == people


lines = st.one_of(
    st.sampled_from(
        [
            "BEGIN:VCARD",
            "END:VCARD",
            "VERSION:2.1",
            "AGENT:",
            "N:;;;",
            "N;CHARSET=x;ENCODING=QUOTED-PRINTABLE:=",
            "TEL;X-CUSTOM(",
            "BDAY:--99",
            " folded",
            "=",
            "item1.",
        ]
    ),
    st.text(max_size=30),
)


@given(st.lists(lines, max_size=12).map("\n".join))
def test_any_text_in_a_card_is_read_or_damaged(text: str) -> None:
    with suppress(SheetRefusedError):
        read = list(
            open_vcards(DecodedText(f"{text}\n{card('TEL:0912')}"), "cards").tables[0].rows()
        )

        assert all(len(row.cells) == len(COLUMNS) for row in read)
        assert [row.line for row in read] == sorted({row.line for row in read})
