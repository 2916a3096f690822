"""Own fields at their limits and one beside."""

from dataclasses import replace

import pytest

from screenpop.customers.own_fields import (
    MAX_CHOICE_NAME,
    MAX_ON_CARD,
    OwnChoice,
    OwnField,
    OwnFieldProblem,
    OwnFieldRefusedError,
    OwnKind,
    check_field,
)
from screenpop.customers.own_kinds import MAX_PROPOSED_CHOICES, change_kind, propose_kind
from screenpop.customers.own_values import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_DECIMALS,
    MAX_DIGITS,
    InvalidOwnValueError,
    format_value,
    parse_value,
)

TEXT = OwnField(id=1, kind=OwnKind.TEXT, names={"en": "Text"})
NUMBER = OwnField(id=2, kind=OwnKind.NUMBER, names={"en": "Number"})
DATE = OwnField(id=3, kind=OwnKind.DATE, names={"en": "Date"})


def problem_of(field: OwnField, *others: OwnField) -> OwnFieldProblem | None:
    try:
        check_field(field, others)
    except OwnFieldRefusedError as refused:
        return refused.problem
    return None


def is_read(field: OwnField, text: str) -> bool:
    try:
        parse_value(field, text, "en")
    except InvalidOwnValueError:
        return False
    return True


@pytest.mark.parametrize(("length", "problem"), [(60, None), (61, "own_choice_name_long")])
def test_the_name_of_a_choice_has_at_most_sixty_characters(
    length: int, problem: str | None
) -> None:
    assert MAX_CHOICE_NAME == 60
    choices = (OwnChoice(1, {"en": "x" * length}),)
    field = OwnField(kind=OwnKind.CHOICE, names={"en": "Meal"}, choices=choices)
    assert problem_of(field) == problem


@pytest.mark.parametrize(("others", "problem"), [(1, None), (2, "own_card_full")])
def test_two_own_fields_are_on_the_card(others: int, problem: str | None) -> None:
    assert MAX_ON_CARD == 2
    on_card = [OwnField(id=10 + n, names={"en": f"F{n}"}, on_card=True) for n in range(others)]
    assert problem_of(replace(TEXT, on_card=True), *on_card) == problem


@pytest.mark.parametrize(("names", "kind"), [(12, OwnKind.CHOICE), (13, OwnKind.TEXT)])
def test_a_column_of_at_most_twelve_texts_is_proposed_as_a_choice(
    names: int, kind: OwnKind
) -> None:
    assert MAX_PROPOSED_CHOICES == 12
    assert propose_kind([f"Hotel {chr(65 + n)}" for n in range(names)] * 2, "en") is kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [(["Sea", "Sea", "Hill", "Hill"], OwnKind.CHOICE), (["Sea", "Sea", "Hill"], OwnKind.TEXT)],
)
def test_the_texts_of_a_choice_are_there_twice_each_on_average(
    cells: list[str], kind: OwnKind
) -> None:
    assert propose_kind(cells, "en") is kind


def test_a_change_of_kind_names_the_first_three_values_that_it_would_lose() -> None:
    change = change_kind(TEXT, OwnKind.NUMBER, [("a", 1), ("b", 1), ("c", 1), ("d", 1)], "en")
    assert (change.lost, change.examples) == (4, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("9" * 15, True),
        ("9" * 16, False),
        ("0.123456", True),
        ("0.1234567", False),
        ("123456789.123456", True),
        ("1234567890.123456", False),
    ],
)
def test_a_number_has_at_most_fifteen_digits_and_six_decimals(text: str, fits: bool) -> None:
    assert (MAX_DIGITS, MAX_DECIMALS) == (15, 6)
    assert is_read(NUMBER, text) is fits


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        ("1599-12-31", False),
        ("1600-01-01", True),
        ("2200-12-31", True),
        ("2201-01-01", False),
    ],
)
def test_a_date_is_between_the_years_1600_and_2200(day: str, fits: bool) -> None:
    assert (FIRST_YEAR, LAST_YEAR) == (1600, 2200)
    assert is_read(DATE, day) is fits


@pytest.mark.parametrize(("number", "text"), [(9999, "9999"), (10000, "10,000")])
def test_numbers_of_five_digits_are_grouped(number: int, text: str) -> None:
    assert format_value(NUMBER, number, "en") == text
