"""Trips of a sheet as rows, with a mark by which a later change is noticed."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from screenpop.customers.draft import TripDraft
from screenpop.customers.records import CustomerId
from screenpop.store.text import clean, to_json


def trip_values(who: CustomerId, trip: TripDraft, batch: int) -> dict[str, Any]:
    columns = trip_columns(trip)
    return {
        "customer_id": who,
        **columns,
        "import_batch_id": batch,
        "as_imported": trip_mark(columns),
    }


def was_changed(row: Any) -> bool:
    """Whether a trip on file is no longer as a sheet brought it."""
    return bool(row.as_imported != trip_mark({name: getattr(row, name) for name in _TRIP_COLUMNS}))


def trip_mark(columns: Mapping[str, Any]) -> str:
    """The same as long as nobody has changed the trip."""
    text = to_json([[name, plain(columns[name])] for name in _TRIP_COLUMNS])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_TRIP_COLUMNS = (
    "destination",
    "country",
    "product",
    "departs",
    "returns",
    "status",
    "adults",
    "children",
    "price",
    "paid",
    "currency",
    "visa",
    "note",
)


def trip_columns(trip: TripDraft) -> dict[str, Any]:
    return {
        "destination": clean(trip.destination),
        "country": clean(trip.country),
        "product": trip.product.value,
        "departs": trip.departs,
        "returns": trip.returns,
        "status": trip.status.value,
        "adults": trip.adults,
        "children": trip.children,
        "price": trip.price,
        "paid": trip.paid,
        "currency": clean(trip.currency),
        "visa": trip.visa.value,
        "note": clean(trip.note),
    }


def plain(value: Any) -> Any:
    """As JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value
