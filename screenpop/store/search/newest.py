"""The newest customers found, for the search on PostgreSQL.

PostgreSQL's word index does not know the order of the ids: without a window every row found is
fetched to learn which are the newest, each from a page of its own. With one, two indexes are
combined before any row is.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from screenpop.store.schema.tables import customers

SEARCH_WINDOW = 16_384
"""Newest ids in which a search that may find many looks first: a page of fifty of what one customer
in three hundred has."""
MOST_FETCHED = 500
"""Rows; where a search finds no more than these in all, they are fetched without another window."""
_SPARE = 1.5
"""How much wider the second window is than one that holds just enough, if customers are even."""


def newest_id(connection: Connection) -> int:
    """Return the largest id. To be read before planner settings, which would make it slow."""
    return connection.execute(select(func.max(customers.c.id))).scalar() or 0


def newest_found(
    connection: Connection,
    statement: Callable[[int | None], Select[Any]],
    before: int,
    wanted: int,
) -> Sequence[int]:
    """Return the ids that ``statement`` finds, the newest first: ``wanted`` ids, or all it finds.

    ``statement``: given the smallest id to look at, None for all; with ``wanted`` as its limit.
    ``before``: it finds smaller ids only.
    """
    window = SEARCH_WINDOW
    if before > window:
        found = _ids(connection, statement(before - window))
        if len(found) >= wanted:
            return found
        if len(found) * before > MOST_FETCHED * window:
            window = int(window * wanted * _SPARE / len(found))
            if window < before:
                found = _ids(connection, statement(before - window))
                if len(found) >= wanted:
                    return found
    return _ids(connection, statement(None))


def _ids(connection: Connection, statement: Select[Any]) -> Sequence[int]:
    return connection.execute(statement).scalars().all()
