"""The names of the queues in the call log, and how many calls a filter chooses."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, literal, select

from screenpop.store.calls.call_filter import CallFilter, filter_conditions
from screenpop.store.calls.call_labels import with_labels
from screenpop.store.calls.call_search import searched_calls
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, customers

_MOST_QUEUES = 500


async def list_queues(database: Database) -> tuple[str, ...]:
    """Return every queue that a call in the log went through, in alphabetical order.

    Each step jumps to the next name in the index, so a log of millions costs as many steps as it
    has queues.
    """

    def read(connection: Connection) -> Sequence[str]:
        return connection.execute(_queues(), {"most": _MOST_QUEUES}).scalars().all()

    return tuple(sorted(await database.read(read)))


async def count_calls(database: Database, wanted: CallFilter) -> int:
    """Return how many calls the pages of ``queries.list_calls`` have in all."""
    joined = with_labels(calls).outerjoin(customers, customers.c.id == calls.c.customer_id)
    searched = await searched_calls(database, wanted.search)
    conditions = filter_conditions(wanted, searched)
    statement = select(func.count()).select_from(joined).where(*conditions)
    async with database.reading() as connection:
        return int(await connection.scalar(statement) or 0)


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
