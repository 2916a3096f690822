"""The editor's form and the condition say the same, in both directions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.conditions.errors import ConditionError
from screenpop.conditions.fields import CUSTOMER_FIELDS, TRIP_FIELDS
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.conditions.tree import AllOf, AnyOf, Compare, Node, Not, Op, Trips
from screenpop.web.segments.form import (
    MAX_GROUPS,
    MAX_ROWS,
    GroupForm,
    RowForm,
    SegmentForm,
    act_on,
    form_of,
    read_form,
    read_tree,
)
from tests.conditions.trees import TODAY, comparisons, trips

_rows = comparisons(CUSTOMER_FIELDS) | st.builds(
    lambda one: Trips((one,)), comparisons(TRIP_FIELDS)
)
_some = st.lists(_rows, min_size=1, max_size=3).map(tuple)
_groups = (
    st.builds(AllOf, _some)
    | st.builds(AnyOf, _some)
    | st.builds(lambda parts: Not(AnyOf(parts)), _some)
    | trips().filter(lambda one: one.op in (Op.AT_LEAST, Op.AT_MOST, Op.EQUAL))
)


def parts_in_order(rows: list[Node], groups: list[Node]) -> tuple[Node, ...]:
    return (*rows, *groups)


_trees = st.builds(
    lambda joined, rows, groups: joined(parts_in_order(rows, groups)),
    st.sampled_from([AllOf, AnyOf]),
    st.lists(_rows, min_size=1, max_size=3),
    st.lists(_groups, max_size=3),
)


def items_of(form: SegmentForm) -> list[tuple[str, str]]:
    """The fields that a browser sends for a form."""
    items: list[tuple[str, str]] = [("name", form.name)]
    for g, group in enumerate(form.groups):
        items += [
            (f"g.{g}.mode", group.mode),
            (f"g.{g}.op", group.op),
            (f"g.{g}.count", group.count),
        ]
        for r, row in enumerate(group.rows):
            name = f"r.{g}.{r}"
            items += [(f"{name}.field", row.field), (f"{name}.op", row.op)]
            items += [(f"{name}.value", value) for value in row.values]
            items += [(f"{name}.currency", row.currency)]
    return items


@given(node=_trees, language=st.sampled_from(["en", "fa", "el"]))
def test_a_condition_of_one_level_comes_back_from_the_form_as_it_was(
    node: Node, language: str
) -> None:
    form = form_of(node, language)
    assert form is not None
    assert all(row.field for group in form.groups for row in group.rows)
    again = read_tree(read_form(items_of(form)), TODAY)
    assert again == read_or_none(_rows_before_groups(node))


def read_or_none(node: Node) -> Node | None:
    """A condition as the JSON has it; None for one that is refused."""
    try:
        return read_condition(write_condition(node))
    except ConditionError:
        return None


def _rows_before_groups(node: Node) -> Node:
    """The condition with the parts that the form reads as rows first."""
    assert isinstance(node, AllOf | AnyOf)
    rows = [part for part in node.parts if _is_row(part)]
    groups = [part for part in node.parts if not _is_row(part)]
    return type(node)((*rows, *groups))


def _is_row(node: Node) -> bool:
    if isinstance(node, Trips):
        return len(node.where) == 1 and (node.op, node.count) == (Op.AT_LEAST, 1)
    return isinstance(node, Compare)


_sent_names = st.sampled_from(
    ["r.0.0.field", "r.0.0.value", "r.1.0.op", "r.3.1.value", "g.1.mode", "g.2.count", "x"]
)
_sent_values = st.text(max_size=20) | st.sampled_from(
    ["tier", "trip.month", "trips", "is_any", "spend"]
)


@given(st.lists(st.tuples(_sent_names, _sent_values), max_size=12), st.text(max_size=20))
def test_any_form_is_read_without_an_error(items: list[tuple[str, str]], act: str) -> None:
    form = read_form(items)
    act_on(form, act)
    node = read_tree(form, date(2026, 2, 27))
    assert (node is None) == bool(form.problem)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,234", 1234), ("۱٬۲۳۴", 1234), ("1.234.567", 1234567), ("−5", -5), ("12 500", 12500)],
)
def test_an_amount_is_read_with_any_digits_and_separators(typed: str, number: int) -> None:
    row = RowForm("balance", "=", [typed], "EUR")
    node = read_tree(SegmentForm(groups=[GroupForm(rows=[row])]), TODAY)
    assert isinstance(node, AllOf)
    [one] = node.parts
    assert isinstance(one, Compare)
    assert getattr(one.value, "amount", None) == number


def test_a_field_of_a_customer_in_a_group_of_trips_is_named_as_misplaced() -> None:
    form = SegmentForm(
        groups=[GroupForm(), GroupForm("trips", rows=[RowForm("tier", "is_any", ["gold"])])]
    )
    assert read_tree(form, TODAY) is None
    assert form.groups[1].rows[0].problem == "place"


def test_a_form_has_at_most_twenty_rows_a_group_and_eight_groups() -> None:
    form = SegmentForm(groups=[GroupForm(rows=[RowForm()] * (MAX_ROWS - 1))])
    for _ in range(2):
        act_on(form, "add_row.0")
    assert len(form.groups[0].rows) == MAX_ROWS
    for _ in range(MAX_GROUPS + 1):
        act_on(form, "add_group")
    assert len(form.groups) == MAX_GROUPS + 1
    act_on(form, "remove_group.0")
    act_on(form, f"remove_group.{MAX_GROUPS}")
    act_on(form, "remove_row.0.0")
    assert len(form.groups) == MAX_GROUPS
    assert len(form.groups[0].rows) == MAX_ROWS - 1
    rows = (Compare("vip", Op.IS, True),) * (MAX_ROWS + 1)
    assert form_of(AllOf(rows[:-1]), "en") is not None
    assert form_of(AllOf(rows), "en") is None
    assert form_of(AllOf((*(AnyOf(rows[:1]),) * (MAX_GROUPS + 1),)), "en") is None
