"""Imported trips and cases as rows, with a fingerprint that detects later changes."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from screenpop.customers.draft import CaseDraft, TripDraft
from screenpop.customers.models import CustomerId
from screenpop.store.engine.text import clean_for_database, free_text, to_json
from screenpop.store.own_fields.values import clean_own

Columns = dict[str, Any]


def trip_values(customer_id: CustomerId, trip: TripDraft, batch: int) -> Columns:
    columns = trip_columns(trip)
    return {
        "customer_id": customer_id,
        **columns,
        "import_batch_id": batch,
        "as_imported": trip_fingerprint(columns),
    }


def case_values(customer_id: CustomerId, case: CaseDraft, batch: int, now: float) -> Columns:
    """Return the columns of a case.

    ``now``: the time of the import, used when the sheet does not give the opening day.
    """
    columns = {
        "kind": case.kind.value,
        "state": case.state.value,
        "subject": free_text(case.subject),
        "opened": case.opened or datetime.fromtimestamp(now, UTC).date(),
        "promised_by": free_text(case.promised_by),
        "promised_for": case.promised_for,
        "closed": case.closed,
    }
    mark = _fingerprint(columns, _CASE_COLUMNS)
    return {"customer_id": customer_id, **columns, "import_batch_id": batch, "as_imported": mark}


def trip_was_changed(row: Any) -> bool:
    """Return whether a stored trip differs from what its sheet brought."""
    columns = {name: getattr(row, name) for name in (*_TRIP_COLUMNS, *_MORE_OF_A_TRIP)}
    return bool(row.as_imported != trip_fingerprint(columns))


def case_was_changed(row: Any) -> bool:
    columns = {name: getattr(row, name) for name in _CASE_COLUMNS}
    return bool(row.as_imported != _fingerprint(columns, _CASE_COLUMNS))


def trip_fingerprint(columns: Mapping[str, Any]) -> str:
    """Return a digest that stays the same while the trip is unchanged.

    Columns that earlier versions did not import count only when filled, so that older fingerprints
    stay valid.
    """
    more = [name for name in _MORE_OF_A_TRIP if columns[name] not in _UNKNOWN_VALUES]
    return _fingerprint(columns, (*_TRIP_COLUMNS, *more))


def _fingerprint(columns: Mapping[str, Any], names: Iterable[str]) -> str:
    text = to_json([[name, to_json_value(columns[name])] for name in names])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_UNKNOWN_VALUES = ("", 0, None)
_MORE_OF_A_TRIP = ("supplier", "margin", "rating", "feedback", "feedback_asked", "own")
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
        "destination": clean_for_database(trip.destination),
        "country": clean_for_database(trip.country),
        "product": trip.product.value,
        "departs": trip.departs,
        "returns": trip.returns,
        "status": trip.status.value,
        "adults": trip.adults,
        "children": trip.children,
        "price": trip.price,
        "paid": trip.paid,
        "currency": clean_for_database(trip.currency),
        "visa": trip.visa.value,
        "note": free_text(trip.note),
        "supplier": free_text(trip.supplier),
        "margin": trip.margin,
        "rating": trip.rating,
        "feedback": free_text(trip.feedback),
        "feedback_asked": trip.feedback_asked,
        "own": clean_own(trip.own),
    }


def to_json_value(value: Any) -> Any:
    """Return the value as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value
