"""Folding and showing what strangers send."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.common.text import (
    ascii_digits,
    display_text,
    fold_digits,
    last_nine,
    visible_or_empty,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("۰۹۱۲", "0912"),
        ("٠٩١٢", "0912"),
        ("०९१२", "0912"),
        ("０９１２", "0912"),
        ("0\u200c9\u202e1\ufeff2\x00", "0912"),
        ("+98\N{NO-BREAK SPACE}912\t3", "+98 912 3"),
        ("Ά\u0301σ", "Ασ"),
    ],
)
def test_digits_of_any_script_become_ascii(text: str, folded: str) -> None:
    assert fold_digits(text) == folded


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold_digits(text)
    assert fold_digits(folded) == folded


@given(ANY_TEXT)
def test_no_digit_of_another_script_is_left(text: str) -> None:
    assert all(char.isascii() or not char.isdecimal() for char in fold_digits(text))


@pytest.mark.parametrize(
    ("text", "nine"),
    [
        ("+989123456789", "123456789"),
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", "123456789"),
        ("691234567", "691234567"),
        ("69123456", None),
        ("", None),
    ],
)
def test_the_last_nine_digits_of_any_spelling(text: str, nine: str | None) -> None:
    assert last_nine(text) == nine


@given(ANY_TEXT)
def test_only_ascii_digits_count_as_digits(text: str) -> None:
    assert set(ascii_digits(text)) <= set("0123456789")


@pytest.mark.parametrize(
    ("text", "on_the_page"),
    [
        ("Laleh", "Laleh"),
        ("<b>Laleh</b>", "<b>Laleh</b>"),
        ("می\u200cروم", "می\u200cروم"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\x00b\x1b[31mc\x85", "ab[31mc"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("half \ud800 pair", "half \N{REPLACEMENT CHARACTER} pair"),
        ("  wide   space ", "wide space"),
        ("x" * 21, "x" * 19 + "…"),
        ("x" * 20, "x" * 20),
        ("x" * 90_000, "x" * 19 + "…"),
        ("", ""),
    ],
)
def test_text_is_displayed_in_one_line_with_nothing_unseen(text: str, on_the_page: str) -> None:
    assert display_text(text, 20) == on_the_page


@given(ANY_TEXT, st.integers(1, 100))
def test_display_text_is_bounded_and_can_be_written(text: str, limit: int) -> None:
    on_the_page = display_text(text, limit)
    assert len(on_the_page) <= limit
    on_the_page.encode()
    assert not any(unicodedata.category(char) == "Cc" for char in on_the_page)
    assert display_text(on_the_page, limit) == on_the_page


INVISIBLE = ("\u200d", "\u200c", "\u3164", "\u2800", "\ufeff", "\u202e", "\u00ad", "\ufe0f", " \n")


def test_text_of_invisible_characters_only_is_empty() -> None:
    for text in ("", *INVISIBLE, "".join(INVISIBLE), " \u200d \u3164 \u200d"):
        assert visible_or_empty(text) == display_text(text, 20) == "", ascii(text)


def test_invisible_characters_beside_visible_ones_stay_as_persian_spelling_has_them() -> None:
    for text in ("می\u200cنیک\u200d", "\u200dA", "A\ufeff", "❤\ufe0f", "\ufeff\u200dA"):
        assert visible_or_empty(text) == text, ascii(text)
