"""A household or a company: its members, and which of them travelled together."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from screenpop.customers.models import PersonRef
from screenpop.store.customers.refs import (
    CUSTOMER_REF_COLUMNS,
    customer_ref_from_row,
    load_customer_refs,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import customers, households

_MOST = 200


@dataclass(frozen=True, slots=True)
class SharedTrips:
    one: PersonRef
    other: PersonRef
    trips: int


@dataclass(frozen=True, slots=True)
class HouseholdDetail:
    id: int
    kind: str
    name: str
    members: tuple[PersonRef, ...]
    together: tuple[SharedTrips, ...]


async def load_household(database: Database, number: int) -> HouseholdDetail | None:
    """Return a household; None if it is unknown, or if a limited viewer sees no member of it."""
    async with database.reading() as connection:
        row = (
            await connection.execute(select(households).where(households.c.id == number))
        ).first()
        if row is None:
            return None
        people = await connection.execute(
            select(*CUSTOMER_REF_COLUMNS)
            .where(
                or_(customers.c.household_id == number, customers.c.company_id == number),
                customers.c.merged_into_id.is_(None),
            )
            .order_by(customers.c.id)
            .limit(_MOST)
        )
        members = tuple(map(customer_ref_from_row, people))
        if not members and current_viewer() is not None:
            return None  # its name is that of people who are not seen
        ids = [member.id for member in members]
        one, other = trip_travellers.alias("one"), trip_travellers.alias("other")
        count = func.count(one.c.trip_id.distinct())
        pairs = (
            await connection.execute(
                select(
                    one.c.customer_id, other.c.customer_id.label("with_id"), count.label("trips")
                )
                .select_from(one.join(other, one.c.trip_id == other.c.trip_id))
                .where(one.c.customer_id.in_(ids), other.c.customer_id > one.c.customer_id)
                .group_by(one.c.customer_id, other.c.customer_id)
                .order_by(count.desc(), one.c.customer_id)
                .limit(_MOST)
            )
        ).all()
        named = await load_customer_refs(
            connection,
            [customer_id for pair in pairs for customer_id in (pair.customer_id, pair.with_id)],
        )
    together = tuple(
        SharedTrips(named[pair.customer_id], named[pair.with_id], pair.trips) for pair in pairs
    )
    return HouseholdDetail(row.id, row.kind, row.name, members, together)
