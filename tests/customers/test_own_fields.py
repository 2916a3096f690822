"""Definitions of own fields and changes of their kind."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.own_fields import (
    MAX_CHOICES,
    MAX_FIELD_NAME,
    MAX_FIELDS,
    OwnChoice,
    OwnField,
    OwnFieldProblem,
    OwnFieldRefusedError,
    OwnKind,
    OwnSubject,
    OwnValue,
    check_field,
    field_with_name,
    fields_from_json,
    fields_to_json,
)
from screenpop.customers.own_kinds import change_kind, choices_from_texts, propose_kind
from screenpop.customers.own_values import format_value, is_valid

SIDE = OwnField(
    id=1,
    kind=OwnKind.CHOICE,
    names={"en": "Seat", "fa": "صندلی"},
    choices=(OwnChoice(1, {"en": "Window"}), OwnChoice(2, {"en": "Aisle"})),
)


def problem_of(field: OwnField, *others: OwnField) -> OwnFieldProblem | None:
    try:
        check_field(field, others)
    except OwnFieldRefusedError as refused:
        return refused.problem
    return None


def named(name: str, **more: object) -> OwnField:
    return replace(OwnField(names={"en": name}), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (OwnField(), OwnFieldProblem.NO_NAME),
        (named("x" * (MAX_FIELD_NAME + 1)), OwnFieldProblem.NAME_LONG),
        (named("SEAT"), OwnFieldProblem.NAME_TWICE),
        (OwnField(names={"el": "صندلي"}), OwnFieldProblem.NAME_TWICE),
        (named("Meal", kind=OwnKind.CHOICE), OwnFieldProblem.NO_CHOICES),
        (
            named("Meal", kind=OwnKind.CHOICE, choices=choices_from_texts(["A", "a "], "en")),
            None,
        ),
        (
            named(
                "Meal",
                kind=OwnKind.CHOICE,
                choices=(OwnChoice(1, {"en": "Halal"}), OwnChoice(2, {"fa": "HALAL"})),
            ),
            OwnFieldProblem.CHOICE_TWICE,
        ),
        (
            named("Meal", kind=OwnKind.CHOICE, choices=(OwnChoice(1, {"en": "x" * 61}),)),
            OwnFieldProblem.CHOICE_NAME_LONG,
        ),
        (
            named("Meal", kind=OwnKind.CHOICE, choices=(OwnChoice(1, {"en": "x" * 60}),)),
            None,
        ),
        (named("x" * MAX_FIELD_NAME), None),
        (named("Seat", subject=OwnSubject.TRIP), None),
    ],
)
def test_a_definition_is_refused_with_its_reason(
    field: OwnField, problem: OwnFieldProblem | None
) -> None:
    assert problem_of(field, SIDE) is problem


def test_the_limits_of_fields_choices_and_card_are_kept() -> None:
    others = [named(f"Field {place}", id=place) for place in range(1, MAX_FIELDS + 1)]
    assert problem_of(named("New"), *others[1:]) is None
    assert problem_of(named("New"), *others) is OwnFieldProblem.TOO_MANY
    on_card = [replace(one, on_card=True) for one in others[:2]]
    assert problem_of(named("New", on_card=True), *on_card) is OwnFieldProblem.CARD_FULL
    assert problem_of(named("New", on_card=True), on_card[0]) is None
    of_trips = named("New", on_card=True, subject=OwnSubject.TRIP)
    assert problem_of(of_trips, *on_card) is None
    many = choices_from_texts([str(place) for place in range(MAX_CHOICES + 1)], "en")
    meal = named("Meal", kind=OwnKind.CHOICE, choices=many)
    assert problem_of(meal) is OwnFieldProblem.TOO_MANY_CHOICES
    assert problem_of(replace(meal, choices=many[1:])) is None


def test_a_field_that_is_edited_is_not_compared_with_itself() -> None:
    assert problem_of(SIDE, SIDE) is None


def test_a_field_is_found_by_its_name_in_any_language() -> None:
    off = named("Old", id=2, active=False)
    assert field_with_name([off, SIDE], " صندلي ") is SIDE
    assert field_with_name([off, SIDE], "old") is None
    assert field_with_name([SIDE], "seat", OwnSubject.TRIP) is None
    assert field_with_name([SIDE], "") is None


def test_definitions_survive_the_way_to_another_process() -> None:
    fields = (SIDE, named("Points", id=2, kind=OwnKind.NUMBER, on_card=True, active=False))
    assert fields_from_json(fields_to_json(fields)) == fields


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["yes", "no", "x"], OwnKind.YES_NO),
        (["بله", "", "خیر"], OwnKind.YES_NO),
        (["1", "12", "3,5"], OwnKind.NUMBER),
        (["007", "012"], OwnKind.TEXT),
        (["1405/01/02", "2026-03-04"], OwnKind.DATE),
        (["Window", "Aisle", "window", "Aisle"], OwnKind.CHOICE),
        (["Window", "Aisle", "Middle"], OwnKind.TEXT),
        (["Window", "12", "Aisle", "12"], OwnKind.TEXT),
        (["", " "], OwnKind.TEXT),
    ],
)
def test_the_kind_is_proposed_from_the_cells_of_a_column(cells: list[str], kind: OwnKind) -> None:
    assert propose_kind(cells, "en") is kind


def test_at_most_twelve_texts_that_repeat_are_proposed_as_choices() -> None:
    twelve = [f"Name {place}" for place in range(12)]
    assert propose_kind(twelve * 2, "en") is OwnKind.CHOICE
    assert propose_kind([*twelve * 2][:-1], "en") is OwnKind.TEXT
    assert propose_kind([*twelve, "One more"] * 2, "en") is OwnKind.TEXT
    assert propose_kind(["x" * 60, "y"] * 2, "en") is OwnKind.CHOICE
    assert propose_kind(["x" * 61, "y"] * 2, "en") is OwnKind.TEXT


def test_at_most_three_examples_of_lost_values_are_given() -> None:
    field = OwnField(id=1, kind=OwnKind.TEXT)
    counts: list[tuple[OwnValue, int]] = [(f"many {place}", 1) for place in range(4)]
    three = change_kind(field, OwnKind.NUMBER, counts[:3], "en")
    four = change_kind(field, OwnKind.NUMBER, counts, "en")
    assert (len(three.examples), len(four.examples), four.lost) == (3, 3, 4)


def test_texts_that_are_no_numbers_are_counted_with_examples() -> None:
    field = OwnField(id=1, kind=OwnKind.TEXT)
    counts: list[tuple[OwnValue, int]] = [("12", 5), ("about 3", 2), ("007", 1)]
    change = change_kind(field, OwnKind.NUMBER, counts, "en")
    assert change.values == {"12": 12}
    assert (change.lost, change.examples) == (3, ("about 3", "007"))


def test_texts_become_choices_each_spelling_once() -> None:
    field = OwnField(id=1, kind=OwnKind.TEXT)
    counts: list[tuple[OwnValue, int]] = [("Window", 3), ("WINDOW", 1), ("Aisle", 1)]
    change = change_kind(field, OwnKind.CHOICE, counts, "en")
    assert [dict(one.names) for one in change.field.choices] == [{"en": "Window"}, {"en": "Aisle"}]
    assert change.values == {"Window": 1, "WINDOW": 1, "Aisle": 2}
    assert change.lost == 0


def test_more_values_than_choices_lose_the_rest() -> None:
    field = OwnField(id=1, kind=OwnKind.TEXT)
    counts: list[tuple[OwnValue, int]] = [(f"Value {place}", 1) for place in range(MAX_CHOICES)]
    assert change_kind(field, OwnKind.CHOICE, counts, "en").lost == 0
    assert change_kind(field, OwnKind.CHOICE, [*counts, ("One more", 2)], "en").lost == 2


def test_a_choice_becomes_its_name() -> None:
    change = change_kind(SIDE, OwnKind.TEXT, [(2, 7), (1, 1)], "fa")
    assert change.values == {2: "Aisle", 1: "Window"}


_VALUES: dict[OwnKind, st.SearchStrategy[OwnValue]] = {
    OwnKind.TEXT: st.text("abc 012.,-/", min_size=1, max_size=12).filter(
        lambda text: text == " ".join(text.split()) and text != ""
    ),
    OwnKind.NUMBER: st.integers(-(10**9), 10**9),
    OwnKind.DATE: st.integers(2000, 2099).map(lambda year: f"{year}-02-28"),
    OwnKind.CHOICE: st.sampled_from([1, 2]),
    OwnKind.YES_NO: st.booleans(),
}


@given(st.data(), st.sampled_from(OwnKind), st.sampled_from(OwnKind))
def test_a_change_of_kind_converts_each_value_or_counts_it_as_lost(
    data: st.DataObject, old: OwnKind, new: OwnKind
) -> None:
    language = data.draw(st.sampled_from(["en", "fa", "el"]))
    field = replace(SIDE, kind=old)
    values = data.draw(st.lists(_VALUES[old], unique=True, max_size=8))
    change = change_kind(field, new, [(value, 2) for value in values], language)
    assert len(change.values) * 2 + change.lost == 2 * len(values)
    for before, after in change.values.items():
        assert is_valid(change.field, after)
        if new is OwnKind.TEXT:
            assert after == format_value(field, before, language)


@given(st.data(), st.sampled_from(OwnKind))
def test_values_made_texts_and_made_the_same_kind_again_are_the_same(
    data: st.DataObject, kind: OwnKind
) -> None:
    language = data.draw(st.sampled_from(["en", "fa", "el"]))
    field = replace(SIDE, kind=kind)
    values = data.draw(st.lists(_VALUES[kind], unique=True, max_size=8))
    texts = change_kind(field, OwnKind.TEXT, [(value, 1) for value in values], language)
    assert texts.lost == 0
    again = change_kind(texts.field, kind, [(text, 1) for text in texts.values.values()], language)
    assert again.lost == 0
    assert [again.values[texts.values[value]] for value in values] == values
