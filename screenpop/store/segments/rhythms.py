"""Stores the own rhythm of customers, which conditions compare; written with the work lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.follow_ups.work_list import Candidate
from screenpop.store.engine.database import Database
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import customers

Days = tuple[date, date]
"""When the next trip is usual, and from when the customer counts as lapsed."""


async def changed_rhythms(
    connection: AsyncConnection,
    ids: Sequence[int],
    candidates: Iterable[Candidate],
    among: Callable[[ColumnElement[int]], ColumnElement[bool]],
) -> dict[int, Days | None]:
    """Return the rhythms of these customers that differ from the stored ones; None: none now."""
    rows = await connection.execute(
        select(customer_rhythms).where(among(customer_rhythms.c.customer_id))
    )
    stored = {row.customer_id: (row.due, row.lapsed_from) for row in rows}
    now = {int(one.customer_id): one.lapse for one in candidates}
    found: dict[int, Days | None] = {}
    for customer_id in ids:
        lapse = now.get(customer_id)
        days = None if lapse is None else (lapse.due, lapse.lapsed_from)
        if stored.get(customer_id) != days:
            found[customer_id] = days
    return found


async def store_rhythms(database: Database, changed: Mapping[int, Days | None]) -> None:
    """Replace the stored rhythms; a customer erased meanwhile gets none."""
    if not changed:
        return
    async with database.writing() as connection:
        await connection.execute(
            delete(customer_rhythms).where(customer_rhythms.c.customer_id.in_(changed))
        )
        left = await connection.execute(select(customers.c.id).where(customers.c.id.in_(changed)))
        rows = [
            {"customer_id": customer_id, "due": days[0], "lapsed_from": days[1]}
            for customer_id in left.scalars()
            if (days := changed[customer_id]) is not None
        ]
        if rows:
            await connection.execute(insert(customer_rhythms), rows)
