"""Rows of the hot read, as values."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.display_name import visible_part
from screenpop.customers.models import CaseKind, CaseState, PersonName, Product, Trip, TripStatus
from screenpop.store.engine.text import to_json
from screenpop.store.lookup.lookup_columns import (
    CustomerColumns,
    PhoneColumns,
    RelatedColumns,
    TripColumns,
)
from screenpop.store.lookup.lookup_rows import (
    FoundCustomer,
    case_from_row,
    distinct_customers,
    names_from_json,
    names_to_json,
    quiet_from_json,
    trip_from_row,
)

names = st.dictionaries(
    st.sampled_from(["en", "fa", "el", "de"]),
    st.builds(PersonName, *[st.text().map(visible_part)] * 2),
)


@given(names)
def test_names_come_back_in_the_order_they_were_written(given_names: dict[str, PersonName]) -> None:
    stored = names_to_json(given_names)

    assert list(names_from_json(stored).items()) == list(given_names.items())


@given(names.filter(lambda all_names: all(str(n).isprintable() for n in all_names.values())))
def test_names_are_read_from_text_too(given_names: dict[str, PersonName]) -> None:
    assert names_from_json(to_json(names_to_json(given_names))) == given_names


def test_no_names_are_no_names() -> None:
    assert names_from_json(None) == {}
    assert names_from_json("{}") == {}


def test_codes_of_a_newer_program_become_the_plainest_value() -> None:
    trip = trip_from_row(
        [
            1,
            "Rome",
            "IT",
            "rocket",
            None,
            None,
            "dreamt",
            1,
            0,
            0,
            0,
            "",
            "maybe",
            "",
            None,
            None,
            None,
        ]
    )
    case = case_from_row([1, "riddle", "sleeping", "x", "2026-01-02", "", None])

    assert (trip.product, trip.status) == (Product.OTHER, TripStatus.ASKED)
    assert (case.kind, case.state) == (CaseKind.QUESTION, CaseState.OPEN)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("0001-01-01", date.min),
        ("-infinity", date.min),
        ("0044-03-15 BC", date.min),
        ("9999-12-31", date.max),
        ("infinity", date.max),
        ("10000-01-01", date.max),
        ("2026-02-30", None),
    ],
)
def test_a_day_that_cannot_be_read_is_the_nearest_day_or_none(text: str, day: date | None) -> None:
    trip = [
        "Rome",
        "IT",
        "tour",
        text,
        text,
        "booked",
        1,
        0,
        0,
        0,
        "",
        "pending",
        "",
        None,
        None,
        None,
    ]
    case = case_from_row([1, "question", "open", "x", text, "", text])

    assert (trip_from_row([1, *trip]).departs, trip_from_row([1, *trip]).returns) == (day, day)
    assert (case.opened, case.promised_for) == (day or date.min, day)
    assert quiet_from_json({"visa": text, "hotel": "2026-01-02"}) == {
        **({} if day is None else {"visa": day}),
        "hotel": date(2026, 1, 2),
    }


def test_columns_of_a_trip_are_in_the_order_of_its_fields() -> None:
    names = [field.name for field in fields(Trip)]

    assert [*TripColumns._fields, "buyer"] == names


def test_each_customer_comes_once_in_the_order_of_the_first_row() -> None:
    rows = [_found(3, "a"), _found(1, "b"), _found(3, "c"), _found(2, "d")]

    assert distinct_customers(rows, 2) == [rows[0], rows[1]]


def _found(customer: int, raw: str) -> FoundCustomer:
    columns: dict[str, Any] = dict.fromkeys(CustomerColumns._fields)
    related: dict[str, Any] = dict.fromkeys(RelatedColumns._fields)
    return FoundCustomer(
        CustomerColumns(**columns | {"id": customer}),
        PhoneColumns(None, raw, "", None, None),
        RelatedColumns(**related),
    )
