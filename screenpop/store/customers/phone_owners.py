"""Customers by phone number: for commands that take a number in place of a customer's id."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select

from screenpop.customers.models import CustomerId
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customer_phones, customers
from screenpop.telephony.caller_id import CallerId


async def customers_with_phone(
    database: Database, caller: CallerId
) -> tuple[tuple[CustomerId, str], ...]:
    """Return ``(id, name)`` of each customer with this number, the lowest id first.

    The name is the one first written.
    """
    same = [customer_phones.c.raw == caller.raw]
    if caller.e164:
        same.append(customer_phones.c.e164 == caller.e164)
    owners = select(customer_phones.c.customer_id).where(or_(*same))
    having = (
        select(customers.c.id, customers.c.names)
        .where(customers.c.id.in_(owners))
        .order_by(customers.c.id)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(having)).all()
    return tuple((CustomerId(row.id), _first_name(row.names)) for row in rows)


def _first_name(names: Sequence[Mapping[str, str]]) -> str:
    first = names[0] if names else {}
    return " ".join(part for key in ("given", "family") if (part := first.get(key, "")))
