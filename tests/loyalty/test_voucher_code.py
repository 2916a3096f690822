"""Codes of vouchers: read however they are typed or scanned, and slips are found."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.loyalty.voucher_code import (
    ALPHABET,
    CODE_LENGTH,
    MAX_TYPED,
    code_of,
    formatted,
    is_code,
    likely_codes,
    plain_code,
)

values = st.lists(st.integers(0, 30), min_size=7, max_size=7)
codes = values.map(code_of)
GREEK_KEYS = dict(zip("ERTYUPASDFGHJKZXCVBNM", "ερτυθπασδφγηξκζχψωβνμ", strict=True))
PERSIAN_KEYS = dict(zip("QWERTYUPASDFGHJKLZXCVBNM", "ضصثقفغعحشسیبلاتنمظطزرذدپ", strict=True))


def test_alphabet_has_no_characters_that_are_taken_for_each_other() -> None:
    assert len(set(ALPHABET)) == 31
    assert not set(ALPHABET) & set("01ILO")


@settings(max_examples=50)
@given(codes)
def test_code_is_read_however_it_is_typed(code: str) -> None:
    assert is_code(code)
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for typed in (
        formatted(code),
        formatted(code).lower(),
        f"  {code[:2]} {code[2:5]}\u2013{code[5:]}\t",
        f"\u200f{formatted(code)}\u200e",
        persian,
    ):
        assert plain_code(typed) == code


@settings(max_examples=50)
@given(codes)
def test_code_is_read_from_a_scanner_on_a_greek_or_persian_keyboard(code: str) -> None:
    persian = "".join(PERSIAN_KEYS.get(char, char) for char in code)
    assert plain_code(persian) == code
    # On a Greek keyboard Q types a semicolon, which no text keeps.
    greek = "".join(GREEK_KEYS.get(char, char) for char in code if char not in "QW")
    if len(greek) == len(code):
        read = plain_code(greek)
        assert is_code(read)


@settings(max_examples=50)
@given(codes, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed_and_the_right_code_is_likely(
    code: str, place: int, char: str
) -> None:
    typed = code[:place] + char + code[place + 1 :]
    if typed == code:
        assert likely_codes(typed) == ()
    else:
        assert not is_code(typed)
        assert code in likely_codes(typed)


@settings(max_examples=50)
@given(codes)
def test_exchanged_missing_and_surplus_characters_are_found(code: str) -> None:
    for one, other in itertools.combinations(range(CODE_LENGTH), 2):
        chars = list(code)
        chars[one], chars[other] = chars[other], chars[one]
        typed = "".join(chars)
        assert is_code(typed) == (typed == code)
        if other == one + 1 and typed != code:
            assert code in likely_codes(typed)
    for place in range(CODE_LENGTH):
        assert code in likely_codes(code[:place] + code[place + 1 :])
        assert code in likely_codes(code[:place] + "X" + code[place:])


@settings(max_examples=50)
@given(st.text(max_size=MAX_TYPED + 5))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read = plain_code(text)
    assert all(is_code(one) for one in likely_codes(read))


def test_text_of_more_than_sixty_characters_is_no_code() -> None:
    code = code_of([1, 2, 3, 4, 5, 6, 7])
    assert plain_code(code + " " * (MAX_TYPED - CODE_LENGTH)) == code
    assert plain_code(code + " " * (MAX_TYPED - CODE_LENGTH + 1)) == ""


@pytest.mark.parametrize("wrong", [[1] * 6, [1] * 8, [31] * 7, [-1] * 7])
def test_code_is_made_of_seven_numbers_below_31(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="a code is made of 7 numbers below 31"):
        code_of(wrong)


def test_greek_capitals_of_the_same_shape_are_read() -> None:
    code = next(
        code
        for number in range(1000)
        if "K" in (code := code_of([18, number % 31, number // 31, 3, 4, 5, 6]))
    )
    assert plain_code(code.replace("K", "Κ")) == code
