"""Run one trial, import, refresh or undo, inside the import process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from screenpop.customers.draft import IncomingRow
from screenpop.customers.import_columns import Field
from screenpop.customers.import_report import ImportTotals, KeptCustomerReport
from screenpop.importing.lock import LOOKS_EVERY_S, one_at_a_time
from screenpop.importing.messages import ImportFinished, Phase, Progress
from screenpop.importing.report import ReportWriter
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.importing.row_diff import RowDiff
from screenpop.service.ports import FencedOutError
from screenpop.spreadsheets.reading.client import SheetReader, read_sheet
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.sheets import HEADINGS_WANTED
from screenpop.store.branches import branches_by_key
from screenpop.store.engine.database import Database, opened
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.imports.batch import (
    ImportCallbacks,
    KeptCustomer,
    NoSuchBatchError,
    check_rows,
    import_rows,
    undo_import,
)
from screenpop.store.imports.batches import import_turn, mark_interrupted
from screenpop.store.imports.owners import users_by_name
from screenpop.store.imports.run import ImportCounts
from screenpop.store.imports.watched_sheets import (
    load_row_digests,
    save_row_digests,
    save_watched_sheet,
)
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.search.fts_index import index_new_customers

Emit = Callable[[Progress], None]
Cancelled = Callable[[], bool]
_MAX_KEPT = 100


async def run_import_task(ask: ImportRequest, emit: Emit, cancelled: Cancelled) -> ImportFinished:
    """Run the requested task as soon as no other import runs, and return its result."""

    def waits() -> None:
        emit(Progress(Phase.WAITING))

    async with one_at_a_time(Path(ask.lock), cancelled, waits) as ours:
        if not ours:
            return ImportFinished(cancelled=True)
        try:
            folder = Path(ask.lock).parent
            async with opened(ask.database, folder, fence=ask.fence) as database:
                return await _in_turn(database, ask, emit, cancelled)
        except SheetRefusedError as refused:
            return ImportFinished(refused=refused.code, params=refused.params)
        except (DatabaseProblemError, DocumentKeyError, FencedOutError) as problem:
            return ImportFinished(failed=str(problem))


async def _in_turn(
    database: Database, ask: ImportRequest, emit: Emit, cancelled: Cancelled
) -> ImportFinished:
    is_waiting = False
    while True:
        async with import_turn(database) as is_ours:
            if is_ours:
                return await _with(database, ask, emit, cancelled)
        if cancelled():
            return ImportFinished(cancelled=True)
        if not is_waiting:
            emit(Progress(Phase.WAITING))
            is_waiting = True
        await asyncio.sleep(LOOKS_EVERY_S)


async def _with(
    database: Database, ask: ImportRequest, emit: Emit, cancelled: Cancelled
) -> ImportFinished:
    await mark_interrupted(database)
    if ask.work is ImportTask.UNDO:
        return await _undo(database, ask, emit)
    return await _read(database, ask, emit, cancelled)


async def _read(
    database: Database, ask: ImportRequest, emit: Emit, cancelled: Cancelled
) -> ImportFinished:
    if ask.sheet is None:
        raise ValueError("nothing to read")
    sheet = ask.sheet
    fields = await list_own_fields(database)
    context = replace(
        sheet.context,
        owners=await users_by_name(database),
        branches=await branches_by_key(database),
        own_fields=fields,
    )
    async with read_sheet(
        Path(sheet.path),
        context,
        sheet=sheet.sheet,
        choice=sheet.choice,
        remembered=sheet.remembered,
        headings_line=sheet.headings_line,
        joined=sheet.joined,
    ) as read:
        if not read.look.choice.usable and sheet.choice is None:
            raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED)
        columns = read.look.columns
        heading = next((one.heading for one in columns if one.field is Field.TRAVELLERS), "")
        with ReportWriter(
            Path(ask.report) if ask.report else None, heading, sheet.joined, fields, ask.hidden
        ) as report:
            incoming = _Incoming(database, ask, read, report, emit, cancelled)
            match ask.work:
                case ImportTask.CHECK:
                    return await incoming.check()
                case ImportTask.REFRESH:
                    return await incoming.refresh()
                case _:
                    return await incoming.bring_in(incoming.parts())


@dataclass(slots=True)
class _Incoming:
    """One sheet on its way from the reader to the database and the report."""

    database: Database
    ask: ImportRequest
    read: SheetReader
    report: ReportWriter
    emit: Emit
    cancelled: Cancelled
    latest: ImportCounts = field(default_factory=ImportCounts)

    async def parts(self) -> AsyncIterator[Sequence[IncomingRow]]:
        async for part in self.read.parts():
            self.report.take(part)
            yield part.rows

    async def check(self) -> ImportFinished:
        callbacks = self._callbacks(Phase.READING)
        counts = await check_rows(
            self.database,
            self.parts(),
            callbacks=callbacks,
            has_payments=bool(self.ask.sheet and self.ask.sheet.joined),
            hidden=self.ask.hidden,
        )
        return ImportFinished(_counts(counts, self.report), cancelled=self.cancelled())

    async def bring_in(self, parts: AsyncIterator[Sequence[IncomingRow]]) -> ImportFinished:
        done = await import_rows(
            self.database,
            parts,
            filename=self.ask.filename,
            now=time.time(),
            refused=lambda: self.report.refused + self.latest.left_out,
            callbacks=self._callbacks(Phase.WRITING),
            hidden=self.ask.hidden,
        )
        counted = _counts(done.counts, self.report)
        self.emit(Progress(Phase.SETTLING, counted))
        while await index_new_customers(self.database):
            pass
        return ImportFinished(counted, batch=done.batch, cancelled=done.cancelled)

    async def refresh(self) -> ImportFinished:
        """Import the rows that changed; without any, no batch is created."""
        changed = RowDiff(await load_row_digests(self.database, self.ask.watched))
        rows = changed.of(self.parts())
        first = await anext(rows, None)
        if first is None:
            ended = ImportFinished(_counts(self.latest, self.report))
        else:
            ended = await self.bring_in(_after(first, rows))
        if not ended.cancelled:
            sheet = await save_watched_sheet(self.database, self.ask.watched, now=time.time())
            await save_row_digests(self.database, sheet, changed.new, changed.gone)
        return ended

    def _callbacks(self, phase: Phase) -> ImportCallbacks:
        def progress(counts: ImportCounts) -> None:
            self.latest = counts
            self.report.chunk_done(counts)
            self.emit(Progress(phase, _counts(counts, self.report)))

        self.emit(Progress(phase))
        return ImportCallbacks(
            self.report.outcomes,
            progress,
            self.cancelled,
            self.report.travellers,
            self.report.payments,
        )


async def _after(
    first: Sequence[IncomingRow], rows: AsyncIterator[Sequence[IncomingRow]]
) -> AsyncIterator[Sequence[IncomingRow]]:
    yield first
    async for part in rows:
        yield part


def _counts(counts: ImportCounts, report: ReportWriter) -> ImportTotals:
    return ImportTotals(
        read=report.read,
        new=counts.new,
        joined=counts.joined,
        changed=counts.changed,
        on_file=counts.on_file - counts.changed,
        sharing=counts.sharing,
        refused=report.refused + counts.left_out,
        noted=report.noted,
        trips=counts.trips,
        payments=counts.payments,
        reasons=dict(report.reasons),
    )


async def _undo(database: Database, ask: ImportRequest, emit: Emit) -> ImportFinished:
    emit(Progress(Phase.UNDOING))
    try:
        undone = await undo_import(database, ask.batch, time.time(), force=ask.force)
    except NoSuchBatchError:
        return ImportFinished(batch=ask.batch, refused="no_such_batch", params={"batch": ask.batch})
    kept = tuple(_kept(one, ask.hidden) for one in undone.kept[:_MAX_KEPT])
    return ImportFinished(
        batch=ask.batch,
        gone=undone.gone,
        restored=undone.restored,
        kept=kept,
        kept_count=len(undone.kept),
    )


def _kept(one: KeptCustomer, hidden: Collection[int]) -> KeptCustomerReport:
    names = [] if one.customer in hidden else [name.full for name in one.names.values()]
    name = next(iter(names), "")
    return KeptCustomerReport(one.customer, name, one.why)
