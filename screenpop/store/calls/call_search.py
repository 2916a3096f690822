"""Which calls a search of the log finds, by the indexes of words.

A search that finds few calls would read the whole log for one page, so its calls are found first.
One that finds many fills a page soon by reading the log in its order.
"""

from sqlalchemy import ColumnElement, Connection, select, text

from screenpop.store.customers.queries import is_one_of_ids
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import calls
from screenpop.store.search.begun_words import begun_words
from screenpop.store.search.queries import (
    SIMILAR_SETTINGS,
    WORDS_VERSION,
    calls_statement,
    search_statement,
    typed_words,
)

MOST_FOUND = 5000
"""Calls of a search that are found first; also customers whose calls are looked for."""


async def searched_calls(database: Database, typed: str) -> ColumnElement[bool] | None:
    """Return a condition on ``calls`` for those found; None for a search of none or too many.

    For None the log is read in its order with ``call_filter.filter_conditions``.
    """
    if not typed.strip():
        return None
    # A transaction of its own: its settings of PostgreSQL's planner are not for the page.
    found = await database.read(lambda connection: found_calls(connection, database.kind, typed))
    return None if found is None else is_one_of_ids(database.kind, calls.c.id, found)


def found_calls(connection: Connection, kind: Kind, typed: str) -> list[int] | None:
    """Return the ids of all calls found, in no order; None for more than ``MOST_FOUND``."""
    most = MOST_FOUND + 1
    begun: list[tuple[str, ...]] = []
    if kind == "postgresql":
        connection.execute(text(SIMILAR_SETTINGS))
        begun = begun_words(connection, typed_words(typed), WORDS_VERSION)
    by_caller = connection.execute(calls_statement(kind, typed, most)).scalars().all()
    if len(by_caller) > MOST_FOUND:
        return None
    wanted = search_statement(kind, typed, notes=False, most=most, begun=begun)
    people = connection.execute(wanted).scalars().all()
    if len(people) > MOST_FOUND:
        return None
    theirs = select(calls.c.id).where(is_one_of_ids(kind, calls.c.customer_id, people))
    found = {*by_caller, *connection.execute(theirs.limit(most)).scalars()}
    return None if len(found) > MOST_FOUND else sorted(found)
