"""Conditions as JSON: what is written is read again, and what is wrong is refused by name."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from screenpop.conditions.errors import ConditionError, Problem
from screenpop.conditions.evaluate import is_met
from screenpop.conditions.facts import CustomerFacts
from screenpop.conditions.fields import MAX_TEXT_LENGTH
from screenpop.conditions.json_format import (
    MAX_COUNT,
    MAX_DEPTH,
    MAX_NODES,
    MAX_VALUES,
    read_condition,
    write_condition,
)
from screenpop.conditions.tree import AllOf, Compare, Node, Op
from tests.conditions.people import customer_facts
from tests.conditions.trees import TODAY, conditions

GOLD = {"field": "tier", "op": "is_any", "value": ["gold"]}
VIP = {"field": "vip", "op": "is", "value": True}


def read(condition: Any) -> Node:
    return read_condition({"version": 1, "condition": condition})


def is_read(condition: Any) -> bool:
    """Return True if a condition is read; raises the error of one that is refused."""
    read(condition)
    return True


def refused(condition: Any) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        read(condition)
    return caught.value


@given(conditions())
def test_a_condition_that_was_written_is_read_as_the_same_or_cannot_be_met(node: Node) -> None:
    problem, found = None, None
    try:
        found = read_condition(write_condition(node))
    except ConditionError as error:
        problem = error.problem
    assert problem is Problem.NEVER_MET or found == node


@given(node=conditions(), facts=customer_facts)
def test_no_customer_meets_a_condition_that_is_refused_as_never_met(
    node: Node, facts: CustomerFacts
) -> None:
    try:
        read_condition(write_condition(AllOf((node,))))
    except ConditionError as error:
        # The innermost part that cannot be met is named; the whole may still be met without it.
        assume(error.at == "condition")
        assert not is_met(node, facts, TODAY)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "condition", "all", "any", "not", "trips", "field", "op"])
            | st.sampled_from(["value", "where", "count"]),
            inner | st.sampled_from(["tier", "is_any", ">=", "spend", "trip.month", 1]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_json)
def test_any_other_json_is_refused_with_a_place_and_a_remedy(plain: object) -> None:
    named: tuple[str, str] = ("", "")
    node = None
    try:
        node = read_condition(plain)
    except ConditionError as error:
        named = (error.at, error.remedy)
    assert all(named) or (node is not None and read_condition(write_condition(node)) == node)


@pytest.mark.parametrize(
    ("condition", "problem", "field", "remedy"),
    [
        ({"field": "shoe_size", "op": "=", "value": 1}, Problem.FIELD, "", "known field"),
        ({"field": "tier", "op": ">=", "value": 1}, Problem.OPERATOR, "tier", "is_any, is_none"),
        ({"field": "tier", "op": "is_any", "value": "gold"}, Problem.VALUE, "tier", "list"),
        ({"field": "tier", "op": "is_any", "value": ["tin"]}, Problem.VALUE, "tier", "platinum"),
        ({"field": "vip", "op": "is", "value": 1}, Problem.VALUE, "vip", "true or false"),
        ({"field": "vip", "op": "is"}, Problem.SHAPE, "vip", '"value"'),
        ({"field": "city", "op": "is_set", "value": 1}, Problem.SHAPE, "city", "only"),
        ({"field": "city", "op": "is_any", "value": ["  "]}, Problem.VALUE, "city", "letters"),
        ({"field": "trip_count", "op": ">=", "value": 1.5}, Problem.VALUE, "trip_count", "whole"),
        ({"field": "spend", "op": ">=", "value": 5}, Problem.VALUE, "spend", "currency"),
        (
            {"field": "spend", "op": ">=", "value": {"amount": 5, "currency": "XXX"}},
            Problem.VALUE,
            "spend",
            "EUR",
        ),
        (
            {"field": "last_trip", "op": ">=", "value": "2026-02-30"},
            Problem.VALUE,
            "last_trip",
            "2026-03-21",
        ),
        (
            {"field": "trip.month", "op": "is_any", "value": ["3"]},
            Problem.PLACE,
            "trip.month",
            "inside",
        ),
        ({"trips": {"where": [GOLD]}}, Problem.PLACE, "tier", "outside"),
        ({"trips": {"where": [], "count": -1}}, Problem.VALUE, "", "from 0"),
        ({"trips": {"where": [], "op": "is"}}, Problem.OPERATOR, "trips", ">="),
        ({"all": []}, Problem.SHAPE, "", "at least one"),
        ({"all": [GOLD], "any": [VIP]}, Problem.SHAPE, "", "all, any, not"),
    ],
)
def test_a_wrong_condition_is_refused_with_field_and_remedy(
    condition: Any, problem: Problem, field: str, remedy: str
) -> None:
    error = refused({"all": [VIP, condition]})
    assert (error.problem, error.field) == (problem, field)
    assert remedy in error.remedy
    assert error.at.startswith("condition.all[1]")


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_another_version_is_refused(version: object) -> None:
    with pytest.raises(ConditionError) as caught:
        read_condition({"version": version, "condition": VIP})
    assert caught.value.problem is Problem.VERSION


def number(field: str, op: str, value: int) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def money(op: str, amount: int, currency: str) -> dict[str, Any]:
    return {"field": "spend", "op": op, "value": {"amount": amount, "currency": currency}}


def tags(op: str, *values: str) -> dict[str, Any]:
    return {"field": "tag", "op": op, "value": list(values)}


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"all": [number("trip_count", ">", 5), number("trip_count", "<", 3)]}, "trip_count"),
        ({"all": [number("trip_count", ">", 2), number("trip_count", "<", 3)]}, "trip_count"),
        (number("trip_count", "<", 0), "trip_count"),
        (number("birthday_in_days", ">", 366), "birthday_in_days"),
        ({"all": [GOLD, {"not": {"any": [GOLD, VIP]}}]}, "tier"),
        ({"all": [GOLD, {"field": "tier", "op": "is_none", "value": ["gold"]}]}, "tier"),
        ({"all": [VIP, {"field": "vip", "op": "is", "value": False}]}, "vip"),
        ({"all": [tags("is_any", "Family"), tags("is_none", "FAMILY", "x")]}, "tag"),
        ({"all": [tags("is_any", "x"), {"field": "tag", "op": "is_not_set"}]}, "tag"),
        ({"all": [money(">=", 1000, "IRT"), money("<", 10000, "IRR")]}, "spend"),
        (
            {
                "all": [
                    {"field": "city", "op": "is_any", "value": ["Istanbul"]},
                    {"field": "city", "op": "is_none", "value": ["استانبول"]},
                ]
            },
            "city",
        ),
        (
            {
                "trips": {
                    "where": [
                        {"field": "trip.party", "op": ">", "value": 4},
                        {"field": "trip.party", "op": "<=", "value": 4},
                    ]
                }
            },
            "trip.party",
        ),
        ({"trips": {"where": [], "op": "<", "count": 0}}, "trips"),
        ({"any": [VIP, {"all": [GOLD, {"not": GOLD}]}]}, "tier"),
    ],
)
def test_a_condition_that_no_customer_can_meet_is_refused(condition: Any, field: str) -> None:
    error = refused(condition)
    assert (error.problem, error.field) == (Problem.NEVER_MET, field)


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [number("trip_count", ">", 1), number("trip_count", "<", 3)]},
        {"all": [money(">=", 1000, "IRT"), money("<=", 10000, "IRR")]},
        {"all": [money(">=", 1000, "EUR"), money("<", 1000, "IRR")]},
        {"all": [tags("is_any", "a"), tags("is_any", "b"), tags("is_none", "c")]},
        {"field": "language", "op": "is_none", "value": ["en", "fa", "el"]},
        {"any": [number("trip_count", ">", 5), number("trip_count", "<", 3)]},
        number("birthday_in_days", ">", 365),
        {"not": {"all": [GOLD, VIP]}},
    ],
)
def test_a_condition_beside_a_contradiction_is_read(condition: Any) -> None:
    assert write_condition(read(condition))["condition"] == condition


def test_groups_are_nested_at_most_six_deep() -> None:
    def nested(levels: int) -> Any:
        return VIP if levels == 1 else {"not": {"not": nested(levels - 2)}}

    assert is_read({"all": [nested(MAX_DEPTH - 1)]})
    assert refused({"all": [{"all": [nested(MAX_DEPTH - 1)]}]}).problem is Problem.DEPTH


def test_a_condition_has_at_most_a_hundred_nodes() -> None:
    assert is_read({"any": [VIP] * (MAX_NODES - 1)})
    assert refused({"any": [VIP] * MAX_NODES}).problem is Problem.SIZE
    seats = {"field": "trip.children", "op": ">=", "value": 1}
    assert is_read({"trips": {"where": [seats] * (MAX_NODES - 1)}})
    assert refused({"trips": {"where": [seats] * MAX_NODES}}).problem is Problem.SIZE


def test_a_list_has_at_most_fifty_values_and_a_count_is_at_most_ten_thousand() -> None:
    many = [f"tag {number}" for number in range(MAX_VALUES + 1)]
    assert is_read(tags("is_any", *many[:-1]))
    assert refused(tags("is_any", *many)).problem is Problem.VALUE
    assert is_read({"trips": {"where": [], "count": MAX_COUNT}})
    assert refused({"trips": {"where": [], "count": MAX_COUNT + 1}}).problem is Problem.VALUE


def test_a_text_has_at_most_two_hundred_characters() -> None:
    assert is_read(tags("is_any", "x" * MAX_TEXT_LENGTH))
    assert refused(tags("is_any", "x" * (MAX_TEXT_LENGTH + 1))).problem is Problem.VALUE


def test_amounts_numbers_and_days_are_refused_beside_their_limits() -> None:
    assert is_read(money("<=", 10**15, "EUR"))
    assert refused(money("<=", 10**15 + 1, "EUR")).problem is Problem.VALUE
    assert refused(number("birthday_in_days", "<=", 367)).problem is Problem.VALUE
    assert is_read({"field": "last_trip", "op": ">=", "value": "1900-01-01"})
    assert refused({"field": "last_trip", "op": ">=", "value": "1899-12-31"}).field == "last_trip"
    assert is_read({"field": "last_trip", "op": "<=", "value": "2200-12-31"})
    assert refused({"field": "last_trip", "op": "<=", "value": "2201-01-01"}).field == "last_trip"


def test_an_owner_is_a_positive_64_bit_number() -> None:
    def owner(value: int) -> dict[str, Any]:
        return {"field": "owner", "op": "is_any", "value": [value]}

    assert read(owner(2**63 - 1)) == Compare("owner", Op.IS_ANY, (2**63 - 1,))
    assert refused(owner(2**63)).problem is Problem.VALUE
    assert refused(owner(0)).problem is Problem.VALUE
