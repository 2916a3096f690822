"""Changes of an import to existing customers, and what an undo of them needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CaseDraft, CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.draft_merge import new_cases, new_phones, new_trips, same_trip
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import consent_changes, log_change
from screenpop.store.customers.drafts import trip_draft_from_row
from screenpop.store.customers.payment_rows import store_summary
from screenpop.store.customers.queries import assign_past_calls
from screenpop.store.customers.rows import Group, customer_values, groups_of, phone_values
from screenpop.store.customers.trip_rows import (
    case_values,
    to_json_value,
    trip_columns,
    trip_values,
)
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.imports.documents import write_documents
from screenpop.store.imports.travellers import StoredTraveller, write_travellers
from screenpop.store.own_fields.definitions import logged_own
from screenpop.store.schema.tables import cases, customer_phones, customers, import_changes, trips
from screenpop.store.search.reindex import reindex_customers

_COLUMNS = {
    "owner": "owner_id",
    "branch": "branch_id",
    "referred_by": "referred_by_id",
    "household": "household_id",
    "company": "company_id",
}
"""Columns whose name differs from the field of the draft."""
_ELSEWHERE = frozenset({"phones", "trips", "cases", "documents", "payments"})
"""Fields with tables of their own."""


@dataclass(frozen=True, slots=True)
class CustomerUpdate:
    """What a sheet changes on an existing customer."""

    customer: CustomerId
    before: CustomerDraft
    after: CustomerDraft
    fields: tuple[str, ...]
    """Names of the fields that differ."""


async def write_changes(
    connection: AsyncConnection,
    kind: Kind,
    changes: Sequence[CustomerUpdate],
    *,
    batch: int,
    now: float,
    of_this_batch: frozenset[CustomerId] = frozenset(),
    key: DocumentKey | None = None,
) -> list[StoredTraveller]:
    """Add what a sheet adds to existing customers, and store what was there before.

    Returns the travellers that were added.

    ``of_this_batch``: customers that this import has created; an undo deletes them as a whole, so
    nothing is stored for them, and they do not count as changed since. ``key``: needed where a
    change has documents.
    """
    groups = await groups_of(connection, kind, [change.after for change in changes])
    added: list[StoredTraveller] = []
    for change in changes:
        kept = await _write_change(connection, change, groups, batch, now)
        on_new_trips = list(zip(kept["trips"], _new_trips(change), strict=True))
        travellers = await write_travellers(connection, kind, on_new_trips)
        on_old_trips = await _more_travellers(connection, change)
        more = await write_travellers(connection, kind, on_old_trips)
        kept["travellers"] = [one.id for one in more]
        if "documents" in change.fields:
            pair = change.before.documents, change.after.documents
            documents, completed = await write_documents(
                connection, change.customer, *pair, key, now
            )
            kept |= {"documents": documents, "documents_before": completed}
        added += [*travellers, *more]
        if change.customer in of_this_batch:
            continue
        before = await _touch(connection, change.customer, now)
        await connection.execute(
            insert(import_changes).values(
                batch_id=batch,
                customer_id=change.customer,
                changes=kept | {"changed_at": [before, now]},
            )
        )
        entry = _audit_entry(change)
        if "own" in change.fields:
            entry |= await logged_own(connection, change.before.own, change.after.own)
        await log_change(connection, change.customer, "imported", entry, user_id=None, now=now)
    changed = [change.customer for change in changes]
    await reindex_customers(connection, changed, match_later=True)
    return added


def _new_trips(change: CustomerUpdate) -> Sequence[TripDraft]:
    return new_trips(change.before.trips, change.after.trips)


async def _more_travellers(
    connection: AsyncConnection, change: CustomerUpdate
) -> list[tuple[int, TripDraft]]:
    """Return stored trips that get travellers: their ids, and drafts with the new ones only."""
    before = {same_trip(trip): trip.travellers for trip in change.before.trips}
    more = {
        same_trip(trip): trip.travellers[len(had) :]
        for trip in change.after.trips
        if (had := before.get(same_trip(trip))) is not None and len(trip.travellers) > len(had)
    }
    if not more:
        return []
    rows = await connection.execute(
        select(trips).where(trips.c.customer_id == change.customer).order_by(trips.c.id)
    )
    found: list[tuple[int, TripDraft]] = []
    for row in rows:
        stored = trip_draft_from_row(row)
        if travellers := more.pop(same_trip(stored), ()):
            found.append((row.id, replace(stored, travellers=travellers)))
    return found


async def _touch(connection: AsyncConnection, customer_id: CustomerId, now: float) -> float:
    """Set the time of the change; return the previous one."""
    before = await connection.execute(
        select(customers.c.changed_at).where(customers.c.id == customer_id)
    )
    await connection.execute(
        update(customers).where(customers.c.id == customer_id).values(changed_at=now)
    )
    return float(before.scalar_one())


async def _write_change(
    connection: AsyncConnection,
    change: CustomerUpdate,
    groups: dict[Group, int],
    batch: int,
    now: float,
) -> dict[str, Any]:
    """Write one change; return what an undo needs.

    These are columns with old and new values, and ids of phones, trips and cases.
    """
    old, new = customer_values(change.before, groups), customer_values(change.after, groups)
    old |= await _groups(connection, change.customer)
    columns = [_COLUMNS.get(field, field) for field in change.fields if field not in _ELSEWHERE]
    if "consents" in columns:
        columns.append("marketing_consent")
    changed = {name: new[name] for name in columns if new[name] != old[name]}
    if changed:
        await connection.execute(
            update(customers).where(customers.c.id == change.customer).values(**changed)
        )
    return {
        "fields": {
            name: [to_json_value(old[name]), to_json_value(value)]
            for name, value in changed.items()
        },
        "gone_phones": await _take_phones(connection, change),
        "phones": [
            await _insert_phone(connection, change.customer, phone)
            for phone in new_phones(change.before.phones, change.after.phones)
        ],
        "trips": [
            await _insert_trip(connection, change.customer, trip, batch)
            for trip in _new_trips(change)
        ],
        "cases": [
            await _insert_case(connection, change.customer, case, batch, now)
            for case in new_cases(change.before.cases, change.after.cases)
        ],
        "trips_before": await _change_trips(connection, change),
    }


async def _insert_phone(
    connection: AsyncConnection, customer_id: CustomerId, phone: PhoneDraft
) -> int:
    done = await connection.execute(
        insert(customer_phones)
        .values(**phone_values(customer_id, phone))
        .returning(customer_phones.c.id)
    )
    await assign_past_calls(connection, customer_id, phone.e164)
    return int(done.scalar_one())


async def _insert_trip(
    connection: AsyncConnection, customer_id: CustomerId, trip: TripDraft, batch: int
) -> int:
    done = await connection.execute(
        insert(trips).values(**trip_values(customer_id, trip, batch)).returning(trips.c.id)
    )
    return int(done.scalar_one())


async def _insert_case(
    connection: AsyncConnection, customer_id: CustomerId, case: CaseDraft, batch: int, now: float
) -> int:
    done = await connection.execute(
        insert(cases).values(**case_values(customer_id, case, batch, now)).returning(cases.c.id)
    )
    return int(done.scalar_one())


async def _updated_trips(
    connection: AsyncConnection, change: CustomerUpdate
) -> dict[int, TripDraft]:
    """Return stored trips, by id, that get other values from a row with the customer's code."""
    before = {same_trip(trip): trip_columns(trip) for trip in change.before.trips}
    wanted = {
        key: trip
        for trip in change.after.trips
        if (key := same_trip(trip)) in before and trip_columns(trip) != before[key]
    }
    if not wanted:
        return {}
    rows = await connection.execute(
        select(trips).where(trips.c.customer_id == change.customer).order_by(trips.c.id)
    )
    return {
        row.id: after
        for row in rows
        if (after := wanted.pop(same_trip(trip_draft_from_row(row)), None)) is not None
    }


