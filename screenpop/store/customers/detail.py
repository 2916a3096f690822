"""One customer with everything on file, read in one transaction."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.consent import stored_consents
from screenpop.customers.detail import (
    CustomerChange,
    CustomerDetail,
    CustomerGroup,
    CustomerMerge,
    CustomerView,
    NumberOnFile,
    TravelCompanion,
)
from screenpop.customers.models import CustomerId, PersonRef, Phone
from screenpop.customers.own_values import own_from_json
from screenpop.store.branches import branch_names_now
from screenpop.store.customers.documents import load_documents
from screenpop.store.customers.offer_answers import offer_answers_of
from screenpop.store.customers.refs import (
    CUSTOMER_REF_COLUMNS,
    customer_ref_from_row,
    load_customer_refs,
)
from screenpop.store.customers.trips import load_cases, load_trips, row_to_plain
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_rows import call_from_row, customer_from_row
from screenpop.store.own_fields.definitions import load_own_fields
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import (
    customer_changes,
    customer_looks,
    customer_merges,
    number_choices,
    trip_travellers,
)
from screenpop.store.schema.tables import calls, customer_phones, customers, households, trips

CALLS_SHOWN = 50
_CHANGES_SHOWN = 100
_LOOKS_SHOWN = 30
_MEMBERS_SHOWN = 50
_COMPANIONS_SHOWN = 12


async def load_customer_detail(
    database: Database, customer_id: CustomerId
) -> CustomerDetail | None:
    """Return everything, also what not every department may see; None for an unknown customer."""
    documents = await load_documents(database, customer_id)
    async with database.reading() as connection:
        row = await _customer(connection, customer_id)
        if row is None:
            return None
        names = await connection.run_sync(branch_names_now)
        referred = await load_customer_refs(connection, [row.referred_by_id])
        return CustomerDetail(
            customer=customer_from_row(row_to_plain(row)),
            merged_into=row.merged_into_id,
            numbers=await _numbers(connection, customer_id),
            emails=tuple(row.emails),
            anniversary=row.anniversary,
            tags=tuple(row.tags),
            wishes=row.wishes,
            consents=stored_consents(row.consents, row.marketing_consent),
            owner=None if row.owner_id is None else (row.owner_id, row.owner_name or ""),
            branch=None if row.branch_id is None else (row.branch_id, names.get(row.branch_id, "")),
            referred_by=referred.get(row.referred_by_id),
            household=await _group(
                connection, customers.c.household_id, row.household_id, customer_id
            ),
            company=await _group(connection, customers.c.company_id, row.company_id, customer_id),
            city=row.city,
            heard_from=row.heard_from,
            code=row.code,
            companions=await _companions(connection, customer_id),
            trips=await load_trips(connection, customer_id),
            cases=await load_cases(connection, customer_id),
            calls=await _calls(connection, customer_id),
            offers=await offer_answers_of(connection, customer_id),
            history=await _history(connection, customer_id),
            looks=await _looks(connection, customer_id),
            merges=await _merges(connection, customer_id),
            created_at=row.created_at,
            changed_at=row.changed_at,
            documents=documents.documents,
            documents_problem=documents.problem,
            own=own_from_json(row.own),
            own_fields=await load_own_fields(connection),
            branches=names,
        )


async def _customer(connection: AsyncConnection, customer_id: CustomerId) -> Any:
    columns: tuple[Any, ...] = (
        *hot.customer_columns(func.coalesce(households.c.name, "")),
        customers.c.city,
        customers.c.heard_from,
        customers.c.code,
        customers.c.own,
        customers.c.emails,
        customers.c.tags,
        customers.c.wishes,
        customers.c.consents,
        customers.c.owner_id,
        users.c.display_name.label("owner_name"),
        customers.c.branch_id,
        customers.c.referred_by_id,
        customers.c.merged_into_id,
        customers.c.household_id,
        customers.c.company_id,
        customers.c.created_at,
        customers.c.changed_at,
    )
    found = await connection.execute(
        select(*columns)
        .select_from(
            customers.outerjoin(households, households.c.id == customers.c.household_id).outerjoin(
                users, users.c.id == customers.c.owner_id
            )
        )
        .where(customers.c.id == customer_id)
    )
    return found.first()


async def _numbers(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[NumberOnFile, ...]:
    rows = (
        await connection.execute(
            select(customer_phones, number_choices.c.customer_id.label("chosen"))
            .select_from(
                customer_phones.outerjoin(
                    number_choices, number_choices.c.e164 == customer_phones.c.e164
                )
            )
            .where(customer_phones.c.customer_id == customer_id)
            .order_by(customer_phones.c.id)
        )
    ).all()
    e164s = [row.e164 for row in rows if row.e164]
    others = await connection.execute(
        select(customer_phones.c.e164, *CUSTOMER_REF_COLUMNS)
        .select_from(
            customer_phones.join(customers, customers.c.id == customer_phones.c.customer_id)
        )
        .where(customer_phones.c.e164.in_(e164s), customers.c.id != customer_id)
        .order_by(customers.c.id)
    )
    sharing: dict[str, tuple[PersonRef, ...]] = {}
    for other in others:
        sharing[other.e164] = (*sharing.get(other.e164, ()), customer_ref_from_row(other))
    return tuple(
        NumberOnFile(
            row.id,
            Phone(row.e164, row.raw, row.label, row.since, row.verified_on),
            sharing.get(row.e164, ()),
            row.chosen,
        )
        for row in rows
    )


async def _group(
    connection: AsyncConnection, column: Any, group: int | None, customer_id: CustomerId
) -> CustomerGroup | None:
    if group is None:
        return None
    name = await connection.execute(select(households.c.name).where(households.c.id == group))
    rows = await connection.execute(
        select(*CUSTOMER_REF_COLUMNS)
        .where(column == group, customers.c.id != customer_id, customers.c.merged_into_id.is_(None))
        .order_by(customers.c.id)
        .limit(_MEMBERS_SHOWN)
    )
    return CustomerGroup(group, name.scalar_one(), tuple(map(customer_ref_from_row, rows)))


async def _companions(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[TravelCompanion, ...]:
    """Return those who were on trips with them, most often first."""
    mine = (
        select(trip_travellers.c.trip_id)
        .where(trip_travellers.c.customer_id == customer_id)
        .union(select(trips.c.id).where(trips.c.customer_id == customer_id))
        .subquery()
    )
    together = func.count(trip_travellers.c.trip_id.distinct())
    rows = (
        await connection.execute(
            select(trip_travellers.c.customer_id, together.label("trips"))
            .where(
                trip_travellers.c.trip_id.in_(select(mine.c[0])),
                trip_travellers.c.customer_id.is_not(None),
                trip_travellers.c.customer_id != customer_id,
            )
            .group_by(trip_travellers.c.customer_id)
            .order_by(together.desc(), trip_travellers.c.customer_id)
            .limit(_COMPANIONS_SHOWN)
        )
    ).all()
    people = await load_customer_refs(connection, [row.customer_id for row in rows])
    return tuple(TravelCompanion(people[row.customer_id], row.trips) for row in rows)


async def _calls(connection: AsyncConnection, customer_id: CustomerId) -> tuple[Any, ...]:
    rows = await connection.execute(
        select(*hot.CALL_COLUMNS, calls.c.id)
        .select_from(calls.outerjoin(users, users.c.id == calls.c.agent_id))
        .where(calls.c.customer_id == customer_id)
        .order_by(calls.c.arrived_at.desc())
        .limit(CALLS_SHOWN)
    )
    return tuple(replace(call_from_row(row_to_plain(row[:-1])), log_id=row[-1]) for row in rows)


async def _history(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[CustomerChange, ...]:
    rows = await connection.execute(
        select(customer_changes, users.c.display_name)
        .select_from(customer_changes.outerjoin(users, users.c.id == customer_changes.c.user_id))
        .where(customer_changes.c.customer_id == customer_id)
        .order_by(customer_changes.c.at.desc(), customer_changes.c.id.desc())
        .limit(_CHANGES_SHOWN)
    )
    return tuple(
        CustomerChange(
            row.at,
            row.display_name or "",
            row.what,
            {name: (pair[0], pair[1]) for name, pair in row.changes.items()},
        )
        for row in rows
    )


async def _looks(connection: AsyncConnection, customer_id: CustomerId) -> tuple[CustomerView, ...]:
    rows = await connection.execute(
        select(customer_looks, users.c.display_name)
        .select_from(customer_looks.join(users, users.c.id == customer_looks.c.user_id))
        .where(customer_looks.c.customer_id == customer_id)
        .order_by(customer_looks.c.last_at.desc(), customer_looks.c.id.desc())
        .limit(_LOOKS_SHOWN)
    )
    return tuple(
        CustomerView(row.display_name, row.first_at, row.last_at, row.times) for row in rows
    )


async def _merges(
    connection: AsyncConnection, customer_id: CustomerId
) -> tuple[CustomerMerge, ...]:
    """Return the merges into this customer that can be undone."""
    rows = (
        await connection.execute(
            select(customer_merges, users.c.display_name)
            .select_from(customer_merges.outerjoin(users, users.c.id == customer_merges.c.user_id))
            .where(customer_merges.c.kept_id == customer_id, customer_merges.c.undone_at.is_(None))
            .order_by(customer_merges.c.at.desc(), customer_merges.c.id.desc())
        )
    ).all()
    people = await load_customer_refs(connection, [row.gone_id for row in rows])
    return tuple(
        CustomerMerge(row.id, row.at, row.display_name or "", people[row.gone_id]) for row in rows
    )
