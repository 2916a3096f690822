"""Trips and cases of a sheet as rows, with a mark by which a later change is noticed."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from screenpop.customers.draft import CaseDraft, TripDraft
from screenpop.customers.records import CustomerId
from screenpop.store.text import clean, to_json

Columns = dict[str, Any]


def trip_values(who: CustomerId, trip: TripDraft, batch: int) -> Columns:
    columns = trip_columns(trip)
    return {
        "customer_id": who,
        **columns,
        "import_batch_id": batch,
        "as_imported": trip_mark(columns),
    }


def case_values(who: CustomerId, case: CaseDraft, batch: int, now: float) -> Columns:
    """``now``: the moment of the import, when nobody says since when the case is open."""
    columns = {
        "kind": case.kind.value,
        "state": case.state.value,
        "subject": clean(case.subject),
        "opened": case.opened or datetime.fromtimestamp(now, UTC).date(),
        "promised_by": clean(case.promised_by),
        "promised_for": case.promised_for,
        "closed": case.closed,
    }
    mark = _mark(columns, _CASE_COLUMNS)
    return {"customer_id": who, **columns, "import_batch_id": batch, "as_imported": mark}


def was_changed(row: Any) -> bool:
    """Whether a trip on file is no longer as a sheet brought it."""
    columns = {name: getattr(row, name) for name in (*_TRIP_COLUMNS, *_MORE_OF_A_TRIP)}
    return bool(row.as_imported != trip_mark(columns))


def case_was_changed(row: Any) -> bool:
    columns = {name: getattr(row, name) for name in _CASE_COLUMNS}
    return bool(row.as_imported != _mark(columns, _CASE_COLUMNS))


def trip_mark(columns: Mapping[str, Any]) -> str:
    """The same as long as nobody has changed the trip. What was not always read of a sheet counts
    only where it says something: so marks of before stay true."""
    more = [name for name in _MORE_OF_A_TRIP if columns[name] not in _UNSAID]
    return _mark(columns, (*_TRIP_COLUMNS, *more))


def _mark(columns: Mapping[str, Any], names: Iterable[str]) -> str:
    text = to_json([[name, plain(columns[name])] for name in names])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_UNSAID = ("", 0, None)
_MORE_OF_A_TRIP = ("supplier", "margin", "rating", "feedback", "feedback_asked")
_CASE_COLUMNS = (
    "kind",
    "state",
    "subject",
    "opened",
    "promised_by",
    "promised_for",
    "closed",
)


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


def trip_columns(trip: TripDraft) -> Columns:
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
        "supplier": clean(trip.supplier),
        "margin": trip.margin,
        "rating": trip.rating,
        "feedback": clean(trip.feedback),
        "feedback_asked": trip.feedback_asked,
    }


def plain(value: Any) -> Any:
    """As JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value
