"""A household or a company: who belongs to it, and who of them travelled with whom."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from screenpop.customers.records import PersonRef
from screenpop.store.database import Database
from screenpop.store.people_tables import trip_travellers
from screenpop.store.person_rows import PERSON, people_named, person_from
from screenpop.store.tables import customers, households

_MOST = 200


@dataclass(frozen=True, slots=True)
class Together:
    one: PersonRef
    other: PersonRef
    trips: int


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    id: int
    kind: str
    name: str
    members: tuple[PersonRef, ...]
    together: tuple[Together, ...]


async def household_file(database: Database, number: int) -> HouseholdFile | None:
    async with database.reading() as connection:
        row = (
            await connection.execute(select(households).where(households.c.id == number))
        ).first()
        if row is None:
            return None
        people = await connection.execute(
            select(*PERSON)
            .where(
                or_(customers.c.household_id == number, customers.c.company_id == number),
                customers.c.merged_into_id.is_(None),
            )
            .order_by(customers.c.id)
            .limit(_MOST)
        )
        members = tuple(map(person_from, people))
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
        named = await people_named(
            connection, [who for pair in pairs for who in (pair.customer_id, pair.with_id)]
        )
    together = tuple(
        Together(named[pair.customer_id], named[pair.with_id], pair.trips) for pair in pairs
    )
    return HouseholdFile(row.id, row.kind, row.name, members, together)
