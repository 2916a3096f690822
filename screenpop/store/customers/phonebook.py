"""Customers for the phonebooks of office phones."""

from collections.abc import Sequence

from sqlalchemy import select

from screenpop.customers.consent import stored_consents
from screenpop.customers.models import CustomerId
from screenpop.store.customers.queries import CustomerRow, list_customers
from screenpop.store.customers.ranked_search import best_customers
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers

_PAGE = 200
_CLOSED = ("phone", "data")
"""Channels: who refused one of these is in no phonebook."""


async def phonebook_customers(
    database: Database, search: str, most: int
) -> tuple[CustomerRow, ...]:
    """Return customers with their numbers who did not refuse calls, at most ``most``.

    The best matches of ``search`` first; without one the newest customers.
    """
    if search.strip():
        found = await best_customers(database, search)
        return (await _reachable(database, found.rows))[:most]
    kept: list[CustomerRow] = []
    after: CustomerId | None = None
    while len(kept) < most:
        page = await list_customers(database, after=after, limit=min(_PAGE, most))
        kept += await _reachable(database, page.rows)
        after = page.after
        if after is None:
            break
    return tuple(kept[:most])


async def _reachable(database: Database, rows: Sequence[CustomerRow]) -> tuple[CustomerRow, ...]:
    ids = [row.customer.id for row in rows if row.phones]
    if not ids:
        return ()
    statement = select(customers.c.id, customers.c.consents, customers.c.marketing_consent).where(
        customers.c.id.in_(ids)
    )
    async with database.reading() as connection:
        found = (await connection.execute(statement)).all()
    open_to_calls = set()
    for row in found:
        consents = stored_consents(row.consents, row.marketing_consent)
        refused = [one for one in _CLOSED if one in consents and not consents[one].given]
        if not refused:
            open_to_calls.add(row.id)
    return tuple(row for row in rows if row.customer.id in open_to_calls)
