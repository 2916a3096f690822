"""What a file really is, and how it was encoded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading import text_encoding
from screenpop.spreadsheets.reading.text_encoding import decode_text, read_bytes, text_of
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from tests.spreadsheets.sheet_outcomes import outcomes

letters = st.text(st.characters(categories=["L", "Nd"], exclude_characters="\0"), max_size=60)


@given(letters)
def test_text_in_utf_8_comes_back_as_it_was(text: str) -> None:
    whole = f"name;phone\n{text}"
    assert text_of(whole.encode()) == whole
    assert text_of(whole.encode("utf-8-sig")) == whole
    assert text_of(whole.encode("utf-16")) == whole


def test_a_list_of_plain_letters_needs_no_guess() -> None:
    assert text_of(b"name,phone\n") == "name,phone\n"


def test_a_file_that_is_far_too_big_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_encoding, "MOST_BYTES", 1000)
    path = tmp_path / "big.csv"
    path.write_bytes(b"x" * 1001)

    with pytest.raises(SheetRefusedError) as refused:
        read_bytes(path)

    assert refused.value.code == "too_big"


@pytest.mark.parametrize(
    ("legacy", "name"),
    [("cp1253", "Ελένη Παπαδοπούλου"), ("cp1256", "مريم كريمي"), ("cp1252", "José Núñez")],
)
def test_each_line_of_two_exports_put_together_is_decoded_by_its_own_bytes(
    legacy: str, name: str
) -> None:
    lines = [f"{name}{end}" for end in (";1\r\n", ";2\r", ";3\n", ";4\n", ";5")]
    for foreign in ({2}, {1, 4}, {1, 2, 3, 4}, {3, 4, 5}):
        data = b"".join(
            line.encode(legacy if number in foreign else "utf-8")
            for number, line in enumerate(lines, 1)
        )
        fewer = foreign if len(foreign) < 3 else {1, 2, 3, 4, 5} - foreign
        for bom in (b"", b"\xef\xbb\xbf"):
            decoded = decode_text(bom + data)
            assert decoded.text == "".join(lines)
            assert decoded.other_lines == sorted(fewer)


def test_a_line_has_cells_of_two_encodings() -> None:
    mixed = "Νίκος Βλάχος;".encode("cp1253") + "Θεσσαλονίκη\n".encode()
    decoded = decode_text("Άννα;Αθήνα\n".encode() + mixed)
    assert decoded.text == "Άννα;Αθήνα\nΝίκος Βλάχος;Θεσσαλονίκη\n"
    assert decoded.other_lines == [2]


@pytest.mark.parametrize(
    ("head", "card", "line"),
    [
        ("Name,Mobile\nΆννα Αλεξίου,6971234567\n", "{name},{phone}\n", 3),
        (
            "BEGIN:VCARD\nFN:Άννα Αλεξίου\nN:Αλεξίου;Άννα\nEND:VCARD\n",
            "BEGIN:VCARD\nFN:{name}\nTEL;CELL:{phone}\nEND:VCARD\n",
            5,
        ),
    ],
    ids=["csv", "vcard"],
)
def test_a_row_in_another_encoding_comes_in_and_is_named_in_the_report(
    head: str, card: str, line: int
) -> None:
    other = card.format(name="Νίκος Βλάχος", phone="6971234568").encode("cp1253")
    _, rows = outcomes(head.encode() + other, "GR")
    assert rows[1].startswith(f"{line} Νίκος/Βλάχος | +306971234568=mobile")
    assert rows[1].endswith(":other_encoding")
    assert "other_encoding" not in rows[0]


def test_text_cut_off_within_a_character_is_utf8_all_the_same() -> None:
    data = "Ελένη;Αθήνα\nΝίκος".encode()[:-1]
    assert decode_text(data).text == "Ελένη;Αθήνα\nΝίκο\N{REPLACEMENT CHARACTER}"
    assert not decode_text(data).other_lines


def test_a_list_of_one_legacy_encoding_has_no_other_lines() -> None:
    lines = "Ελένη;Αθήνα\nΝίκος;Χανιά\n"
    decoded = decode_text(lines.encode("cp1253"))
    assert (decoded.text, list(decoded.other_lines)) == (lines, [])
