"""Retention: delete old calls and traces in small steps."""

from sqlalchemy import Column, Select, Table, delete, select

from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import call_notes, call_traces, calls

BATCH_SIZE = 200
"""Calls a transaction: few enough that finished calls are written between two of them."""


async def delete_old_calls(database: Database, before: float) -> int:
    """Delete some of the calls that arrived before a time, oldest first; 0 when none is left.

    Their legs, receipts, notes and traces are deleted with them.
    """
    oldest = (
        select(calls.c.id)
        .where(calls.c.arrived_at < before)
        .order_by(calls.c.arrived_at, calls.c.id)
        .limit(BATCH_SIZE)
    )
    return await _forget(database, calls, oldest, calls.c.id)


async def delete_old_traces(database: Database, before: float) -> int:
    """Delete some of the traces of calls that arrived before a time; the calls stay."""
    oldest = (
        select(call_traces.c.call_id)
        .join(calls, calls.c.id == call_traces.c.call_id)
        .where(calls.c.arrived_at < before)
        .order_by(calls.c.arrived_at, calls.c.id)
        .limit(BATCH_SIZE)
    )
    return await _forget(database, call_traces, oldest, call_traces.c.call_id)


async def delete_unattached_notes(database: Database, before: float) -> int:
    """Delete old notes on calls that were never logged."""
    oldest = (
        select(call_notes.c.id)
        .where(call_notes.c.call_id.is_(None), call_notes.c.changed_at < before)
        .limit(BATCH_SIZE)
    )
    return await _forget(database, call_notes, oldest, call_notes.c.id)


async def delete_old_notes(database: Database, before: float) -> int:
    """Delete some of the notes of calls that were last changed before a time; the calls stay."""
    oldest = select(call_notes.c.id).where(call_notes.c.changed_at < before).limit(BATCH_SIZE)
    return await _forget(database, call_notes, oldest, call_notes.c.id)


async def _forget(
    database: Database, table: Table, oldest: Select[tuple[int]], key: Column[int]
) -> int:
    async with database.writing() as connection:
        ids = (await connection.execute(oldest)).scalars().all()
        if ids:
            await connection.execute(delete(table).where(key.in_(ids)))
    return len(ids)
