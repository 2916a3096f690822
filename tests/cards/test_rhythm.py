"""The customer's own rhythm on the card."""

from dataclasses import asdict
from datetime import date

import pytest

from screenpop.customers.models import CallerRecord, CustomerFile, Trip
from tests.cards.samples import card
from tests.customers.samples import LALEHS_MOBILE, customer, phone, trip

MARCHES = (date(2025, 3, 16), date(2024, 3, 8), date(2023, 3, 20), date(2022, 3, 12))


def record(days: tuple[date, ...], *more: CustomerFile) -> CallerRecord:
    trips: tuple[Trip, ...] = tuple(trip(departs=day, number=i) for i, day in enumerate(days))
    return CallerRecord(LALEHS_MOBILE, exact=(CustomerFile(customer(), phone(), trips), *more))


def test_a_card_has_the_rhythm_of_a_customer_with_three_trips_and_none_with_two() -> None:
    rhythm = card(record(MARCHES[:3])).rhythm
    assert rhythm is not None
    assert asdict(rhythm) == {
        "kind": "season",
        "months": 12,
        "last": "2025-03-16",
        "due": "2026-03-14",
        "lapsed": True,
        "ago": 20,
    }
    assert card(record(MARCHES[:2])).rhythm is None


@pytest.mark.parametrize(
    ("department", "visible"),
    [("sales", True), ("accounting", True), ("support", True), ("kitchen", False)],
)
def test_only_a_department_that_may_see_trips_has_the_rhythm(
    department: str, visible: bool
) -> None:
    assert (card(record(MARCHES), department=department).rhythm is not None) is visible


def test_a_caller_whose_customer_is_not_certain_has_no_rhythm() -> None:
    other = CustomerFile(customer(2), phone(), ())
    assert card(record(MARCHES, other)).rhythm is None
