"""Counts from the call log: the calls of a day by disposition, and the names of queues."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, literal, select

from screenpop.calls.events import Direction, Disposition
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import SIMULATED

_MOST_QUEUES = 500


async def count_inbound_calls(
    database: Database, since_ts: float, *, simulated: bool
) -> Mapping[Disposition, int]:
    """Return how many inbound calls arrived since a time, by disposition.

    Waits for calls that are queued for the log. ``simulated``: count simulated calls too.
    """
    await database.log.flush()
    statement = (
        select(calls.c.disposition, func.count())
        .where(calls.c.arrived_at >= since_ts, calls.c.direction == Direction.INBOUND.value)
        .group_by(calls.c.disposition)
    )
    if not simulated:
        statement = statement.where(calls.c.pbx != SIMULATED)
    async with database.reading() as connection:
        counted = {row[0]: row[1] for row in await connection.execute(statement)}
    return {one: counted.get(one.value, 0) for one in Disposition}


async def list_queues(database: Database) -> tuple[str, ...]:
    """Return every queue that a call in the log went through, in alphabetical order.

    Each step jumps to the next name in the index, so a log of millions costs as many steps as it
    has queues.
    """

    def read(connection: Connection) -> Sequence[str]:
        return connection.execute(_queues(), {"most": _MOST_QUEUES}).scalars().all()

    return tuple(sorted(await database.read(read)))


@cache
def _queues() -> Select[Any]:
    first = select(
        select(func.min(calls.c.queue)).where(calls.c.queue != "").scalar_subquery().label("queue"),
        literal(1).label("place"),
    ).cte("queues", recursive=True)
    following = (
        select(func.min(calls.c.queue))
        .where(calls.c.queue != "", calls.c.queue > first.c.queue)
        .correlate(first)
        .scalar_subquery()
    )
    queues = first.union_all(
        select(following, first.c.place + 1).where(
            first.c.queue.is_not(None), first.c.place < bindparam("most", type_=Integer)
        )
    )
    return select(queues.c.queue).where(queues.c.queue.is_not(None))
