"""Payments of trips: entering and changing them; each change is in the customer's audit log.

Raises ``CustomerRefusedError``: ``unknown_customer``, ``unknown_trip``, ``unknown_payment``, and
the codes of ``PaymentProblem`` where a change does not fit the stored payment.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.customers.payments import (
    CENTS,
    PaymentDraft,
    PaymentMethod,
    PaymentProblem,
    PaymentState,
    StoredPayment,
    change_state,
    changes_of,
    needs_counts_as,
)
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.payment_rows import (
    payment_from_row,
    payment_values,
    payments_of_trips,
    store_summary,
)
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.engine.database import Database
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.tables import trips

_CHANGED = {
    PaymentState.PAID: "payment_paid",
    PaymentState.RETURNED: "payment_returned",
    PaymentState.DUE: "payment_reopened",
}


async def load_payments(database: Database, trip_id: int) -> tuple[StoredPayment, ...]:
    """Return the payments of a trip, by their due day."""
    async with database.reading() as connection:
        return (await payments_of_trips(connection, [trip_id])).get(trip_id, ())


async def add_payments(
    database: Database,
    customer_id: CustomerId,
    trip_id: int,
    payments: Sequence[PaymentDraft],
    *,
    user_id: UserId | None,
    now: float,
) -> tuple[int, ...]:
    """Store payments of a trip; return their ids.

    The first payment of a trip that has something as paid already is stored after one of that
    amount, so that the balance stays. A trip without a currency takes that of its first payment.
    """
    async with database.writing() as connection:
        trip = await _trip(connection, customer_id, trip_id)
        await touch_customer(connection, customer_id, now)
        currency = trip.currency or (payments[0].currency if payments else "")
        for payment in payments:
            _check_currency(payment, currency)
        if trip.payments is None and trip.paid > 0 and payments:
            before = PaymentDraft(
                cents=trip.paid * CENTS,
                currency=currency,
                method=PaymentMethod.BEFORE,
                state=PaymentState.PAID,
            )
            await insert_payment(connection, trip_id, before, now)
        ids = [await insert_payment(connection, trip_id, one, now) for one in payments]
        await _settle(connection, trip, currency)
        for payment in payments:
            changes = changes_of(None, payment)
            await _log(connection, trip, "payment_added", changes, user_id=user_id, now=now)
        return tuple(ids)


async def update_payment(
    database: Database,
    customer_id: CustomerId,
    payment_id: int,
    payment: PaymentDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    async with database.writing() as connection:
        trip, stored = await _payment(connection, customer_id, payment_id)
        if payment == stored:
            return
        _check_currency(payment, trip.currency)
        await _replace(connection, trip, payment_id, payment, now)
        changes = _changes(stored, payment)
        await _log(connection, trip, "payment_edited", changes, user_id=user_id, now=now)


async def change_payment_state(
    database: Database,
    customer_id: CustomerId,
    payment_id: int,
    state: PaymentState,
    day: date,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """Mark a payment as paid or returned on a day, or as due again; return its trip."""
    async with database.writing() as connection:
        trip, stored = await _payment(connection, customer_id, payment_id)
        changed = change_state(stored, state, day)
        if isinstance(changed, PaymentProblem):
            raise CustomerRefusedError(changed.value, "The payment cannot change in this way.")
        if changed != stored:
            await _replace(connection, trip, payment_id, changed, now)
            changes = _changes(stored, changed)
            await _log(connection, trip, _CHANGED[state], changes, user_id=user_id, now=now)
        return int(trip.id)


async def remove_payment(
    database: Database,
    customer_id: CustomerId,
    payment_id: int,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """Remove a payment that was entered by mistake; return its trip."""
    async with database.writing() as connection:
        trip, stored = await _payment(connection, customer_id, payment_id)
        await connection.execute(delete(trip_payments).where(trip_payments.c.id == payment_id))
        await touch_customer(connection, customer_id, now)
        await _settle(connection, trip, trip.currency)
        changes = changes_of(stored, None)
        await _log(connection, trip, "payment_removed", changes, user_id=user_id, now=now)
        return int(trip.id)


async def insert_payment(
    connection: AsyncConnection,
    trip_id: int,
    payment: PaymentDraft,
    now: float,
    batch: int | None = None,
) -> int:
    """Insert a row; ``store_summary`` has to follow."""
    done = await connection.execute(
        insert(trip_payments)
        .values(
            trip_id=trip_id,
            created_at=now,
            changed_at=now,
            import_batch_id=batch,
            **payment_values(payment),
        )
        .returning(trip_payments.c.id)
    )
    return int(done.scalar_one())


async def _trip(connection: AsyncConnection, customer_id: CustomerId, trip_id: int) -> Any:
    found = await connection.execute(
        select(trips).where(trips.c.id == trip_id, trips.c.customer_id == customer_id)
    )
    row = found.first()
    if row is None:
        raise CustomerRefusedError("unknown_trip", "This trip is not on the file.")
    return row


async def _payment(
    connection: AsyncConnection, customer_id: CustomerId, payment_id: int
) -> tuple[Any, PaymentDraft]:
    found = await connection.execute(select(trip_payments).where(trip_payments.c.id == payment_id))
    row = found.first()
    if row is None:
        raise CustomerRefusedError("unknown_payment", "This payment is not on the file.")
    return await _trip(connection, customer_id, row.trip_id), payment_from_row(row).payment


async def _replace(
    connection: AsyncConnection, trip: Any, payment_id: int, payment: PaymentDraft, now: float
) -> None:
    await connection.execute(
        update(trip_payments)
        .where(trip_payments.c.id == payment_id)
        .values(changed_at=now, **payment_values(payment))
    )
    await touch_customer(connection, trip.customer_id, now)
    await _settle(connection, trip, trip.currency)


async def _settle(connection: AsyncConnection, trip: Any, currency: str) -> None:
    """Store what follows for the trip; an undo of the import that brought it then keeps it."""
    await store_summary(connection, trip.id, currency)
    values = {"currency": currency} if currency != trip.currency else {}
    if trip.import_batch_id is not None:
        values["as_imported"] = "payments"
    if values:
        await connection.execute(update(trips).where(trips.c.id == trip.id).values(**values))


def _check_currency(payment: PaymentDraft, currency: str) -> None:
    if currency and needs_counts_as(payment.currency, currency) and payment.counts_as is None:
        raise CustomerRefusedError(
            PaymentProblem.OTHER_CURRENCY.value, "Give the amount in the trip's currency too."
        )


def _changes(before: PaymentDraft, after: PaymentDraft) -> dict[str, tuple[object, object]]:
    """Return what differs, with the amount in any case, which names the payment."""
    changes = dict(changes_of(before, after))
    amount = changes["payment_amount"]
    if amount[0] == amount[1]:
        changes["payment_amount"] = ("", amount[1])
    return changes


async def _log(
    connection: AsyncConnection,
    trip: Any,
    what: str,
    changes: Mapping[str, tuple[object, object]],
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    about = {"trip": ("", trip.destination)}
    await log_change(
        connection,
        CustomerId(trip.customer_id),
        what,
        about | {name: pair for name, pair in changes.items() if pair != (None, None)},
        user_id=user_id,
        now=now,
    )
