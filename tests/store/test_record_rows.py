"""Rows of the hot read, as values."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.names import visible_part
from screenpop.customers.records import CaseKind, CaseState, PersonName, Product, TripStatus
from screenpop.store.record_rows import case_from, each_once, names_from, names_to, trip_from
from screenpop.store.text import to_json

names = st.dictionaries(
    st.sampled_from(["en", "fa", "el", "de"]),
    st.builds(PersonName, *[st.text().map(visible_part)] * 2),
)


@given(names)
def test_names_come_back_in_the_order_they_were_written(given_names: dict[str, PersonName]) -> None:
    stored = names_to(given_names)

    assert list(names_from(stored).items()) == list(given_names.items())


@given(names.filter(lambda all_names: all(str(n).isprintable() for n in all_names.values())))
def test_names_are_read_from_text_too(given_names: dict[str, PersonName]) -> None:
    assert names_from(to_json(names_to(given_names))) == given_names


def test_no_names_are_no_names() -> None:
    assert names_from(None) == {}
    assert names_from("{}") == {}


def test_codes_of_a_newer_program_become_the_plainest_value() -> None:
    trip = trip_from(
        [1, "Rome", "IT", "rocket", None, None, "dreamt", 1, 0, 0, 0, "", "maybe", "", None]
    )
    case = case_from([1, "riddle", "sleeping", "x", "2026-01-02", "", None])

    assert (trip.product, trip.status) == (Product.OTHER, TripStatus.ASKED)
    assert (case.kind, case.state) == (CaseKind.QUESTION, CaseState.OPEN)


def test_each_customer_stands_once_in_the_order_of_the_first_row() -> None:
    rows = [[3, "a"], [1, "b"], [3, "c"], [2, "d"]]

    assert each_once(rows, 2) == [[3, "a"], [1, "b"]]
