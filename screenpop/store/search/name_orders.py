"""Sort keys of customers' names, kept up with their match keys."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.display_name import display_name
from screenpop.customers.models import LANGUAGES
from screenpop.customers.name_order import name_order_key
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.list_order_tables import name_orders


async def update_name_orders(
    connection: AsyncConnection, people: Sequence[int], rows: Iterable[Any]
) -> None:
    """Write the keys of these customers; ``rows``: ``id`` and ``names`` of those not merged."""
    new = {row.id: _keys(row.names) for row in rows}
    stored = await connection.execute(
        select(name_orders).where(name_orders.c.customer_id.in_(people))
    )
    old = {
        row["customer_id"]: tuple(bytes(row[language]) for language in LANGUAGES)
        for row in stored.mappings()
    }
    gone = [person for person, keys in old.items() if new.get(person) != keys]
    if gone:
        await connection.execute(delete(name_orders).where(name_orders.c.customer_id.in_(gone)))
    added = [
        {"customer_id": person, **dict(zip(LANGUAGES, keys, strict=True))}
        for person, keys in sorted(new.items())
        if old.get(person) != keys
    ]
    if added:
        await connection.execute(insert(name_orders), added)


def _keys(plain: Any) -> tuple[bytes, ...]:
    names = names_from_json(plain)
    return tuple(name_order_key(display_name(names, language), language) for language in LANGUAGES)
