"""Rows of payments, and the summary of them that is stored with their trip."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.payments import (
    CENTS,
    PaymentDraft,
    PaymentMethod,
    PaymentState,
    StoredPayment,
)
from screenpop.customers.trip_payments import summarize, summary_to_json
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.tables import trips

Values = dict[str, Any]

_SLICE = 500
_METHODS = {method.value: method for method in PaymentMethod}
_STATES = {state.value: state for state in PaymentState}


def payment_values(payment: PaymentDraft) -> Values:
    """Return the columns of a payment, without its trip and its times."""
    return {
        "method": payment.method.value,
        "state": payment.state.value,
        "cents": payment.cents,
        "currency": clean_for_database(payment.currency),
        "counts_as": payment.counts_as,
        "due": payment.due,
        "made_on": payment.made_on,
        "paid_on": payment.paid_on,
        "returned_on": payment.returned_on,
        "cheque_number": clean_for_database(payment.cheque_number),
        "bank": clean_for_database(payment.bank),
        "note": clean_for_database(payment.note),
    }


def payment_from_row(row: Any) -> StoredPayment:
    # A code of a newer version becomes the plainest one.
    draft = PaymentDraft(
        cents=row.cents,
        currency=row.currency,
        method=_METHODS.get(row.method, PaymentMethod.OTHER),
        state=_STATES.get(row.state, PaymentState.DUE),
        due=row.due,
        made_on=row.made_on,
        paid_on=row.paid_on,
        returned_on=row.returned_on,
        cheque_number=row.cheque_number,
        bank=row.bank,
        note=row.note,
        counts_as=row.counts_as,
    )
    return StoredPayment(row.id, row.trip_id, draft)


async def payments_of_trips(
    connection: AsyncConnection, trip_ids: Sequence[int]
) -> dict[int, tuple[StoredPayment, ...]]:
    """Return the payments of trips, by trip; by their due day, then in the order of entry."""
    found: dict[int, list[StoredPayment]] = defaultdict(list)
    for start in range(0, len(trip_ids), _SLICE):
        rows = await connection.execute(
            select(trip_payments)
            .where(trip_payments.c.trip_id.in_(trip_ids[start : start + _SLICE]))
            .order_by(trip_payments.c.due.asc().nulls_first(), trip_payments.c.id)
        )
        for row in rows:
            found[row.trip_id].append(payment_from_row(row))
    return {trip_id: tuple(some) for trip_id, some in found.items()}


async def summary_values(connection: AsyncConnection, trip_id: int, currency: str) -> Values:
    """Return the columns of a trip that follow from its payments.

    What is paid in whole units is rounded down; the summary has it exactly.
    """
    payments = (await payments_of_trips(connection, [trip_id])).get(trip_id, ())
    if not payments:
        return {"payments": None, "paid": 0}
    summary = summarize(payments, currency)
    text = orjson.dumps(summary_to_json(summary)).decode()
    return {"payments": text, "paid": summary.paid // CENTS}


async def store_summary(connection: AsyncConnection, trip_id: int, currency: str) -> None:
    """Store the summary of a trip's payments after they, or the trip's currency, changed."""
    values = await summary_values(connection, trip_id, currency)
    await connection.execute(update(trips).where(trips.c.id == trip_id).values(**values))
