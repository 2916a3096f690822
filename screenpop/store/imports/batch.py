"""Import of a sheet as one batch, which can be undone as one.

Rows come as they are read, some hundred at a time; each thousand is one transaction, short enough
that calls and pages need not wait. Existing customers get what the row adds; stored values are
never replaced.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.consent import complete_sources
from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.masked_drafts import masked_draft
from screenpop.store.customers.rows import keep_fold_version
from screenpop.store.engine.database import Database
from screenpop.store.imports.bulk_insert import enlarge_cache
from screenpop.store.imports.gc_pause import rare_gc
from screenpop.store.imports.matching import RowMatch, RowOutcome
from screenpop.store.imports.restore import KeptCustomer
from screenpop.store.imports.run import (
    ExistingCustomerPolicy,
    ImportCallbacks,
    ImportCounts,
    ImportRun,
)
from screenpop.store.imports.undo import (
    NoSuchBatchError,
    UndoResult,
    remove_failed_batch,
    undo_import,
)
from screenpop.store.schema.tables import import_batches

__all__ = [
    "ExistingCustomerPolicy",
    "ImportCallbacks",
    "ImportCounts",
    "ImportDone",
    "ImportedBatch",
    "KeptCustomer",
    "NoSuchBatchError",
    "RowMatch",
    "RowOutcome",
    "UndoResult",
    "check_rows",
    "import_customers",
    "import_rows",
    "undo_import",
]

CHUNK = 1000
"""Rows a transaction."""

Parts = AsyncIterable[Sequence[IncomingRow]]


@dataclass(frozen=True, slots=True)
class ImportDone:
    batch: int
    """Id for ``undo_import``."""
    counts: ImportCounts
    cancelled: bool
    """Stopped before the end; what was written is in the batch."""


async def check_rows(
    database: Database,
    parts: Parts,
    *,
    callbacks: ImportCallbacks | None = None,
    has_payments: bool = False,
    hidden: Collection[int] = (),
) -> ImportCounts:
    """Return what ``import_rows`` would do, without writing.

    ``has_payments``: rows may have payments, so the trips of all rows are kept in memory.
    ``hidden``: see ``import_rows``.
    """
    run = ImportRun(
        database,
        callbacks or ImportCallbacks(),
        ExistingCustomerPolicy.ADD,
        keeps_trips=has_payments,
        hidden=hidden,
    )
    async for chunk in _chunks(parts):
        if run.callbacks.cancelled():
            break
        plan = await run.plan(chunk)
        async with database.reading() as connection:
            await run.compare(connection, plan)
        run.report_progress(plan)
    await run.settle_travellers(write=False)
    await run.settle_payments(None)
    return run.counts


async def import_rows(
    database: Database,
    parts: Parts,
    *,
    filename: str,
    now: float,
    known: ExistingCustomerPolicy = ExistingCustomerPolicy.ADD,
    refused: Callable[[], int] = lambda: 0,
    callbacks: ImportCallbacks | None = None,
    hidden: Collection[int] = (),
) -> ImportDone:
    """Import rows as one batch.

    An exception, also one of ``parts``, removes what was written; a cancellation leaves it, to be
    undone or kept. Cards show written customers at once; a search finds them after
    ``index_new_customers``. ``refused`` is called at the end and returns how many rows of the sheet
    were left out. ``hidden``: customers whose files the importing user may not see; their rows are
    left out, and nothing is written to them.
    """
    batch = await _begin(database, filename, now)
    run = ImportRun(database, callbacks or ImportCallbacks(), known, hidden=hidden)
    cancelled = False
    try:
        with rare_gc():
            async for chunk in _chunks(parts):
                cancelled = run.callbacks.cancelled()
                if cancelled:
                    break
                plan = await run.plan(_with_sources(chunk, filename))
                async with database.writing() as connection:
                    await run.write(connection, plan, batch, now)
                    await _note(connection, batch, run.counts, refused(), "running")
                run.report_progress(plan)
            await run.settle_travellers(write=True)
            await run.settle_payments(batch, now)
    except BaseException:
        await remove_failed_batch(database, batch)
        raise
    async with database.writing() as connection:
        await _note(connection, batch, run.counts, refused(), "cancelled" if cancelled else "done")
    return ImportDone(batch, run.counts, cancelled)


@dataclass(frozen=True, slots=True)
class ImportedBatch:
    id: int
    """Id for ``undo_import``."""
    added: int
    already_there: tuple[int, ...]
    """Indexes of drafts left out: the same name and number exist, or came earlier in the list."""


async def import_customers(
    database: Database,
    drafts: Sequence[CustomerDraft],
    *,
    filename: str,
    now: float,
    refused: int = 0,
) -> ImportedBatch:
    """Write all drafts, or none. Importing the same sheet twice adds nothing the second time.

    ``refused``: how many rows of the sheet were left out before.
    """
    there: list[int] = []

    def note(outcomes: Iterable[RowOutcome]) -> None:
        there.extend(one.line for one in outcomes if one.meets is not RowMatch.NEW)

    async def parts() -> AsyncIterator[Sequence[IncomingRow]]:
        yield [IncomingRow(place, draft) for place, draft in enumerate(drafts)]

    done = await import_rows(
        database,
        parts(),
        filename=filename,
        now=now,
        known=ExistingCustomerPolicy.SKIP,
        refused=lambda: refused + len(there),
        callbacks=ImportCallbacks(outcomes=note),
    )
    return ImportedBatch(done.batch, done.counts.new, tuple(there))


def _with_sources(rows: Iterable[IncomingRow], filename: str) -> list[IncomingRow]:
    """Return the rows with the sheet as the source of consents that name none."""
    return [
        replace(
            row,
            draft=replace(row.draft, consents=complete_sources(row.draft.consents, filename)),
        )
        if row.draft.consents
        else row
        for row in rows
    ]


async def _chunks(parts: Parts) -> AsyncIterator[list[IncomingRow]]:
    waiting: list[IncomingRow] = []
    async for part in parts:
        waiting += part
        while len(waiting) >= CHUNK:
            yield list(map(_masked, waiting[:CHUNK]))
            waiting = waiting[CHUNK:]
    if waiting:
        yield list(map(_masked, waiting))


def _masked(row: IncomingRow) -> IncomingRow:
    draft = masked_draft(row.draft)
    return row if draft is row.draft else replace(row, draft=draft)


async def _begin(database: Database, filename: str, now: float) -> int:
    async with database.writing() as connection:
        await enlarge_cache(connection, database.kind)
        await keep_fold_version(connection, database.kind)
        row = await connection.execute(
            insert(import_batches)
            .values(filename=filename, imported_at=now, state="running")
            .returning(import_batches.c.id)
        )
        return int(row.scalar_one())


async def _note(
    connection: AsyncConnection, batch: int, counts: ImportCounts, refused: int, state: str
) -> None:
    await connection.execute(
        update(import_batches)
        .where(import_batches.c.id == batch)
        .values(
            rows_in=counts.rows,
            rows_refused=refused,
            customers_in=counts.new,
            customers_changed=counts.changed,
            trips_in=counts.trips,
            state=state,
        )
    )
