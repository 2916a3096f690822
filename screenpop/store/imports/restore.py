"""Undo of an import's changes to existing customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.trip_rows import case_was_changed, to_json_value, trip_was_changed
from screenpop.store.engine.database import Database
from screenpop.store.imports.documents import restore_documents, take_documents
from screenpop.store.imports.payments import take_payments
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.customer_tables import case_steps, trip_travellers
from screenpop.store.schema.tables import cases, customer_phones, customers, import_changes, trips
from screenpop.store.search.reindex import reindex_customers

_SLICE = 200
_DAYS = frozenset(
    ("birthday", "anniversary", "customer_since", "since", "verified_on", "departs", "returns")
)

Changes = dict[str, Any]
"""In the format of ``imports.changes``."""


@dataclass(frozen=True, slots=True)
class KeptCustomer:
    """A customer who was changed since the import, so that the undo left (part of) it."""

    customer: CustomerId
    names: dict[str, PersonName]
    why: tuple[str, ...]
    """Why the customer was kept as a whole, else the fields that differ from the import.

    Reasons: ``edited``, ``merged``, ``case``, ``trip``. Fields: names of fields of the draft,
    ``phones``, ``trips``, ``cases``, ``documents``, ``payments``.
    """


async def restore_changes(
    database: Database, batch: int, now: float, *, force: bool
) -> tuple[int, list[KeptCustomer]]:
    """Return how many customers were restored, and those that were not."""
    restored, kept, before = 0, list[KeptCustomer](), None
    while True:
        async with database.writing() as connection:
            found = await _changes(connection, batch, before)
            if not found:
                return restored, kept
            before = found[-1].id
            for change in found:
                left = await _restore(connection, change, now, force=force)
                if not left:
                    restored += 1
                    continue
                customer_id = CustomerId(change.customer_id)
                names = await names_of_people(connection, [customer_id])
                kept.append(KeptCustomer(customer_id, names[customer_id], left))
            await reindex_customers(connection, sorted({change.customer_id for change in found}))


async def names_of_people(
    connection: AsyncConnection, people: Sequence[int]
) -> dict[int, dict[str, PersonName]]:
    found: dict[int, dict[str, PersonName]] = {}
    for start in range(0, len(people), _SLICE):
        rows = await connection.execute(
            select(customers.c.id, customers.c.names).where(
                customers.c.id.in_(people[start : start + _SLICE])
            )
        )
        found |= {row.id: names_from_json(row.names) for row in rows}
    return found


async def _changes(connection: AsyncConnection, batch: int, before: int | None) -> Sequence[Any]:
    """Return changes, the last first: two rows of a sheet may have changed the same customer."""
    statement = select(import_changes).where(import_changes.c.batch_id == batch)
    if before is not None:
        statement = statement.where(import_changes.c.id < before)
    rows = await connection.execute(statement.order_by(import_changes.c.id.desc()).limit(_SLICE))
    return rows.all()


async def _restore(
    connection: AsyncConnection, change: Any, now: float, *, force: bool
) -> tuple[str, ...]:
    """Restore earlier values; return what is left because it was changed since."""
    customer_id, done = CustomerId(change.customer_id), change.changes
    fields = await _fields(connection, customer_id, done, now, force=force)
    phones = await _take_phones(connection, done["phones"], force=force)
    payments = await take_payments(
        connection, done.get("payments", []), done.get("paid_before", {}), force=force
    )
    journeys = await _take_trips(connection, done["trips"], force=force)
    matters = await _take_cases(connection, done.get("cases", []), force=force)
    await connection.execute(
        delete(trip_travellers).where(trip_travellers.c.id.in_(done.get("travellers", [])))
    )
    changed = await _restore_trips(connection, done["trips_before"], force=force)
    papers = await take_documents(connection, done.get("documents", []), force=force)
    completed = await restore_documents(connection, done.get("documents_before", {}), force=force)
    await _give_back_phones(connection, done["gone_phones"])
    await log_change(
        connection,
        customer_id,
        "import_undone",
        {"batch": (change.batch_id, None)},
        user_id=None,
        now=now,
    )
    kept = {"phones": phones, "trips": [*journeys, *changed], "cases": matters}
    kept |= {"documents": [*papers, *completed], "payments": payments}
    if not (fields or any(kept.values())):
        await connection.execute(delete(import_changes).where(import_changes.c.id == change.id))
        return ()
    rest = done | {"fields": fields, "phones": phones, "trips": journeys, "cases": matters}
    rest |= {"documents": papers, "documents_before": completed, "payments": payments}
    await connection.execute(
        update(import_changes)
        .where(import_changes.c.id == change.id)
        .values(changes=rest | {"trips_before": changed, "gone_phones": []})
    )
    names = [name.removesuffix("_id") for name in fields if name != "marketing_consent"]
    return (*names, *(name for name, left in kept.items() if left))


async def _fields(
    connection: AsyncConnection, customer_id: CustomerId, done: Changes, now: float, *, force: bool
) -> Changes:
    """Restore fields; return those that stay."""
    row = (await connection.execute(select(customers).where(customers.c.id == customer_id))).one()
    left = {
        name: pair
        for name, pair in done["fields"].items()
        if not force and to_json_value(getattr(row, name)) != pair[1]
    }
    if "consents" in left and "marketing_consent" in done["fields"]:
        # One statement in two columns: an answer about offers keeps its day and source.
        left["marketing_consent"] = done["fields"]["marketing_consent"]
    back = {name: pair[0] for name, pair in done["fields"].items() if name not in left}
    values = {name: _read(name, value) for name, value in back.items()}
    untouched = row.changed_at == done["changed_at"][1] and not left
    values["changed_at"] = done["changed_at"][0] if untouched else now
    await connection.execute(
        update(customers).where(customers.c.id == customer_id).values(**values)
    )
    return left


async def _take_phones(connection: AsyncConnection, phones: list[int], *, force: bool) -> list[int]:
    """Remove imported numbers; those verified since stay."""
    verified = select(customer_phones.c.id).where(
        customer_phones.c.id.in_(phones), customer_phones.c.verified_on.is_not(None)
    )
    left = [] if force else list((await connection.execute(verified)).scalars())
    gone = [phone for phone in phones if phone not in left]
    await connection.execute(delete(customer_phones).where(customer_phones.c.id.in_(gone)))
    return left


async def _take_trips(
    connection: AsyncConnection, journeys: list[int], *, force: bool
) -> list[int]:
    rows = await connection.execute(select(trips).where(trips.c.id.in_(journeys)))
    left = [row.id for row in rows if not force and trip_was_changed(row)]
    gone = [trip for trip in journeys if trip not in left]
    await connection.execute(delete(trips).where(trips.c.id.in_(gone)))
    return left


async def _take_cases(connection: AsyncConnection, matters: list[int], *, force: bool) -> list[int]:
    """Remove imported cases; those worked on since stay."""
    left = [] if force else await edited_cases(connection, cases.c.id.in_(matters))
    gone = [case for case in matters if case not in left]
    await connection.execute(delete(cases).where(cases.c.id.in_(gone)))
    return list(left)


async def edited_cases(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> dict[int, int]:
    """Return cases with their customers that differ from what a sheet brought.

    Includes cases with more history and cases that no sheet brought.
    """
    later_notes = exists().where(case_steps.c.case_id == cases.c.id)
    rows = await connection.execute(
        select(cases, later_notes.label("later_notes")).where(condition)
    )
    return {row.id: row.customer_id for row in rows if row.later_notes or case_was_changed(row)}


async def _restore_trips(connection: AsyncConnection, kept: Changes, *, force: bool) -> Changes:
    left = {}
    for trip, (old, new) in kept.items():
        row = (await connection.execute(select(trips).where(trips.c.id == int(trip)))).first()
        if row is None:
            continue
        if not force and any(
            to_json_value(getattr(row, name)) != value for name, value in new.items()
        ):
            left[trip] = [old, new]
            continue
        values = {name: _read(name, value) for name, value in old.items()}
        await connection.execute(update(trips).where(trips.c.id == row.id).values(**values))
    return left


async def _give_back_phones(connection: AsyncConnection, phones: list[Changes]) -> None:
    for phone in phones:
        there = await connection.execute(
            select(customer_phones.c.id).where(
                customer_phones.c.customer_id == phone["customer_id"],
                customer_phones.c.e164.is_not_distinct_from(phone["e164"]),
                customer_phones.c.raw == phone["raw"],
            )
        )
        if there.first() is None:
            values = {name: _read(name, value) for name, value in phone.items()}
            await connection.execute(insert(customer_phones).values(**values))


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DAYS and value else value
