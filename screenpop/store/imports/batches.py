"""The list of imports and their states."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Row, func, select, update

from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers, import_batches

INTERRUPTED = "broken_off"
"""The process that wrote this batch is gone: part of it is written, and it can be undone."""

_IMPORTS = 0x696D_706F_7274
"""The advisory lock of PostgreSQL of the import that runs."""


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import.

    ``state``: ``running``, ``done``, ``cancelled``, ``broken_off``, ``undoing``,
    ``partly_undone``, ``undone``.
    """

    id: int
    filename: str
    imported_at: float
    state: str
    rows: int
    refused: int
    added: int
    changed: int
    trips: int
    undone_at: float | None

    @property
    def can_be_undone(self) -> bool:
        """Return whether it can be undone.

        True also for the states running and undoing when no process works on it: see
        ``mark_interrupted``.
        """
        return self.state in {"done", "cancelled", INTERRUPTED, "partly_undone"}


async def list_batches(database: Database, most: int = 50) -> tuple[ImportBatch, ...]:
    """Return the newest imports first."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(import_batches).order_by(import_batches.c.id.desc()).limit(most)
        )
        return tuple(_batch(row) for row in rows)


async def find_batch(database: Database, batch: int) -> ImportBatch | None:
    async with database.reading() as connection:
        rows = await connection.execute(select(import_batches).where(import_batches.c.id == batch))
        row = rows.first()
    return _batch(row) if row is not None else None


@asynccontextmanager
async def import_turn(database: Database) -> AsyncGenerator[bool]:
    """Yield whether no other process imports, and keep others from it until the end of the block.

    On PostgreSQL, for processes on several machines. On SQLite always True: the lock file
    (``importing.lock``), which processes on one machine need beside it, is enough there.
    """
    if database.kind == "sqlite":
        yield True
        return
    async with database.reading() as connection:
        # Of the transaction, so that it ends with the process.
        lock = select(func.pg_try_advisory_xact_lock(_IMPORTS))
        yield bool(await connection.scalar(lock))


async def mark_interrupted(database: Database) -> int:
    """Mark batches of processes that are gone; return how many.

    Only for the holder of the import lock: what still counts as running then was left by a process
    that is gone.
    """
    # The last rows may have been written uncounted.
    came = (
        select(func.count())
        .where(customers.c.import_batch_id == import_batches.c.id)
        .scalar_subquery()
    )
    found = 0
    async with database.writing() as connection:
        for state, becomes, more in (
            ("running", INTERRUPTED, {"customers_in": came}),
            ("undoing", "partly_undone", {}),
        ):
            rows = await connection.execute(
                update(import_batches)
                .where(import_batches.c.state == state)
                .values(state=becomes, **more)
                .returning(import_batches.c.id)
            )
            found += len(rows.all())
    return found


def _batch(row: Row[tuple[object, ...]]) -> ImportBatch:
    return ImportBatch(
        id=row.id,
        filename=row.filename,
        imported_at=row.imported_at,
        state=row.state,
        rows=row.rows_in,
        refused=row.rows_refused,
        added=row.customers_in,
        changed=row.customers_changed,
        trips=row.trips_in,
        undone_at=row.undone_at,
    )
