"""References to other customers: the columns, and the value they make."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CustomerId, Gender, PersonRef, Title
from screenpop.store.engine.database import Database
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.tables import customer_phones, customers

CUSTOMER_REF_COLUMNS = (customers.c.id, customers.c.names, customers.c.title, customers.c.gender)

_TITLES = {title.value: title for title in Title}
_GENDERS = {gender.value: gender for gender in Gender}


def customer_ref_from_row(row: Any) -> PersonRef:
    return PersonRef(
        CustomerId(row.id),
        names_from_json(row.names),
        _TITLES.get(row.title, Title.NONE),
        _GENDERS.get(row.gender, Gender.UNSAID),
    )


async def load_customer_refs(
    connection: AsyncConnection, people: Iterable[int | None]
) -> dict[int, PersonRef]:
    wanted = {customer_id for customer_id in people if customer_id is not None}
    if not wanted:
        return {}
    rows = await connection.execute(select(*CUSTOMER_REF_COLUMNS).where(customers.c.id.in_(wanted)))
    return {row.id: customer_ref_from_row(row) for row in rows}


MOST_OF_A_NUMBER = 12


async def customers_of_number(database: Database, e164: str) -> tuple[PersonRef, ...]:
    """Return the customers with this number, the lowest id first; twelve at most."""
    having = select(customer_phones.c.customer_id).where(customer_phones.c.e164 == e164)
    statement = (
        select(*CUSTOMER_REF_COLUMNS)
        .where(customers.c.id.in_(having), customers.c.merged_into_id.is_(None))
        .order_by(customers.c.id)
        .limit(MOST_OF_A_NUMBER)
    )
    async with database.reading() as connection:
        return tuple(customer_ref_from_row(row) for row in await connection.execute(statement))
