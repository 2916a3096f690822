"""Completes a trip or a case from the cells of a row."""

from datetime import date
from typing import Any

from screenpop.customers.models import CaseState, TripStatus

_AMOUNTS = ("price", "paid", "margin")


def complete_trip(trip: dict[str, Any], *, today: date, currency: str, paid_all: bool) -> bool:
    """Fill in the status and the currency of a trip where the row leaves them out.

    False when the return is before the departure: then the return is removed.
    """
    if paid_all:
        trip["paid"] = trip.get("price", 0)
    if currency and any(trip.get(name) for name in _AMOUNTS):
        trip.setdefault("currency", currency)
    if "status" not in trip:
        trip |= {"status": _status(trip, today).value, "is_status_guessed": True}
    returns = trip.get("returns")
    # Days are ISO text here, which sorts as days do.
    if returns and returns < trip.get("departs", ""):
        del trip["returns"]
        return False
    return True


def complete_case(case: dict[str, Any]) -> None:
    """Close a case that has a closing day."""
    if case.get("closed"):
        case.setdefault("state", CaseState.CLOSED.value)


def _status(trip: dict[str, Any], today: date) -> TripStatus:
    """Return the status by date: a future departure is booked, a past one travelled.

    Offices list what they sold.
    """
    last = trip.get("returns") or trip.get("departs")
    if last is None:
        return TripStatus.BOOKED if trip.get("paid") else TripStatus.ASKED
    return TripStatus.TRAVELLED if last < today.isoformat() else TripStatus.BOOKED
