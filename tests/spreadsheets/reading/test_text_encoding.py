"""What a file really is, and how it was encoded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.reading import text_encoding
from screenpop.spreadsheets.reading.text_encoding import read_bytes, text_of
from screenpop.spreadsheets.rows.errors import SheetRefusedError

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
