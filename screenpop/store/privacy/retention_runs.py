"""The last run of the retention of each kind of data."""

from dataclasses import dataclass

from sqlalchemy import select

from screenpop.customers.retention import RetentionKind
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.privacy.records import log_privacy_action
from screenpop.store.schema.retention_tables import retention_runs


@dataclass(frozen=True, slots=True)
class RetentionRun:
    at: float
    """Seconds since 1970, when it ended."""
    deleted: int
    problem: str = ""
    """The name of the error that ended it; empty for a run that ended well."""


async def record_runs(
    database: Database, runs: dict[RetentionKind, RetentionRun], *, now: float
) -> None:
    """Record one run; a record of its counts is kept when it deleted anything.

    Customers are recorded when they are erased, in the same transaction.
    """
    counts = {
        kind.value: run.deleted
        for kind, run in runs.items()
        if run.deleted and kind is not RetentionKind.CUSTOMERS
    }
    async with database.writing() as connection:
        for kind, run in runs.items():
            values = {"at": run.at, "deleted": run.deleted, "problem": run.problem}
            await connection.execute(
                insert_or_update(database.kind, retention_runs)
                .values(kind=kind.value, **values)
                .on_conflict_do_update(index_elements=["kind"], set_=values)
            )
        if counts:
            await log_privacy_action(connection, "retention", counts, user_id=None, now=now)


async def last_runs(database: Database) -> dict[RetentionKind, RetentionRun]:
    """Return the last run of each kind that had one."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(retention_runs))).all()
    known = set(RetentionKind)
    return {
        RetentionKind(row.kind): RetentionRun(row.at, row.deleted, row.problem)
        for row in rows
        if row.kind in known
    }