async def _change_trips(
    connection: AsyncConnection, change: CustomerUpdate
) -> dict[str, list[dict[str, Any]]]:
    """Update stored trips that the sheet changes; return old and new values."""
    kept = {}
    for trip, after in (await _updated_trips(connection, change)).items():
        found = await connection.execute(select(trips).where(trips.c.id == trip))
        row = found.first()
        if row is None:
            continue
        old, new = trip_columns(trip_draft_from_row(row)), trip_columns(after)
        changed = {name: value for name, value in new.items() if value != old[name]}
        if row.payments is not None:
            changed.pop("paid", None)  # it follows from the payments
        if changed:
            await connection.execute(update(trips).where(trips.c.id == trip).values(**changed))
            if row.payments is not None and "currency" in changed:
                await store_summary(connection, trip, changed["currency"])
            before = {name: to_json_value(old[name]) for name in changed}
            kept[str(trip)] = [
                before,
                {name: to_json_value(value) for name, value in changed.items()},
            ]
    return kept


async def _take_phones(connection: AsyncConnection, change: CustomerUpdate) -> list[dict[str, Any]]:
    """Remove numbers that the sheet replaces; return them for an undo."""
    gone = new_phones(change.after.phones, change.before.phones)
    if "phones" not in change.fields or not gone:
        return []
    kept = []
    for phone in gone:
        same = (
            customer_phones.c.e164 == phone.e164
            if phone.e164
            else (customer_phones.c.e164.is_(None))
            & (customer_phones.c.raw == clean_for_database(phone.raw))
        )
        await connection.execute(
            delete(customer_phones).where(customer_phones.c.customer_id == change.customer, same)
        )
        values = phone_values(change.customer, phone)
        kept.append({name: to_json_value(value) for name, value in values.items()})
    return kept


async def _groups(connection: AsyncConnection, customer_id: CustomerId) -> dict[str, int | None]:
    found = await connection.execute(
        select(customers.c.household_id, customers.c.company_id).where(
            customers.c.id == customer_id
        )
    )
    row = found.one()
    return {"household_id": row.household_id, "company_id": row.company_id}


def _audit_entry(change: CustomerUpdate) -> dict[str, tuple[object, object]]:
    """Return the entry for the customer's audit log."""
    entry: dict[str, tuple[object, object]] = {}
    for field in change.fields:
        before, after = getattr(change.before, field), getattr(change.after, field)
        if field == "own":
            continue
        if field == "consents":
            entry[field] = consent_changes(before, after)
            continue
        several = field in _ELSEWHERE
        entry[field] = (
            (len(before), len(after)) if several else (_to_plain(before), _to_plain(after))
        )
    return entry


def _to_plain(value: object) -> object:
    if isinstance(value, Mapping):
        return ", ".join(str(getattr(one, "full", one)) for one in value.values())
    return list(value) if isinstance(value, tuple) else getattr(value, "value", value)
