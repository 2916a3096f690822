"""The work itself: a trial, an import, an undo. Nothing else of the house runs in this process."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from screenpop.customers.draft import IncomingRow
from screenpop.importing.ask import ImportAsk, Work
from screenpop.importing.changed_rows import ChangedRows
from screenpop.importing.lock import one_at_a_time
from screenpop.importing.report import ReportWriter
from screenpop.importing.said import Counts, Ended, Kept, Phase, Progress
from screenpop.spreadsheets.problems import SheetRefusedError
from screenpop.spreadsheets.reader import ReadSheet, reading
from screenpop.spreadsheets.sheets import HEADINGS_WANTED
from screenpop.store.batches import mark_broken_off
from screenpop.store.database import Database, opened
from screenpop.store.import_batch import (
    KeptCustomer,
    NoSuchBatchError,
    Telling,
    check_rows,
    import_rows,
    undo_import,
)
from screenpop.store.import_run import ImportCounts
from screenpop.store.indexing import index_new
from screenpop.store.owners import users_by_name
from screenpop.store.problems import DatabaseProblemError
from screenpop.store.watched import keep_marks, marks_of, note_sheet

Tell = Callable[[Progress], None]
Cancelled = Callable[[], bool]
_MOST_KEPT = 100


async def carry_out(ask: ImportAsk, tell: Tell, cancelled: Cancelled) -> Ended:
    """Do what is asked, as soon as no other import runs."""

    def waits() -> None:
        tell(Progress(Phase.WAITING))

    async with one_at_a_time(Path(ask.lock), cancelled, waits) as ours:
        if not ours:
            return Ended(cancelled=True)
        try:
            async with opened(ask.database) as database:
                return await _with(database, ask, tell, cancelled)
        except SheetRefusedError as refused:
            return Ended(refused=refused.code, params=refused.params)
        except DatabaseProblemError as problem:
            return Ended(failed=str(problem))


async def _with(database: Database, ask: ImportAsk, tell: Tell, cancelled: Cancelled) -> Ended:
    await mark_broken_off(database)
    if ask.work is Work.UNDO:
        return await _undo(database, ask, tell)
    return await _read(database, ask, tell, cancelled)


async def _read(database: Database, ask: ImportAsk, tell: Tell, cancelled: Cancelled) -> Ended:
    if ask.sheet is None:
        raise ValueError("nothing to read")
    sheet = ask.sheet
    house = replace(sheet.house, owners=await users_by_name(database))
    async with reading(
        Path(sheet.path),
        house,
        sheet=sheet.sheet,
        choice=sheet.choice,
        remembered=sheet.remembered,
    ) as read:
        if not read.look.choice.usable and sheet.choice is None:
            raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED)
        with ReportWriter(Path(ask.report) if ask.report else None) as report:
            incoming = _Incoming(database, ask, read, report, tell, cancelled)
            match ask.work:
                case Work.CHECK:
                    return await incoming.check()
                case Work.REFRESH:
                    return await incoming.refresh()
                case _:
                    return await incoming.bring_in(incoming.parts())


@dataclass(slots=True)
class _Incoming:
    """One sheet that is being read."""

    database: Database
    ask: ImportAsk
    read: ReadSheet
    report: ReportWriter
    tell: Tell
    cancelled: Cancelled
    latest: ImportCounts = field(default_factory=ImportCounts)

    async def parts(self) -> AsyncIterator[Sequence[IncomingRow]]:
        async for part in self.read.parts():
            self.report.take(part)
            yield part.rows

    async def check(self) -> Ended:
        telling = self._telling(Phase.READING)
        counts = await check_rows(self.database, self.parts(), telling=telling)
        return Ended(_counts(counts, self.report), cancelled=self.cancelled())

    async def bring_in(self, parts: AsyncIterator[Sequence[IncomingRow]]) -> Ended:
        done = await import_rows(
            self.database,
            parts,
            filename=self.ask.filename,
            now=time.time(),
            refused=lambda: self.report.refused + self.latest.nobody,
            telling=self._telling(Phase.WRITING),
        )
        counted = _counts(done.counts, self.report)
        self.tell(Progress(Phase.SETTLING, counted))
        while await index_new(self.database):
            pass
        return Ended(counted, batch=done.batch, cancelled=done.cancelled)

    async def refresh(self) -> Ended:
        """No batch is made where nothing changed."""
        changed = ChangedRows(await marks_of(self.database, self.ask.watched))
        rows = changed.of(self.parts())
        first = await anext(rows, None)
        if first is None:
            ended = Ended(_counts(self.latest, self.report))
        else:
            ended = await self.bring_in(_after(first, rows))
        if not ended.cancelled:
            sheet = await note_sheet(self.database, self.ask.watched, now=time.time())
            await keep_marks(self.database, sheet, changed.new, changed.gone)
        return ended

    def _telling(self, phase: Phase) -> Telling:
        def progress(counts: ImportCounts) -> None:
            self.latest = counts
            self.report.chunk_done(counts)
            self.tell(Progress(phase, _counts(counts, self.report)))

        self.tell(Progress(phase))
        return Telling(self.report.outcomes, progress, self.cancelled)


async def _after(
    first: Sequence[IncomingRow], rows: AsyncIterator[Sequence[IncomingRow]]
) -> AsyncIterator[Sequence[IncomingRow]]:
    yield first
    async for part in rows:
        yield part


def _counts(counts: ImportCounts, report: ReportWriter) -> Counts:
    return Counts(
        read=report.read,
        new=counts.new,
        joined=counts.joined,
        changed=counts.changed,
        on_file=counts.on_file - counts.changed,
        sharing=counts.sharing,
        refused=report.refused + counts.nobody,
        noted=report.noted,
        trips=counts.trips,
    )


async def _undo(database: Database, ask: ImportAsk, tell: Tell) -> Ended:
    tell(Progress(Phase.UNDOING))
    try:
        undone = await undo_import(database, ask.batch, time.time(), force=ask.force)
    except NoSuchBatchError:
        return Ended(batch=ask.batch, refused="no_such_batch", params={"batch": ask.batch})
    kept = tuple(_kept(one) for one in undone.kept[:_MOST_KEPT])
    return Ended(
        batch=ask.batch,
        gone=undone.gone,
        restored=undone.restored,
        kept=kept,
        kept_count=len(undone.kept),
    )


def _kept(one: KeptCustomer) -> Kept:
    name = next((name.full for name in one.names.values()), "")
    return Kept(one.customer, name, one.why)
