"""A trip built from the cells of a row."""

from datetime import date
from typing import Any

import pytest

from screenpop.spreadsheets.rows.trips import complete_trip

TODAY = date(2026, 11, 22)


def completed(paid_all: bool = False, **trip: Any) -> dict[str, Any]:
    assert complete_trip(trip, today=TODAY, currency="EUR", paid_all=paid_all)
    return trip


@pytest.mark.parametrize(
    ("trip", "status"),
    [
        ({"departs": "2026-12-01"}, "booked"),
        ({"departs": "2026-11-01"}, "travelled"),
        ({"departs": "2026-11-20", "returns": "2026-11-25"}, "booked"),
        ({"paid": 5}, "booked"),
        ({"destination": "Rome"}, "asked"),
        ({"departs": "2026-11-01", "status": "cancelled"}, "cancelled"),
    ],
)
def test_whether_it_is_over_is_decided_by_its_days(trip: dict[str, Any], status: str) -> None:
    assert completed(**trip)["status"] == status


def test_a_bare_amount_is_in_the_default_currency_and_no_amount_in_none() -> None:
    assert completed(price=700)["currency"] == "EUR"
    assert completed(price=700, currency="USD")["currency"] == "USD"
    assert "currency" not in completed(price=0)


def test_paid_in_full_is_the_price() -> None:
    assert completed(paid_all=True, price=700)["paid"] == 700


def test_a_return_before_the_departure_is_taken_out_and_reported() -> None:
    trip = {"departs": "2026-12-05", "returns": "2026-12-01"}

    assert not complete_trip(trip, today=TODAY, currency="", paid_all=False)
    assert "returns" not in trip
