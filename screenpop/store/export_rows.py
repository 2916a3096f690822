"""Reads customers for an export, page by page.

Pages are read by key, so that no read lasts long and a million customers need no more memory than a
thousand.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.documents import DocumentDraft
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.customers.models import CustomerId
from screenpop.customers.payments import StoredPayment
from screenpop.customers.sheet_payments import SheetPayment
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.documents import document_drafts
from screenpop.store.customers.drafts import draft_from_row
from screenpop.store.customers.payment_rows import payments_of_trips
from screenpop.store.customers.trip_travellers import load_travellers
from screenpop.store.engine.database import Database
from screenpop.store.imports.owners import users_by_name
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.branch_tables import branches
from screenpop.store.schema.tables import cases, customer_phones, customers, households, trips
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.selection import Selection, selected_ids

_PAGE = 400

_company = households.alias("firm")
_sender = customers.alias("sender")
_PEOPLE = select(
    customers,
    households.c.name.label("household"),
    _company.c.name.label("company"),
    users.c.username,
    users.c.display_name,
    branches.c.name.label("branch"),
    _sender.c.names.label("sender_names"),
    customer_values.c.stage,
    customer_values.c.chance,
    customer_values.c.referred,
    customer_values.c.is_top,
    customer_values.c.percentile,
).select_from(
    customers.outerjoin(households, households.c.id == customers.c.household_id)
    .outerjoin(_company, _company.c.id == customers.c.company_id)
    .outerjoin(users, users.c.id == customers.c.owner_id)
    .outerjoin(branches, branches.c.id == customers.c.branch_id)
    .outerjoin(_sender, _sender.c.id == customers.c.referred_by_id)
    .outerjoin(customer_values, customer_values.c.customer_id == customers.c.id)
)


async def export_customers(
    database: Database,
    *,
    search: str = "",
    notes: bool = False,
    documents: bool = False,
    segment: Wanted | None = None,
) -> AsyncGenerator[tuple[CustomerExportRecord, ...]]:
    """Yield pages of all customers, or of those that a list search finds, the oldest first.

    ``segment``: only those who meet the condition. ``notes``: the search covers notes too.
    ``documents``: with travel documents and their numbers; raises ``DocumentKeyError``. Each page
    is a read of its own: customers added meanwhile are included, customers erased meanwhile are
    not.
    """
    last = 0
    names = await users_by_name(database)
    key = await load_document_key(database) if documents else None
    while True:
        async with database.reading() as connection:
            selection = Selection((), search, notes, segment)
            ids = await _page(connection, database, selection, last)
            people = await _people(connection, ids, names)
            papers = {} if key is None else await document_drafts(connection, ids, key)
        people = tuple(_with_documents(one, papers) for one in people)
        if people:
            yield people
        if len(ids) < _PAGE:
            return
        last = ids[-1]


async def _page(
    connection: AsyncConnection, database: Database, selection: Selection, last: int
) -> Sequence[int]:
    def read(sync: Connection) -> Sequence[int]:
        return selected_ids(sync, database.kind, selection, most=_PAGE, after=last)

    return await connection.run_sync(read)


async def _people(
    connection: AsyncConnection, ids: Sequence[int], users_named: Mapping[str, int]
) -> tuple[CustomerExportRecord, ...]:
    rows = await connection.execute(_PEOPLE.where(customers.c.id.in_(ids)).order_by(customers.c.id))
    phones = await _of_each(connection, select(customer_phones), customer_phones, ids)
    journeys = await _of_each(connection, select(trips), trips, ids)
    matters = await _of_each(connection, select(cases), cases, ids)
    going = await load_travellers(
        connection, [trip.id for theirs in journeys.values() for trip in theirs]
    )
    paying = [trip.id for theirs in journeys.values() for trip in theirs if trip.payments]
    payments = await payments_of_trips(connection, paying)
    return tuple(
        CustomerExportRecord(
            CustomerId(row.id),
            replace(
                draft_from_row(row, phones[row.id], journeys[row.id], matters[row.id], going),
                payments=_payments(journeys[row.id], payments),
            ),
            _owner(row, users_named),
            row.branch or "",
            next(iter(names_from_json(row.sender_names or []).values()), None),
            row.stage or "",
            row.chance,
            row.referred,
            bool(row.is_top),
            row.percentile,
        )
        for row in rows
    )


def _payments(
    journeys: Sequence[Any], payments: Mapping[int, tuple[StoredPayment, ...]]
) -> tuple[SheetPayment, ...]:
    return tuple(
        SheetPayment(one.payment, trip.destination, trip.departs)
        for trip in journeys
        for one in payments.get(trip.id, ())
    )


def _with_documents(
    one: CustomerExportRecord, documents: Mapping[int, tuple[DocumentDraft, ...]]
) -> CustomerExportRecord:
    theirs = documents.get(one.id)
    return replace(one, draft=replace(one.draft, documents=theirs)) if theirs else one


def _owner(row: Any, users_named: Mapping[str, int]) -> str:
    if row.owner_id is None:
        return ""
    certain = users_named.get(fold(row.display_name)) == row.owner_id
    return str(row.display_name if certain else row.username)


async def _of_each(
    connection: AsyncConnection, statement: Any, table: Any, ids: Sequence[int]
) -> dict[int, list[Any]]:
    rows = await connection.execute(
        statement.where(table.c.customer_id.in_(ids)).order_by(table.c.id)
    )
    kept: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        kept[row.customer_id].append(row)
    return kept
