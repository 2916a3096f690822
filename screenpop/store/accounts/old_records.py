"""Deletes old records of logins and refusals, some at a time."""

from sqlalchemy import Table, delete, select

from screenpop.store.engine.database import Database


async def delete_older(database: Database, records: Table, before: float, most: int) -> int:
    """Delete at most ``most`` of the oldest rows whose ``at`` is before; return how many."""
    oldest = (
        select(records.c.id)
        .where(records.c.at < before)
        .order_by(records.c.at, records.c.id)
        .limit(most)
    )
    async with database.writing() as connection:
        ids = (await connection.execute(oldest)).scalars().all()
        if ids:
            await connection.execute(delete(records).where(records.c.id.in_(ids)))
    return len(ids)
