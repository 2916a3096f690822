"""Changing trips, their travellers, and cases; every change goes to the customer's audit log.

Only the given fields are changed. Raises ``CustomerRefusedError``: ``unknown_customer``,
``unknown_trip``, ``unknown_case``, ``unknown_traveller``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CaseState, CustomerId, TripStatus
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.customers.payment_rows import store_summary
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.own_fields.definitions import logged_own
from screenpop.store.own_fields.values import clean_own
from screenpop.store.schema.customer_tables import case_steps, trip_travellers
from screenpop.store.schema.tables import cases, customers, trips
from screenpop.store.search.reindex import reindex_customers
from screenpop.store.trip_board.progress import note_status


@dataclass(frozen=True, slots=True)
class TravellerInput:
    """A traveller: a customer by id, or another person by name."""

    customer: CustomerId | None
    name: str
    child: bool


Fields = Mapping[str, Any]
"""Columns of ``trips`` or ``cases`` and their new values."""


async def add_trip(
    database: Database,
    customer_id: CustomerId,
    given: Fields,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    async with database.writing() as connection:
        await touch_customer(connection, customer_id, now)
        row = await connection.execute(
            insert(trips).values(customer_id=customer_id, **_cleaned(given)).returning(trips.c.id)
        )
        trip: int = row.scalar_one()
        status = str(given.get("status", TripStatus.ASKED.value))
        await note_status(connection, trip, status, now)
        await reindex_customers(connection, [customer_id])
        filled = {name: (None, value) for name, value in _cleaned(given).items() if value}
        new = await _with_own(connection, filled)
        await log_change(connection, customer_id, "trip_added", new, user_id=user_id, now=now)
        return trip


async def update_trip(
    database: Database, trip: int, given: Fields, *, user_id: UserId | None, now: float
) -> CustomerId:
    """Update a trip; return its customer."""
    async with database.writing() as connection:
        before = await _row(connection, trips, trip, "unknown_trip")
        customer_id, different = CustomerId(before.customer_id), _different(before, _cleaned(given))
        if before.payments is not None:
            different.pop("paid", None)  # it follows from the payments
        if different:
            await connection.execute(update(trips).where(trips.c.id == trip).values(**different))
            if "status" in different:
                await note_status(connection, trip, different["status"], now)
            if before.payments is not None and "currency" in different:
                await store_summary(connection, trip, different["currency"])
            await touch_customer(connection, customer_id, now)
            await reindex_customers(connection, [customer_id])
            changes = {name: (getattr(before, name), value) for name, value in different.items()}
            changes = await _with_own(connection, changes)
            place = {"trip": ("", before.destination)}
            await log_change(
                connection, customer_id, "trip_edited", place | changes, user_id=user_id, now=now
            )
        return customer_id


async def set_travellers(
    database: Database,
    trip: int,
    travellers: Sequence[TravellerInput],
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    async with database.writing() as connection:
        whose = await _row(connection, trips, trip, "unknown_trip")
        await _check_travellers(connection, travellers)
        old = await connection.execute(
            select(trip_travellers.c.customer_id, trip_travellers.c.name, trip_travellers.c.child)
            .where(trip_travellers.c.trip_id == trip)
            .order_by(trip_travellers.c.id)
        )
        before = [list(row) for row in old]
        after = [[one.customer, clean_for_database(one.name), one.child] for one in travellers]
        if before == after:
            return
        await connection.execute(delete(trip_travellers).where(trip_travellers.c.trip_id == trip))
        rows = [
            {"trip_id": trip, "customer_id": customer, "name": name, "child": child}
            for customer, name, child in after
        ]
        if rows:
            await connection.execute(insert(trip_travellers), rows)
        # An undo of the import that brought the trip then keeps it: see ``trip_was_changed``.
        await connection.execute(
            update(trips)
            .where(trips.c.id == trip, trips.c.import_batch_id.is_not(None))
            .values(as_imported="travellers")
        )
        customer_id = CustomerId(whose.customer_id)
        await touch_customer(connection, customer_id, now)
        changes = {"trip": ("", whose.destination), "travellers": (len(before), len(after))}
        await log_change(connection, customer_id, "trip_edited", changes, user_id=user_id, now=now)


async def add_case(
    database: Database,
    customer_id: CustomerId,
    given: Fields,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    async with database.writing() as connection:
        return await add_case_in(connection, customer_id, given, user_id=user_id, now=now)


async def add_case_in(
    connection: AsyncConnection,
    customer_id: CustomerId,
    given: Fields,
    *,
    user_id: UserId | None,
    now: float,
) -> int:
    """As ``add_case``, inside the transaction of ``connection``."""
    await touch_customer(connection, customer_id, now)
    values = _cleaned(given)
    row = await connection.execute(
        insert(cases).values(customer_id=customer_id, **values).returning(cases.c.id)
    )
    case: int = row.scalar_one()
    await _step(connection, case, "opened", values["subject"], None, user_id, now)
    if values.get("promised_for"):
        await _promise(connection, case, values, user_id, now)
    new = {name: (None, value) for name, value in values.items() if value}
    await log_change(connection, customer_id, "case_added", new, user_id=user_id, now=now)
    return case


async def update_case(
    database: Database,
    case: int,
    given: Fields,
    *,
    note: str = "",
    user_id: UserId | None,
    now: float,
    today: date,
) -> CustomerId:
    """Update a case; return its customer.

    ``said`` is appended to the case's own history. Closing the case stores the day.
    """
    async with database.writing() as connection:
        before = await _row(connection, cases, case, "unknown_case")
        customer_id, different = CustomerId(before.customer_id), _different(before, _cleaned(given))
        state = different.get("state")
        if state is not None:
            different["closed"] = today if state == CaseState.CLOSED else None
            await _step(connection, case, "state", state, None, user_id, now)
        if "promised_by" in different or different.get("promised_for"):
            promise = {
                name: different.get(name, getattr(before, name))
                for name in ("promised_by", "promised_for")
            }
            await _promise(connection, case, promise, user_id, now)
        if note:
            await _step(connection, case, "said", clean_for_database(note), None, user_id, now)
        if different:
            await connection.execute(update(cases).where(cases.c.id == case).values(**different))
            await touch_customer(connection, customer_id, now)
            changes = {name: (getattr(before, name), value) for name, value in different.items()}
            about = {"case": ("", before.subject)}
            await log_change(
                connection, customer_id, "case_edited", about | changes, user_id=user_id, now=now
            )
        return customer_id


async def _promise(
    connection: AsyncConnection, case: int, values: Fields, user_id: UserId | None, now: float
) -> None:
    promised_by, due = values.get("promised_by", ""), values.get("promised_for")
    if promised_by or due:
        await _step(connection, case, "promised", promised_by, due, user_id, now)


async def _step(
    connection: AsyncConnection,
    case: int,
    what: str,
    text: str,
    due: date | None,
    user_id: UserId | None,
    now: float,
) -> None:
    await connection.execute(
        insert(case_steps).values(
            case_id=case, user_id=actor_id(user_id), at=now, what=what, text=text, due=due
        )
    )


async def _row(connection: AsyncConnection, table: Table, key: int, code: str) -> Any:
    row = (await connection.execute(select(table).where(table.c.id == key))).first()
    if row is None:
        raise CustomerRefusedError(code, f"There is no {table.name[:-1]} number {key}.")
    return row


async def _check_travellers(
    connection: AsyncConnection, travellers: Sequence[TravellerInput]
) -> None:
    wanted = {one.customer for one in travellers if one.customer is not None}
    found = await connection.execute(select(customers.c.id).where(customers.c.id.in_(wanted)))
    missing = wanted - set(found.scalars())
    if missing:
        raise CustomerRefusedError(
            "unknown_traveller", f"There is no customer number {min(missing)}."
        )


def _cleaned(given: Fields) -> dict[str, Any]:
    return {
        name: clean_own(value)
        if name == "own"
        else clean_for_database(value)
        if isinstance(value, str)
        else value
        for name, value in given.items()
    }


async def _with_own(
    connection: AsyncConnection, changes: Mapping[str, tuple[Any, Any]]
) -> dict[str, tuple[object, object]]:
    """Return the changes of a trip with an entry for each own field."""
    if "own" not in changes:
        return dict(changes)
    before, after = changes["own"]
    rest = {name: pair for name, pair in changes.items() if name != "own"}
    return rest | await logged_own(connection, before, after)


def _different(before: Any, given: Fields) -> dict[str, Any]:
    return {name: value for name, value in given.items() if getattr(before, name) != value}
