"""Customers as rows of the work lists show them: names, tier, and the number to call."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import PersonRef
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.schema.tables import customer_phones, customers


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    ref: PersonRef
    number: str
    """E.164 of the first number; empty without one."""
    phone_id: int | None
    """The row of that number."""
    language: str
    tier: str
    vip: bool


async def load_listed_customers(
    connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, ListedCustomer]:
    """Return the customers by id, each with the first number that can be called."""
    refs = await load_customer_refs(connection, ids)
    facts = await connection.execute(
        select(customers.c.id, customers.c.language, customers.c.tier, customers.c.vip).where(
            customers.c.id.in_(ids)
        )
    )
    numbers = await connection.execute(
        select(customer_phones.c.id, customer_phones.c.customer_id, customer_phones.c.e164)
        .where(customer_phones.c.customer_id.in_(ids), customer_phones.c.e164.is_not(None))
        .order_by(customer_phones.c.id.desc())
    )
    first = {row.customer_id: (row.e164, row.id) for row in numbers}
    return {
        row.id: ListedCustomer(
            refs[row.id], *first.get(row.id, ("", None)), row.language, row.tier, bool(row.vip)
        )
        for row in facts
    }
