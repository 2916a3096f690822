"""Whether the server's clock may be believed where data is deleted for its age."""

from sqlalchemy import func, select

from screenpop.customers.retention import ClockRecord, clock_seen
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import calls, meta

_KEY = "clock"
"""Of the row in ``meta``: both times of the record, with a space between."""


async def look_at_clock(database: Database, now: float) -> ClockRecord:
    """Store that the clock is at ``now``, in seconds since 1970, and return what is known of it.

    Raises ``DatabaseProblemError``.
    """
    record = await read_clock(database, now)
    row = {"key": _KEY, "value": f"{record.seen_at:.0f} {record.steady_since:.0f}"}
    async with database.writing() as connection:
        await connection.execute(
            insert_or_update(database.kind, meta)
            .values(row)
            .on_conflict_do_update(index_elements=["key"], set_={"value": row["value"]})
        )
    return record


async def read_clock(database: Database, now: float) -> ClockRecord:
    """Return what a look at ``now`` would find, and store nothing."""
    async with database.reading() as connection:
        stored = await connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
        newest = None
        if stored is None:
            newest = await connection.scalar(select(func.max(calls.c.arrived_at)))
    return clock_seen(_record_of(stored), now, newest)


def _record_of(stored: str | None) -> ClockRecord | None:
    if stored is None:
        return None
    seen_at, _, steady_since = stored.partition(" ")
    return ClockRecord(float(seen_at), float(steady_since))
