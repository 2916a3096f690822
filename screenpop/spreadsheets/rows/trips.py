"""A trip, or a case, as the cells of a row tell it, made whole."""

from datetime import date
from typing import Any

from screenpop.customers.models import CaseState, TripStatus

_AMOUNTS = ("price", "paid", "margin")


def complete_trip(trip: dict[str, Any], *, today: date, currency: str, paid_all: bool) -> bool:
    """Say what a row leaves to be understood: whether it is over, what it is paid in.

    False when the return lies before the departure: then the return is taken out.
    """
    if paid_all:
        trip["paid"] = trip.get("price", 0)
    if currency and any(trip.get(name) for name in _AMOUNTS):
        trip.setdefault("currency", currency)
    trip.setdefault("status", _status(trip, today).value)
    returns = trip.get("returns")
    # Days are ISO text here, which sorts as days do.
    if returns and returns < trip.get("departs", ""):
        del trip["returns"]
        return False
    return True


def complete_case(case: dict[str, Any]) -> None:
    """What has a day on which it was closed is closed."""
    if case.get("closed"):
        case.setdefault("state", CaseState.CLOSED.value)


def _status(trip: dict[str, Any], today: date) -> TripStatus:
    """Offices write down what they sold: a day ahead is booked, a day behind is travelled."""
    last = trip.get("returns") or trip.get("departs")
    if last is None:
        return TripStatus.BOOKED if trip.get("paid") else TripStatus.ASKED
    return TripStatus.TRAVELLED if last < today.isoformat() else TripStatus.BOOKED
