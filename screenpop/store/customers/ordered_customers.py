"""Pages of the list of customers in an order, with a search and a segment, and their facts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from screenpop.conditions.fields import TAKEN
from screenpop.customers.models import CustomerId
from screenpop.store.customers.list_order import (
    FEW,
    ListOrder,
    OrderedList,
    OrderedPage,
    Place,
)
from screenpop.store.customers.queries import CustomerRow, load_customer_rows
from screenpop.store.customers.similar_search import ALL, found_ids
from screenpop.store.engine.database import Database
from screenpop.store.schema.list_order_tables import last_contacts
from screenpop.store.schema.tables import trips
from screenpop.store.schema.value_tables import WITHOUT_VALUE, customer_values
from screenpop.store.segments.selection import Selection, selected_ids
from screenpop.store.segments.sql_parts import is_one_of


async def list_ordered(
    database: Database,
    order: ListOrder,
    today: date,
    selection: Selection,
    *,
    after: Place | None = None,
    also: Sequence[int] = (),
) -> OrderedPage:
    """Return one page of selected customers in an order. ``also``: customers found otherwise."""
    wanted = await _wanted(database, selection)
    if wanted is not None:
        wanted = {*wanted, *also}
    ordered = OrderedList(database.kind, order, today)

    def among(_: Connection, step: Sequence[int]) -> Collection[int]:
        return (wanted or set()).intersection(step)

    def read(connection: Connection) -> OrderedPage:
        if wanted is None:
            return ordered.page(connection, after)
        if len(wanted) <= FEW:
            return ordered.page_of(connection, wanted, after)
        return ordered.page(connection, after, among)

    return await database.read(read)


async def _wanted(database: Database, selection: Selection) -> set[int] | None:
    """Return the customers of a selection; None for all of them."""
    if selection.segment is None:
        if not selection.search.strip():
            return None
        return set(await found_ids(database, selection.search, notes=selection.notes))
    return set(
        await database.read(
            lambda connection: selected_ids(connection, database.kind, selection, most=ALL)
        )
    )


async def load_in_order(database: Database, ids: Sequence[CustomerId]) -> tuple[CustomerRow, ...]:
    """Return the list entries of these customers in the same order."""
    rows = {row.customer.id: row for row in await load_customer_rows(database, ids)}
    return tuple(rows[one] for one in ids if one in rows)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the list shows of a customer beside their own fields."""

    last_contact: float | None = None
    """Seconds since 1970, UTC."""
    next_trip: date | None = None
    spend: int = 0
    currency: str = ""
    percentile: int | None = None


async def load_list_facts(
    database: Database, ids: Sequence[CustomerId], today: date
) -> Mapping[CustomerId, ListFacts]:
    """Return the facts of each of these customers."""
    kind = database.kind

    def read(connection: Connection) -> Mapping[CustomerId, ListFacts]:
        contacts = {
            row.customer_id: row.at
            for row in connection.execute(
                select(last_contacts).where(is_one_of(kind, last_contacts.c.customer_id, ids))
            )
        }
        departures = {
            row[0]: row[1]
            for row in connection.execute(
                select(trips.c.customer_id, func.min(trips.c.departs))
                .where(
                    is_one_of(kind, trips.c.customer_id, ids),
                    trips.c.status.in_(TAKEN),
                    trips.c.departs >= today,
                )
                .group_by(trips.c.customer_id)
            )
        }
        value = customer_values.c
        values = {
            row.customer_id: (row.spend, row.currency, row.percentile)
            for row in connection.execute(
                select(value.customer_id, value.spend, value.currency, value.percentile).where(
                    is_one_of(kind, value.customer_id, ids), value.place != WITHOUT_VALUE
                )
            )
        }
        return {
            one: ListFacts(contacts.get(one), departures.get(one), *values.get(one, (0, "", None)))
            for one in ids
        }

    return await database.read(read)
