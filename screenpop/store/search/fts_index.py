"""Indexing of imported customers in SQLite's full-text index, in steps.

FTS5 writes the rows of one transaction as a segment of their own and merges segments when there
are many: repeatedly during an import, and sometimes all at once. Here nothing is merged before all
rows are in, and then in small steps; others can write between two of them.
https://www.sqlite.org/fts5.html#the_automerge_configuration_option
"""

from sqlalchemy import bindparam, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customers_to_find
from screenpop.store.schema.tables import customers
from screenpop.store.search.queries import FOUND

_INDEXED_AT_ONCE = 2000
"""Rows a step: more cost less each; this many lock the database for 50 ms."""
_MERGED_AT_ONCE = 128
"""Pages merged a step; 40 ms."""
_AUTOMERGE, _CRISISMERGE = 4, 16
"""FTS5's defaults: segments of one level after which it merges step by step, or all at once."""
_MOST_PARTS = 1000
"""During an import: enough for two million rows. FTS5 allows 2,000."""

_WAITING = select(customers_to_find.c.id).order_by(customers_to_find.c.id)
_LAST_OF_SLICE = select(func.max(_WAITING.limit(_INDEXED_AT_ONCE).subquery().c.id))
_INDEX_UNTIL = insert(FOUND).from_select(
    ["rowid", "folded", "folded_notes"],
    select(customers.c.id, customers.c.folded, customers.c.folded_notes)
    .select_from(customers_to_find.join(customers, customers.c.id == customers_to_find.c.id))
    .where(customers_to_find.c.id <= bindparam("last")),
)
_NO_LONGER_WAITING = delete(customers_to_find).where(customers_to_find.c.id <= bindparam("last"))
_COMMAND = text("INSERT INTO customers_found(customers_found, rank) VALUES(:what, :number)")


async def index_new_customers(database: Database) -> int:
    """Index some of the imported customers, then merge part of the index; 0 when nothing is left.

    Can be interrupted at any moment and called again.
    """
    if database.kind != "sqlite":
        return 0
    async with database.writing() as connection:
        last = (await connection.execute(_LAST_OF_SLICE)).scalar()
        if last is None:
            return await _merge_some(connection)
        await _notify(connection, "automerge", 0)
        await _notify(connection, "crisismerge", _MOST_PARTS)
        await connection.execute(_INDEX_UNTIL, {"last": last})
        done = (await connection.execute(_NO_LONGER_WAITING, {"last": last})).rowcount
        # The new segment is written here, so that the others are not merged with it.
        async with connection.begin_nested():
            pass
        await _notify(connection, "automerge", _AUTOMERGE)
        return done


async def _merge_some(connection: AsyncConnection) -> int:
    before = await _changes(connection)
    await _notify(connection, "merge", _MERGED_AT_ONCE)
    # One change is the merge command itself.
    done = await _changes(connection) - before - 1
    if done <= 0:
        await _notify(connection, "crisismerge", _CRISISMERGE)
    return max(0, done)


async def _notify(connection: AsyncConnection, what: str, number: int) -> None:
    await connection.execute(_COMMAND, {"what": what, "number": number})


async def _changes(connection: AsyncConnection) -> int:
    """Return the number of rows this connection has written since it was opened."""
    return int((await connection.exec_driver_sql("SELECT total_changes()")).scalar_one())
