"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.values.money import (
    Amount,
    parse_amount,
    parse_cents,
    parse_currency,
    times_of_heading,
)

PERSIAN_DIGITS = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
amounts = st.integers(0, 10**14)


@given(amounts, st.sampled_from([",", ".", " ", "'", "\u00a0"]))
def test_thousands_are_parted_in_any_way(units: int, mark: str) -> None:
    assert parse_amount(f"{units:,}".replace(",", mark)) == Amount(units, "")


@given(amounts)
def test_persian_digits_and_separators_are_the_same_amount(units: int) -> None:
    written = f"{units:,}.00".translate(PERSIAN_DIGITS)

    assert parse_amount(f"{written} ریال") == Amount(units, "IRR")


@given(st.integers(1000, 10**9), st.integers(0, 99))
def test_cents_are_rounded_whichever_mark_they_have(units: int, cents: int) -> None:
    rounded = units + (cents >= 50)
    english = f"{units:,}.{cents:02}"
    greek = english.translate(str.maketrans(",.", ".,"))

    assert parse_amount(f"€ {english}") == Amount(rounded, "EUR")
    assert parse_amount(f"{greek} €") == Amount(rounded, "EUR")


@given(st.integers(1, 10**9), st.sampled_from(["-{}", "({})", "{}-", "\u2212{}"]))
def test_a_credit_is_written_in_several_ways(units: int, form: str) -> None:
    assert parse_amount(form.format(units)) == Amount(-units, "")


@given(st.integers(0, 10**9))
def test_what_arithmetic_leaves_of_an_amount_is_that_amount(units: int) -> None:
    assert parse_amount(f"{units}.0000000002") == Amount(units, "")


@pytest.mark.parametrize("text", ["1,25,0", "12 apples", "9" * 30, "--5", "1.2.3,4", "€", "5 € 6"])
def test_what_may_mean_anything_is_no_amount(text: str) -> None:
    assert parse_amount(text) == CellError("bad_amount")


@given(st.text(max_size=25) | st.from_regex(r"[-+(]?[0-9.,' ]{1,20}[€$)]?", fullmatch=True))
def test_any_text_is_an_amount_or_wrong(text: str) -> None:
    found = parse_amount(text)

    assert isinstance(found, CellError) or abs(found.units) <= 10**15
    assert isinstance(parse_currency(text), CellError | str)


@pytest.mark.parametrize(
    ("text", "code"), [("€", "EUR"), ("تومان", "IRT"), ("Ευρώ", "EUR"), ("sek", "SEK"), ("", "")]
)
def test_currencies_have_signs_words_and_codes(text: str, code: str) -> None:
    assert parse_currency(text) == code


def test_a_word_that_is_no_currency_is_reported() -> None:
    assert parse_currency("apples") == CellError("unknown_currency")


@pytest.mark.parametrize(
    ("heading", "times"),
    [
        *(("مبلغ (میلیون تومان)", 10**6), ("مانده به هزار ریال", 1000), ("Fare (k€)", 1000)),
        *(("Σύνολο (χιλ. €)", 1000), ("Amount in thousands", 1000), ("Price (M GBP)", 10**6)),
        *(("Price (t)", 1), ("Miles", 1), ("Total €", 1), ("Fare (m)", 1), ("Class (k)", 1)),
    ],
)
def test_a_heading_multiplies_its_amounts_unless_the_cell_has_a_multiplier(
    heading: str, times: int
) -> None:
    assert times_of_heading(heading) == times
    assert parse_amount("45", times) == Amount(45 * times, "")
    assert parse_amount("85/5", 10**6) == Amount(85_500_000, "")
    assert parse_amount("3 هزار", times) == Amount(3000, "")
    assert parse_cents("2", times) == (200 * times, "")
