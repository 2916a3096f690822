"""Values of own fields: read in any digits and calendar, written so that they are read again."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.customers.own_fields import OwnChoice, OwnField, OwnKind, OwnValue
from screenpop.customers.own_values import (
    MAX_TEXT,
    InvalidOwnValueError,
    OwnValueProblem,
    changed_values,
    form_value,
    format_logged,
    format_value,
    is_valid,
    own_from_json,
    parse_form_value,
    parse_value,
    search_texts,
    set_value,
)

TEXT = OwnField(id=1, kind=OwnKind.TEXT)
NUMBER = OwnField(id=2, kind=OwnKind.NUMBER)
DATE = OwnField(id=3, kind=OwnKind.DATE)
SIDE = OwnField(
    id=4,
    kind=OwnKind.CHOICE,
    names={"en": "Seat", "fa": "صندلی"},
    choices=(
        OwnChoice(1, {"en": "Window", "fa": "کنار پنجره", "el": "Παράθυρο"}),
        OwnChoice(2, {"en": "Aisle", "fa": "کنار راهرو"}),
        OwnChoice(3, {"en": "Exit row"}, active=False),
        OwnChoice(4, {"en": "Wing"}, gone=True),
    ),
)
YES_NO = OwnField(id=5, kind=OwnKind.YES_NO)
LANGUAGES = st.sampled_from(["en", "fa", "el"])
NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**9), 10**9, places=6).map(float).filter(lambda one: one != int(one)),
)
TEXTS = st.text(min_size=1, max_size=MAX_TEXT)


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("12", "en", 12),
        ("۱۲", "en", 12),
        ("٣٫٥", "fa", 3.5),
        ("۱٬۲۵۰٫۵", "fa", 1250.5),
        ("1.250,40", "el", 1250.4),
        ("1,250.40", "fa", 1250.4),
        ("1.250", "el", 1250),
        ("1.250", "en", 1.25),
        ("1,250", "en", 1250),
        ("1,250", "el", 1.25),
        ("0,250", "en", 0.25),
        ("12 500", "en", 12500),
        ("12'500", "en", 12500),
        ("1.250.000", "en", 1250000),
        ("−3,5", "el", -3.5),
        ("+7", "en", 7),
        ("-0", "en", 0),
    ],
)
def test_a_number_is_read_in_any_digits_and_separators(
    text: str, language: str, number: float
) -> None:
    value = parse_value(NUMBER, text, language)
    assert value == number
    assert type(value) is type(number)


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        (NUMBER, "1,2,3", OwnValueProblem.NOT_A_NUMBER),
        (NUMBER, "1..2", OwnValueProblem.NOT_A_NUMBER),
        (NUMBER, "12 kg", OwnValueProblem.NOT_A_NUMBER),
        (NUMBER, "1e5", OwnValueProblem.NOT_A_NUMBER),
        (NUMBER, "9" * 16, OwnValueProblem.NUMBER_TOO_LONG),
        (NUMBER, "0.1234567", OwnValueProblem.NUMBER_TOO_LONG),
        (DATE, "yesterday", OwnValueProblem.NOT_A_DAY),
        (DATE, "08-03", OwnValueProblem.NOT_A_DAY),
        (DATE, "1402/12/30", OwnValueProblem.NOT_A_DAY),
        (DATE, "2201-01-01", OwnValueProblem.NOT_A_DAY),
        (DATE, "978/10/10", OwnValueProblem.NOT_A_DAY),
        (SIDE, "Roof", OwnValueProblem.NOT_A_CHOICE),
        (SIDE, "Wing", OwnValueProblem.NOT_A_CHOICE),
        (YES_NO, "maybe", OwnValueProblem.NOT_YES_NO),
        (TEXT, "x" * (MAX_TEXT + 1), OwnValueProblem.TOO_LONG),
    ],
)
def test_a_text_that_is_no_value_is_refused_with_its_reason(
    field: OwnField, text: str, problem: OwnValueProblem
) -> None:
    with pytest.raises(InvalidOwnValueError) as refused:
        parse_value(field, text, "en")
    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (NUMBER, "9" * 15, 10**15 - 1),
        (NUMBER, "0.123456", 0.123456),
        (DATE, "۱۴۰۵/۰۹/۰۸", "2026-11-29"),
        (DATE, "29/11/2026", "2026-11-29"),
        (DATE, "2200-12-31", "2200-12-31"),
        (DATE, "1600-01-01", "1600-01-01"),
        (SIDE, "کنار  پنجره", 1),
        (SIDE, "ΠΑΡΑΘΥΡΟ", 1),
        (SIDE, "exit row", 3),
        (YES_NO, "بلی", True),
        (YES_NO, "όχι", False),
        (TEXT, "x" * MAX_TEXT, "x" * MAX_TEXT),
        (TEXT, " two\nlines ", "two lines"),
        (TEXT, "\u200e", None),
        (DATE, "", None),
    ],
)
def test_a_text_becomes_the_value_of_its_kind(
    field: OwnField, text: str, value: OwnValue | None
) -> None:
    assert parse_value(field, text, "en") == value


def test_thousands_are_separated_from_five_digits_on() -> None:
    texts = [format_value(NUMBER, number, "en") for number in (9999, 10000, -10000.5, 0.25)]
    assert texts == ["9999", "10,000", "-10,000.5", "0.25"]


@given(NUMBERS, LANGUAGES)
def test_a_number_written_in_a_language_is_read_again(number: float, language: str) -> None:
    value = parse_value(NUMBER, format_value(NUMBER, number, language), language)
    assert value == number
    assert is_valid(NUMBER, value)


@given(st.dates(date(1600, 1, 1), date(2200, 12, 31)), LANGUAGES)
def test_a_day_written_in_a_language_is_read_again(day: date, language: str) -> None:
    if day.year == 1904:  # the year of days without one
        return
    value = day.isoformat()
    assert parse_value(DATE, format_value(DATE, value, language), language) == value


@given(TEXTS, LANGUAGES)
def test_a_text_once_read_is_read_again_as_it_is(text: str, language: str) -> None:
    value = parse_value(TEXT, text, language)
    if value is not None:
        assert parse_value(TEXT, format_value(TEXT, value, language), language) == value


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_choices_and_yes_and_no_written_in_a_language_are_read_again(language: str) -> None:
    for choice in (1, 2, 3):
        assert parse_value(SIDE, format_value(SIDE, choice, language), language) == choice
    for answer in (True, False):
        assert parse_value(YES_NO, format_value(YES_NO, answer, language), language) is answer


@given(st.sampled_from([TEXT, NUMBER, DATE, SIDE, YES_NO]), st.text(max_size=40), LANGUAGES)
def test_any_text_gives_a_valid_value_or_a_reason(
    field: OwnField, text: str, language: str
) -> None:
    try:
        value = parse_value(field, text, language)
    except InvalidOwnValueError:
        value = None
    assert value is None or is_valid(field, value)


@given(
    st.sampled_from([TEXT, NUMBER, DATE, SIDE, YES_NO]),
    st.one_of(st.text(), st.integers(), st.floats(), st.booleans()),
    LANGUAGES,
)
@example(NUMBER, float("nan"), "en")
@example(NUMBER, float("inf"), "el")
def test_a_value_of_another_kind_is_formatted_as_it_is(
    field: OwnField, value: Any, language: str
) -> None:
    assert isinstance(format_value(field, value, language), str)


def test_a_form_offers_the_stored_choice_although_it_is_switched_off() -> None:
    assert parse_form_value(SIDE, "3", "en", stored=3) == 3
    assert form_value(SIDE, 3, "fa") == "3"
    for refused in ("3", "4", "9"):
        with pytest.raises(InvalidOwnValueError):
            parse_form_value(SIDE, refused, "en")


def test_a_choice_without_a_name_in_the_language_shows_another_name() -> None:
    assert format_value(SIDE, 2, "el") == "Aisle"
    assert format_value(SIDE, 1, "el") == "Παράθυρο"


def test_only_texts_and_choices_of_active_fields_are_searched() -> None:
    off = OwnField(id=6, kind=OwnKind.TEXT, active=False)
    own: dict[str, OwnValue] = {"1": "Tehran 5", "2": 77, "4": 1, "6": "hidden"}
    texts = search_texts([TEXT, NUMBER, SIDE, off], own)
    assert texts == ["Tehran 5", "Window", "کنار پنجره", "Παράθυρο"]


def test_a_change_of_a_choice_is_logged_by_its_names() -> None:
    changes = changed_values([SIDE, NUMBER], {"4": 1, "2": 5}, {"4": 2, "2": 5})
    assert list(changes) == ["own:4"]
    before, after = changes["own:4"]
    assert format_logged(SIDE, before, "el") == "Παράθυρο"
    assert format_logged(None, after, "fa") == "کنار راهرو"
    assert format_logged(NUMBER, 12500, "fa") == "۱۲٬۵۰۰"
    assert format_logged(SIDE, None, "en") == ""


def test_values_keep_the_order_of_their_fields() -> None:
    own = set_value({"10": 1}, "9", "x")
    assert list(own) == ["9", "10"]
    assert set_value(own, "9", None) == {"10": 1}
    assert own_from_json({"1": [], "2": None, "3": True}) == {"3": True}
    assert own_from_json("broken") == {}
