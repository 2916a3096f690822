"""Numbers of travel documents are checked, masked, and compared in one spelling."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.documents import (
    MAX_NUMBER_LENGTH,
    MIN_NUMBER_LENGTH,
    DocumentDraft,
    DocumentKind,
    DocumentProblem,
    check_document,
    check_number,
    complete_number,
    differing_documents,
    expected_digit,
    join_documents,
    mask_number,
    normalize_number,
)

CODE, TAX, PASSPORT = (
    DocumentKind.NATIONAL_CODE,
    DocumentKind.TAX_NUMBER,
    DocumentKind.PASSPORT,
)
DIGITS = st.text("0123456789", min_size=1)


@pytest.mark.parametrize("code", ["0084575948", "۰۰۸۴۵۷۵۹۴۸", "008-457594-8", "0013542419"])
def test_right_national_codes_pass_in_any_digits(code: str) -> None:
    assert check_number(CODE, code) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("0084575949", DocumentProblem.NATIONAL_CODE_DIGIT),
        ("0084575498", DocumentProblem.NATIONAL_CODE_DIGIT),
        ("008457594", DocumentProblem.NATIONAL_CODE_LENGTH),
        ("00845759488", DocumentProblem.NATIONAL_CODE_LENGTH),
        ("1111111111", DocumentProblem.NATIONAL_CODE_REPEATED),
        ("00845A5948", DocumentProblem.NATIONAL_CODE_LENGTH),
    ],
)
def test_a_wrong_national_code_is_refused_with_its_reason(
    code: str, problem: DocumentProblem
) -> None:
    assert check_number(CODE, code) is problem


def test_the_check_digit_that_would_be_right_is_known() -> None:
    assert expected_digit(CODE, "0084575940") == "8"
    assert expected_digit(TAX, "094014200") == "1"
    assert expected_digit(PASSPORT, "094014200") == ""


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_each_mistyped_digit_of_a_national_code_is_noticed(nine: str, place: int, off: int) -> None:
    code = nine + expected_digit(CODE, nine + "0")
    other = f"{code[:place]}{(int(code[place]) + off) % 10}{code[place + 1 :]}"
    # Two remainders, 0 and 1 and their complements, share a digit only with themselves.
    assert check_number(CODE, other) is not None or expected_digit(CODE, other) == code[-1]


@pytest.mark.parametrize("number", ["094014201", "EL094014201", "GR 094 014 201", "090000045"])
def test_right_greek_tax_numbers_pass(number: str) -> None:
    assert check_number(TAX, complete_number(TAX, number)) is None


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("094014202", DocumentProblem.TAX_NUMBER_DIGIT),
        ("09401420", DocumentProblem.TAX_NUMBER_LENGTH),
        ("000000000", DocumentProblem.TAX_NUMBER_LENGTH),
    ],
)
def test_a_wrong_greek_tax_number_is_refused(number: str, problem: DocumentProblem) -> None:
    assert check_number(TAX, number) is problem


def test_zeros_that_a_spreadsheet_removed_come_back_only_where_the_code_is_then_right() -> None:
    assert complete_number(CODE, "84575948") == "0084575948"
    assert complete_number(CODE, "84575949") == "84575949"
    assert complete_number(CODE, "4575948") == "4575948"


@pytest.mark.parametrize(
    ("length", "fits"),
    [
        (MIN_NUMBER_LENGTH - 1, False),
        (MIN_NUMBER_LENGTH, True),
        (MAX_NUMBER_LENGTH, True),
        (MAX_NUMBER_LENGTH + 1, False),
    ],
)
def test_a_passport_number_has_a_usual_length(length: int, fits: bool) -> None:
    assert (check_number(PASSPORT, "A" + "1" * (length - 1)) is None) is fits


def test_a_number_without_a_digit_is_refused() -> None:
    assert check_number(PASSPORT, "UNKNOWN") is DocumentProblem.DOCUMENT_NUMBER


def test_greek_capitals_and_latin_ones_are_one_number() -> None:
    assert normalize_number("ΑΤ 123456") == normalize_number("at123456") == "AT123456"
    assert normalize_number("Α۱۲۳۴") == "A1234"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("A12345678", "••••5678"),
        ("12345678", "••••5678"),
        ("1234567", "••••567"),
        ("1234", "••••"),
        ("12", "••••"),
        ("", ""),
    ],
)
def test_a_masked_number_hides_at_least_four_characters(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.text())
def test_any_text_can_be_checked_and_masked(text: str) -> None:
    for kind in DocumentKind:
        complete = complete_number(kind, text)
        assert check_number(kind, complete) in (None, *DocumentProblem)
        assert normalize_number(normalize_number(text)) == normalize_number(text)
    shown = mask_number(text).lstrip("•")
    assert len(shown) <= 4


def test_a_document_is_checked_field_by_field() -> None:
    wrong = DocumentDraft(
        kind=DocumentKind.VISA,
        number="x",
        name="علی",
        valid_from=date(2027, 1, 2),
        expires=date(2027, 1, 1),
    )
    assert check_document(wrong) == {
        "number": DocumentProblem.DOCUMENT_NUMBER,
        "name": DocumentProblem.NOT_LATIN,
        "expires": DocumentProblem.ENDS_BEFORE_BEGIN,
        "country": DocumentProblem.NO_COUNTRY,
    }
    one_day = date(2027, 1, 1)
    right = DocumentDraft(kind=DocumentKind.VISA, country="IT", valid_from=one_day, expires=one_day)
    assert check_document(right) == {}
    assert check_document(DocumentDraft(kind=PASSPORT)) == {
        "number": DocumentProblem.EMPTY_DOCUMENT
    }


def test_a_second_record_of_a_document_adds_what_was_missing_and_replaces_nothing() -> None:
    stored = DocumentDraft(kind=PASSPORT, number="A12345678", country="IR")
    again = DocumentDraft(kind=PASSPORT, number="a1234 5678", expires=date(2030, 1, 1))
    other = DocumentDraft(kind=PASSPORT, number="B7654321")
    [joined, added] = join_documents((stored,), [again, other])
    assert (joined.number, joined.country, joined.expires) == (
        "A12345678",
        "IR",
        date(2030, 1, 1),
    )
    assert added == other
    assert join_documents((joined, added), [again, other]) == (joined, added)
    assert not differing_documents((joined,), [again])
    later = DocumentDraft(kind=PASSPORT, number="A12345678", expires=date(2031, 1, 1))
    assert differing_documents((joined,), [later])
    assert join_documents((joined,), [later]) == (joined,)


def test_a_passport_known_by_its_days_gets_its_number() -> None:
    days = DocumentDraft(kind=PASSPORT, expires=date(2030, 1, 1))
    whole = DocumentDraft(kind=PASSPORT, number="A12345678", expires=date(2030, 1, 1))
    assert join_documents((days,), [whole]) == (whole,)
    assert join_documents((whole,), [days]) == (whole,)
    another = DocumentDraft(kind=PASSPORT, number="A12345678", expires=date(2031, 1, 1))
    assert join_documents((days,), [another]) == (days, another)
