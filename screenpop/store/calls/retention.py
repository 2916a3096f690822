"""Retention: delete old calls and traces in small steps."""

from collections.abc import Sequence

from sqlalchemy import Column, Select, Table, delete, func, insert, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import call_notes, call_traces, calls, customer_phones

BATCH_SIZE = 200
"""Calls a transaction: few enough that finished calls are written between two of them."""


async def delete_old_calls(database: Database, before: float) -> int:
    """Delete some of the calls that arrived before a time, oldest first; 0 when none is left.

    Their legs, receipts, notes and traces are deleted with them. When each customer called last
    is kept, for the retention of customers.
    """
    oldest = (
        select(calls.c.id)
        .where(calls.c.arrived_at < before)
        .order_by(calls.c.arrived_at, calls.c.id)
        .limit(BATCH_SIZE)
    )
    async with database.writing() as connection:
        ids = (await connection.execute(oldest)).scalars().all()
        if ids:
            await _keep_last_calls(connection, ids)
            await connection.execute(delete(calls).where(calls.c.id.in_(ids)))
    return len(ids)


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


async def _keep_last_calls(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Keep when the customers of these calls called last, also those known by the number only."""
    by_number = calls.join(customer_phones, customer_phones.c.e164 == calls.c.e164)
    called = union_all(
        select(calls.c.customer_id, calls.c.arrived_at).where(
            calls.c.id.in_(ids), calls.c.customer_id.is_not(None)
        ),
        select(customer_phones.c.customer_id, calls.c.arrived_at)
        .select_from(by_number)
        .where(calls.c.id.in_(ids)),
    ).subquery()
    newest = select(called.c.customer_id, func.max(called.c.arrived_at).label("last_at"))
    rows = (await connection.execute(newest.group_by(called.c.customer_id))).all()
    if not rows:
        return
    # The oldest calls are deleted first, so these are newer than what was kept before.
    known = deleted_calls.c.customer_id.in_([row.customer_id for row in rows])
    await connection.execute(delete(deleted_calls).where(known))
    await connection.execute(insert(deleted_calls), [row._asdict() for row in rows])
