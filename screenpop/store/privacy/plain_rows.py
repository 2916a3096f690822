"""Rows as JSON can hold them, without columns that are internal."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from screenpop.customers.payments import plain_amount

Plain = dict[str, Any]
"""As JSON can hold it: days and times (UTC) as ISO text."""
_MOMENTS = frozenset({"at", "first_at", "last_at", "undone_at", "imported_at", "kept_at"})
INTERNAL_COLUMNS = frozenset(
    {"id", "folded", "folded_notes", "as_imported", "number_sealed", "number_mark"}
)
"""Internal columns: keys, and search words, which repeat the customer's data."""


def plain_row(row: Any, without: Iterable[str] = ()) -> Plain:
    """Return the columns of a row by name, without internal ones and those of ``without``."""
    left_out = INTERNAL_COLUMNS | set(without)
    return {
        str(name): plain_value(name, value) for name, value in row.items() if name not in left_out
    }


def plain_value(name: str, value: Any) -> Any:
    if isinstance(value, float) and (name in _MOMENTS or name.endswith("_at")):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def plain_payment(stored: Plain) -> Plain:
    """Return a payment with its amounts in units, as people write them."""
    covers = stored.pop("counts_as")
    left_out = {"cents", "import_batch_id"}
    plain = {name: value for name, value in stored.items() if name not in left_out}
    return plain | {
        "amount": plain_amount(stored["cents"]),
        "covers": None if covers is None else plain_amount(covers),
    }
