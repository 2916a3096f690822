"""Payments of a sheet: each finds its trip at the end of the import; and their undo.

A payment belongs to the trip whose place and day the row names, else to the only trip of the
customer, or to the only one that is not paid.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.draft import TripDraft
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.customers.payments import (
    CENTS,
    PaymentDraft,
    PaymentMethod,
    PaymentState,
    counted_cents,
    needs_counts_as,
)
from screenpop.customers.sheet_payments import SheetPayment
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.payment_rows import payments_of_trips, store_summary
from screenpop.store.customers.payments import insert_payment
from screenpop.store.customers.trip_rows import trip_fingerprint, trip_was_changed
from screenpop.store.engine.database import Database
from screenpop.store.imports.matching import SheetPerson
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.tables import customers, import_changes, trips

_SLICE = 200
LEFT_OUT = frozenset({"payment_no_trip", "payment_several_trips"})
"""Codes of payments that are not stored; the others are remarks on stored ones."""


@dataclass(frozen=True, slots=True)
class SheetRowPayment:
    """A payment of one row, with the customer that the row names."""

    line: int
    person: SheetPerson
    name: str
    payment: SheetPayment


@dataclass(frozen=True, slots=True)
class PaymentRemark:
    """A payment that was left out, or stored with a remark; ``code``: why."""

    line: int
    customer_name: str
    text: str
    code: str


@dataclass(slots=True)
class _Trip:
    """A trip that a payment may belong to; ``row``: None for one that is not stored yet."""

    destination: str
    departs: date | None
    is_cancelled: bool
    is_open: bool
    currency: str
    row: Any = None


class SheetPayments:
    """The payments of one import until its end, and the trips of the customers it has met."""

    def __init__(self, *, keeps_trips: bool) -> None:
        """``keeps_trips``: for a trial, which stores no trips."""
        self._rows: list[SheetRowPayment] = []
        self._keeps_trips = keeps_trips
        self._trips: dict[int, list[TripDraft]] = defaultdict(list)

    def take(self, line: int, person: SheetPerson, name: str, row: Any) -> None:
        """Note what the draft of a row has for a person."""
        self._rows += [SheetRowPayment(line, person, name, one) for one in row.payments]
        if self._keeps_trips and row.trips:
            self._trips[person.line] += row.trips

    async def check(self, database: Database) -> tuple[int, list[PaymentRemark]]:
        """Return how many payments an import would store, and its remarks."""
        stored, remarks = 0, list[PaymentRemark]()
        for some in _by_person(self._rows):
            async with database.reading() as connection:
                found = await _stored_trips(connection, _ids(some))
                known = await _known(connection, found)
            for rows in some:
                person = rows[0].person
                theirs = found.get(person.customer or 0, [])
                theirs = theirs + _new_trips(theirs, self._trips.get(person.line, ()))
                placed = _place(rows, theirs, known, remarks)
                stored += len(placed)
        return stored, remarks

    async def store(
        self, database: Database, batch: int, now: float
    ) -> tuple[int, list[PaymentRemark]]:
        """Store the payments; return how many, and the remarks."""
        stored, remarks = 0, list[PaymentRemark]()
        for some in _by_person(self._rows):
            async with database.writing() as connection:
                found = await _stored_trips(connection, _ids(some))
                known = await _known(connection, found)
                for rows in some:
                    customer_id = rows[0].person.customer
                    theirs = found.get(customer_id or 0, [])
                    placed = _place(rows, theirs, known, remarks)
                    stored += len(placed)
                    if placed and customer_id is not None:
                        await _write(connection, customer_id, placed, batch, now)
        return stored, remarks


def _by_person(rows: Iterable[SheetRowPayment]) -> Iterable[list[list[SheetRowPayment]]]:
    """Yield slices of people, each with the rows of one person in their order."""
    people: dict[object, list[SheetRowPayment]] = defaultdict(list)
    for row in rows:
        key = ("line", row.person.line) if row.person.customer is None else row.person.customer
        people[key].append(row)
    every = list(people.values())
    for start in range(0, len(every), _SLICE):
        yield every[start : start + _SLICE]


def _ids(some: Iterable[Sequence[SheetRowPayment]]) -> list[int]:
    return [rows[0].person.customer for rows in some if rows[0].person.customer is not None]


async def _stored_trips(
    connection: AsyncConnection, people: Sequence[int]
) -> dict[int, list[_Trip]]:
    rows = await connection.execute(
        select(trips).where(trips.c.customer_id.in_(people)).order_by(trips.c.id)
    )
    found: dict[int, list[_Trip]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(
            _Trip(
                fold(row.destination),
                row.departs,
                row.status == TripStatus.CANCELLED.value,
                row.price > row.paid,
                row.currency,
                row,
            )
        )
    return found


def _new_trips(stored: Sequence[_Trip], drafts: Iterable[TripDraft]) -> list[_Trip]:
    known = {(trip.destination, trip.departs) for trip in stored}
    found: dict[tuple[str, date | None], _Trip] = {}
    for one in drafts:
        key = fold(one.destination), one.departs
        cancelled = one.status is TripStatus.CANCELLED
        found[key] = _Trip(*key, cancelled, one.price > one.paid, one.currency)
    return [trip for key, trip in found.items() if key not in known]


async def _known(
    connection: AsyncConnection, found: dict[int, list[_Trip]]
) -> dict[int, list[PaymentDraft]]:
    """Return the payments that stored trips have already."""
    ids = [trip.row.id for theirs in found.values() for trip in theirs if trip.row.payments]
    stored = await payments_of_trips(connection, ids)
    return {trip_id: [one.payment for one in some] for trip_id, some in stored.items()}


Placed = list[tuple[_Trip, PaymentDraft]]


def _place(
    rows: Sequence[SheetRowPayment],
    theirs: Sequence[_Trip],
    known: dict[int, list[PaymentDraft]],
    remarks: list[PaymentRemark],
) -> Placed:
    """Return the payments to store, each with its trip; others become remarks or are there."""
    placed: Placed = []
    there = {trip_id: Counter(map(_occasion, payments)) for trip_id, payments in known.items()}
    for row in rows:
        trip = _trip_of(row.payment, theirs)
        if isinstance(trip, str):
            remarks.append(_remark(row, trip))
            continue
        payment = row.payment.in_currency(trip.currency)
        trip_id = trip.row.id if trip.row is not None else 0
        before = there.get(trip_id, Counter())
        if before[_occasion(payment)] > 0:
            before[_occasion(payment)] -= 1
            if not _has_same_state(payment, known.get(trip_id, ())):
                remarks.append(_remark(row, "payment_state_differs"))
            continue
        if trip.currency and needs_counts_as(payment.currency, trip.currency):
            remarks.append(_remark(row, "payment_other_currency"))
        placed.append((trip, payment))
    return placed


def _trip_of(payment: SheetPayment, theirs: Sequence[_Trip]) -> _Trip | str:
    fitting = [trip for trip in theirs if _fits(payment, trip)]
    if not fitting:
        return "payment_no_trip"
    for some in (
        fitting,
        [trip for trip in fitting if not trip.is_cancelled],
        [trip for trip in fitting if trip.is_open and not trip.is_cancelled],
    ):
        if len(some) == 1:
            return some[0]
    return "payment_several_trips"


def _fits(payment: SheetPayment, trip: _Trip) -> bool:
    if payment.departs is not None and trip.departs != payment.departs:
        return False
    wanted = fold(payment.destination)
    if not wanted:
        return True
    return wanted == trip.destination or bool(
        trip.destination and re.search(rf"\b{re.escape(trip.destination)}\b", wanted)
    )


def _occasion(payment: PaymentDraft) -> tuple[object, ...]:
    """Return a key that is equal for two records of one payment."""
    if payment.cheque_number:
        return payment.cheque_number, payment.cents, payment.currency
    return payment.cents, payment.currency, payment.due or payment.paid_on


def _has_same_state(payment: PaymentDraft, stored: Iterable[PaymentDraft]) -> bool:
    wanted = _occasion(payment)
    return any(one.state is payment.state for one in stored if _occasion(one) == wanted)


def _remark(row: SheetRowPayment, code: str) -> PaymentRemark:
    return PaymentRemark(row.line, row.name, row.payment.text(), code)


async def _write(
    connection: AsyncConnection, customer_id: int, placed: Placed, batch: int, now: float
) -> None:
    by_trip: dict[int, list[PaymentDraft]] = defaultdict(list)
    rows = {trip.row.id: trip.row for trip, _ in placed}
    for trip, payment in placed:
        by_trip[trip.row.id].append(payment)
    ids: list[int] = []
    for trip_id, payments in by_trip.items():
        ids += await _write_trip(connection, rows[trip_id], payments, batch, now)
    found = await connection.execute(select(customers).where(customers.c.id == customer_id))
    customer = found.one()
    if customer.import_batch_id == batch:
        return  # an undo takes the customer out as a whole
    await connection.execute(
        update(customers).where(customers.c.id == customer_id).values(changed_at=now)
    )
    paid = {str(trip_id): row.paid for trip_id, row in rows.items() if row.payments is None}
    await connection.execute(
        insert(import_changes).values(
            batch_id=batch,
            customer_id=customer_id,
            changes={
                **_NO_OTHER_CHANGES,
                "payments": ids,
                "paid_before": paid,
                "changed_at": [customer.changed_at, now],
            },
        )
    )
    changes: dict[str, tuple[object, object]] = {"payments": (None, len(placed))}
    await log_change(
        connection, CustomerId(customer_id), "imported", changes, user_id=None, now=now
    )


_NO_OTHER_CHANGES: dict[str, Any] = {
    "fields": {},
    "gone_phones": [],
    "phones": [],
    "trips": [],
    "cases": [],
    "trips_before": {},
}
"""Of an entry of ``imports.changes`` that is about payments only."""


async def _write_trip(
    connection: AsyncConnection, row: Any, payments: Sequence[PaymentDraft], batch: int, now: float
) -> list[int]:
    was_changed = row.import_batch_id != batch or trip_was_changed(row)
    currency = row.currency or payments[0].currency
    every = [*_paid_before(row, payments, currency), *payments]
    ids = [await insert_payment(connection, row.id, one, now, batch) for one in every]
    if currency != row.currency:
        await connection.execute(
            update(trips).where(trips.c.id == row.id).values(currency=currency)
        )
    await store_summary(connection, row.id, currency)
    await _mark(connection, row, is_changed=was_changed)
    return ids


def _paid_before(row: Any, payments: Sequence[PaymentDraft], currency: str) -> list[PaymentDraft]:
    """Return what the trip has as paid beyond the paid ones of the sheet, as a payment."""
    if row.payments is not None:
        return []
    paid = sum(
        counted_cents(one, currency) or 0 for one in payments if one.state is PaymentState.PAID
    )
    left = row.paid * CENTS - paid
    if left <= 0:
        return []
    return [
        PaymentDraft(
            cents=left,
            currency=currency,
            method=PaymentMethod.BEFORE,
            state=PaymentState.PAID,
        )
    ]


async def _mark(connection: AsyncConnection, row: Any, *, is_changed: bool) -> None:
    """Set the fingerprint of an imported trip, by which an undo knows later changes."""
    if row.import_batch_id is None:
        return
    fingerprint = "payments"
    if not is_changed:
        now = (await connection.execute(select(trips).where(trips.c.id == row.id))).one()
        fingerprint = trip_fingerprint(now._asdict())
    await connection.execute(
        update(trips).where(trips.c.id == row.id).values(as_imported=fingerprint)
    )


async def take_payments(
    connection: AsyncConnection,
    payments: Sequence[int],
    paid_before: Mapping[str, int],
    *,
    force: bool,
) -> list[int]:
    """Remove imported payments; return those that stay because their trip's were changed since.

    ``paid_before``: what trips without payments had as paid.
    """
    found = await connection.execute(select(trip_payments).where(trip_payments.c.id.in_(payments)))
    rows = found.all()
    changed = {row.trip_id for row in rows if not force and row.changed_at != row.created_at}
    gone = [row for row in rows if row.trip_id not in changed]
    for trip_id in sorted({row.trip_id for row in gone}):
        trip = (await connection.execute(select(trips).where(trips.c.id == trip_id))).one()
        was_changed = trip_was_changed(trip)
        theirs = [row.id for row in gone if row.trip_id == trip_id]
        await connection.execute(delete(trip_payments).where(trip_payments.c.id.in_(theirs)))
        await store_summary(connection, trip_id, trip.currency)
        left = await connection.scalar(select(trips.c.payments).where(trips.c.id == trip_id))
        if left is None and str(trip_id) in paid_before:
            paid = paid_before[str(trip_id)]
            await connection.execute(update(trips).where(trips.c.id == trip_id).values(paid=paid))
        await _mark(connection, trip, is_changed=was_changed)
    return [row.id for row in rows if row.trip_id in changed]
