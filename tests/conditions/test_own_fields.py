"""Own fields of the office in conditions: by a code that names their kind."""

from datetime import date

import pytest

from screenpop.conditions.errors import ConditionError, Problem
from screenpop.conditions.evaluate import is_met
from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.fields import find_field, own_code
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.conditions.tree import Node
from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject
from screenpop.loyalty.value import ChanceWord

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("subject", OwnSubject)
@pytest.mark.parametrize("kind", OwnKind)
def test_the_code_of_an_own_field_names_its_id_kind_and_subject(
    kind: OwnKind, subject: OwnSubject
) -> None:
    own = OwnField(id=7, subject=subject, kind=kind, names={"en": "Shoe size"})

    field = find_field(own_code(own))

    assert field is not None
    assert field.own is not None
    assert (field.own.id, field.own.kind, field.own.subject) == (7, kind, subject)


@pytest.mark.parametrize(
    "code", ["own_text", "own_text.0", "own_text.x", "own_size.7", "trip.own_text.", "xown_text.7"]
)
def test_any_other_code_is_no_field(code: str) -> None:
    assert find_field(code) is None
    with pytest.raises(ConditionError) as refused:
        _read({"field": code, "op": "is_set"})
    assert refused.value.problem is Problem.FIELD


@pytest.mark.parametrize(
    ("plain", "own", "met"),
    [
        ({"field": "own_text.1", "op": "is_any", "value": ["Νίκος"]}, {"1": "ΝΙΚΟΣ"}, True),
        ({"field": "own_number.1", "op": ">", "value": 5}, {"1": 5.5}, True),
        ({"field": "own_number.1", "op": ">", "value": 5}, {"1": True}, False),
        ({"field": "own_date.1", "op": "<=", "value": "2026-01-31"}, {"1": "2026-01-31"}, True),
        ({"field": "own_date.1", "op": "is_set"}, {"1": "soon"}, False),
        ({"field": "own_choice.1", "op": "is_any", "value": [2, 3]}, {"1": 3}, True),
        ({"field": "own_choice.1", "op": "is_none", "value": [2, 3]}, {}, True),
        ({"field": "own_yes_no.1", "op": "is", "value": False}, {"1": False}, True),
        ({"field": "own_yes_no.1", "op": "is", "value": False}, {}, False),
    ],
)
def test_an_own_field_is_compared_by_its_kind(
    plain: dict[str, object], own: dict[str, str | int | float | bool], met: bool
) -> None:
    of_trip = {**plain, "field": f"trip.{plain['field']}"}
    trip = TripFacts(own=own)

    assert is_met(_read(plain), CustomerFacts(own=own), TODAY) is met
    assert (
        is_met(_read({"trips": {"where": [of_trip]}}), CustomerFacts(trips=(trip,)), TODAY) is met
    )
    assert write_condition(_read(plain))["condition"] == plain


def test_an_own_number_between_two_whole_numbers_can_be_met() -> None:
    between = {
        "all": [
            {"field": "own_number.1", "op": ">", "value": 5},
            {"field": "own_number.1", "op": "<", "value": 6},
        ]
    }
    assert is_met(_read(between), CustomerFacts(own={"1": 5.5}), TODAY)


@pytest.mark.parametrize(
    ("plain", "place"),
    [
        ({"field": "trip.own_text.1", "op": "is_set"}, "customer"),
        ({"trips": {"where": [{"field": "own_text.1", "op": "is_set"}]}}, "trip"),
    ],
)
def test_an_own_field_belongs_to_customers_or_to_trips(
    plain: dict[str, object], place: str
) -> None:
    with pytest.raises(ConditionError) as refused:
        _read(plain)
    assert refused.value.problem is Problem.PLACE, place


def test_stage_and_chance_compare_only_with_scored_customers() -> None:
    likely = _read({"field": "likelihood", "op": "is_any", "value": [ChanceWord.LIKELY.value]})
    best = _read({"field": "best_percent", "op": "<=", "value": 10})
    scored = CustomerFacts(likelihood="likely", best_percent=10, stage="due")

    assert is_met(likely, scored, TODAY)
    assert is_met(best, scored, TODAY)
    assert not is_met(best, CustomerFacts(), TODAY)
    assert not is_met(_read({"field": "stage", "op": "is_set"}), CustomerFacts(), TODAY)


def _read(plain: object) -> Node:
    return read_condition({"version": 1, "condition": plain})
