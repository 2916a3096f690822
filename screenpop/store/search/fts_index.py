"""The customers of a sheet on their way into the search of SQLite.

FTS5 writes what one transaction brings as a part of its own, and merges parts when they become
many: always again while a sheet comes in, and at times all at once. Here nothing is merged before
everybody is in, and then in small steps; others can write between any two of them.
https://www.sqlite.org/fts5.html#the_automerge_configuration_option
"""

from sqlalchemy import bindparam, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customers_to_find
from screenpop.store.schema.tables import customers
from screenpop.store.search.queries import FOUND

_INDEXED_AT_ONCE = 2000
"""The more at once, the less it costs each; so many lock the database for 50 ms."""
_MERGED_AT_ONCE = 128
"""Pages; 40 ms."""
_AUTOMERGE, _CRISISMERGE = 4, 16
"""As FTS5 has them: so many parts of a size are merged little by little, or all at once."""
_MOST_PARTS = 1000
"""While a sheet comes in: two million rows. FTS5 can have 2,000."""

_WAITING = select(customers_to_find.c.id).order_by(customers_to_find.c.id)
_LAST_OF_SLICE = select(func.max(_WAITING.limit(_INDEXED_AT_ONCE).subquery().c.id))
_INDEX_UNTIL = insert(FOUND).from_select(
    ["rowid", "folded", "folded_notes"],
    select(customers.c.id, customers.c.folded, customers.c.folded_notes)
    .select_from(customers_to_find.join(customers, customers.c.id == customers_to_find.c.id))
    .where(customers_to_find.c.id <= bindparam("last")),
)
_NO_LONGER_WAITING = delete(customers_to_find).where(customers_to_find.c.id <= bindparam("last"))
_TELL = text("INSERT INTO customers_found(customers_found, rank) VALUES(:what, :number)")


async def index_new_customers(database: Database) -> int:
    """Take customers of a sheet into the search, some at once, then bring its index in shape, a
    little at once; 0 when nothing is left to do. Broken off at any moment it can be begun again."""
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
        # Here the new part is written, so that the others are not merged with it.
        async with connection.begin_nested():
            pass
        await _notify(connection, "automerge", _AUTOMERGE)
        return done


async def _merge_some(connection: AsyncConnection) -> int:
    before = await _changes(connection)
    await _notify(connection, "merge", _MERGED_AT_ONCE)
    # One change is the telling itself.
    done = await _changes(connection) - before - 1
    if done <= 0:
        await _notify(connection, "crisismerge", _CRISISMERGE)
    return max(0, done)


async def _notify(connection: AsyncConnection, what: str, number: int) -> None:
    await connection.execute(_TELL, {"what": what, "number": number})


async def _changes(connection: AsyncConnection) -> int:
    """Rows that this connection has written since it is open."""
    return int((await connection.exec_driver_sql("SELECT total_changes()")).scalar_one())
