"""Random conditions over all fields, with values near those of ``tests.conditions.people``."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from screenpop.conditions.fields import (
    CUSTOMER_FIELDS,
    FIELDS,
    TRIP_FIELDS,
    Field,
    Kind,
)
from screenpop.conditions.tree import (
    LIST_OPS,
    NUMBER_OPS,
    SET_OPS,
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    Value,
)
from screenpop.customers.own_fields import OwnKind

TODAY = date(2026, 2, 27)
PLACES = ("Istanbul", "استانبول", "ROME", "rome ", "Κωνσταντινούπολη", "Ραφήνα", "ραφηνα", "Yazd")
WORDS = ("VIP", "vip", "خانواده", "سال نو", "Οικογένεια", "ΟΙΚΟΓΕΝΕΙΑ", "family 50%", "a_b")
CURRENCIES = ("EUR", "IRR", "IRT")
DAYS = tuple(
    TODAY + timedelta(days) for days in (-800, -366, -91, -90, -30, -1, 0, 1, 2, 29, 30, 366)
)
NUMBERS = (0, 1, 2, 3, 29, 30, 31, 90, 91, 365, 366, 800)
OWN_OF_CUSTOMERS = tuple(f"own_{kind}.{number}" for number, kind in enumerate(OwnKind, 1))
"""Codes of own fields; the ids are the places of their kinds."""
OWN_OF_TRIPS = tuple(f"trip.{code}" for code in OWN_OF_CUSTOMERS)
AMOUNTS = (0, 1, 100, 999, 1000, 1001, 10_000)


def _values(field: Field, op: Op) -> st.SearchStrategy[Value]:
    if op in SET_OPS:
        return st.none()
    if field.own is not None and field.kind is Kind.NUMBER:
        return st.sampled_from((*NUMBERS, -1))
    texts: tuple[str, ...] = field.choices or (
        PLACES if field.kind is Kind.PLACE or field.code == "wish_destinations" else WORDS
    )
    match field.kind:
        case Kind.USER | Kind.BRANCH | Kind.OPTION:
            return st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True).map(tuple)
        case Kind.FLAG:
            return st.booleans()
        case Kind.NUMBER:
            near = [n for n in (*NUMBERS, *(-n for n in NUMBERS)) if field.least <= n <= field.most]
            return st.sampled_from(near)
        case Kind.MONEY:
            amounts = st.sampled_from((*AMOUNTS, *(-amount for amount in AMOUNTS)))
            return st.builds(Money, amounts, st.sampled_from(CURRENCIES))
        case Kind.DAY:
            return st.sampled_from(DAYS)
        case _:
            some = st.lists(st.sampled_from(texts), min_size=1, max_size=3, unique=True)
            return some.map(lambda listed: tuple(" ".join(text.split()) for text in listed))


def comparisons(codes: tuple[str, ...]) -> st.SearchStrategy[Compare]:
    """Return comparisons of these fields, each field as often as the others."""

    def of_field(code: str) -> st.SearchStrategy[Compare]:
        field = FIELDS[code]
        return st.sampled_from(field.ops).flatmap(
            lambda op: st.builds(Compare, st.just(code), st.just(op), _values(field, op))
        )

    return st.sampled_from(codes).flatmap(of_field)


def trips() -> st.SearchStrategy[Trips]:
    where = st.lists(comparisons((*TRIP_FIELDS, *OWN_OF_TRIPS)), max_size=3).map(tuple)
    return st.builds(Trips, where, st.sampled_from(NUMBER_OPS), st.integers(0, 3))


def _groups(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    return st.builds(AllOf, parts) | st.builds(AnyOf, parts) | st.builds(Not, nodes)


def conditions(*, depth_leaves: int = 6) -> st.SearchStrategy[Node]:
    """Return trees; some of them cannot be met."""
    leaves: Any = comparisons((*CUSTOMER_FIELDS, *OWN_OF_CUSTOMERS)) | trips()
    return st.recursive(leaves, _groups, max_leaves=depth_leaves)


__all__ = ["LIST_OPS", "TODAY", "comparisons", "conditions", "trips"]
