"""Import jobs of the pages: their files, state and worker process."""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import structlog
from typing_extensions import override

from screenpop.accounts.users import UserId
from screenpop.app.import_jobs.files import new_folder, remove_folder, save_upload
from screenpop.app.import_jobs.job import ImportJob, ImportResult, job_view, sheet_request
from screenpop.app.import_jobs.states import JobStates, MemoryStates
from screenpop.app.import_jobs.views import column_fields, watched_sheets
from screenpop.common.text import display_text
from screenpop.customers.import_report import ReportRow, RowResult
from screenpop.importing.client import ImportDiedError, ImportProcess
from screenpop.importing.column_choice import InvalidColumnChoiceError, choose_columns, mapping_key
from screenpop.importing.lock import held_if_free, is_held
from screenpop.importing.messages import Phase, Progress
from screenpop.importing.remembered_columns import remembered_mappings
from screenpop.importing.report import all_rows, read_report
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.spreadsheets.reading.client import preview_sheet
from screenpop.spreadsheets.reading.text_encoding import MOST_BYTES
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.store.imports.batches import find_batch, import_turn, mark_interrupted
from screenpop.store.imports.column_mappings import save_column_mapping
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.web.imports.port import (
    ColumnInput,
    Imports,
    ImportView,
    NoImportError,
    Problem,
    Stage,
    WatchedSheet,
    WrongStageError,
)

_log = structlog.get_logger()

MAX_JOBS = 12
"""Jobs kept at once, of all processes; a new one replaces the oldest that is idle."""
_LONGEST_NAME = 120
_ROWS_AT_ONCE = 500
_STOPS_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """What the service needs to run imports."""

    database: Database
    address: str
    """URL of the database."""
    folder: Path
    """Folder for files and reports: emptied at start, or shared by all processes of ``web``."""
    lock: Path
    import_context: Callable[[str], ImportContext]
    """Returns the context in which rows are parsed; takes the currency of bare amounts."""
    clock: Callable[[], float]
    largest: int = MOST_BYTES
    """The largest accepted file, in bytes."""
    watched: Path | None = None
    """The watched folder; None if the settings name none."""

    def busy(self) -> bool:
        """Return whether an import is running, also from the command line."""
        return is_held(self.lock)


class ImportJobService(Imports):
    """Implements the port ``web.imports.port.Imports``; created by ``import_job_service``."""

    def __init__(self, config: ImportConfig, states: JobStates) -> None:
        self._config, self._states = config, states
        self._working: dict[asyncio.Task[None], ImportJob] = {}
        """Jobs on which this process works."""
        self._arriving = 0
        self.results = Counter[ImportResult]()

    async def tidy(self) -> None:
        """Mark imports that an earlier server or the command line left unfinished."""
        with held_if_free(self._config.lock) as ours:
            if ours and await self._mark_interrupted():
                _log.warning("An import was broken off; it can be undone on the page of imports")

    async def _mark_interrupted(self) -> int:
        async with import_turn(self._config.database) as is_ours:
            return await mark_interrupted(self._config.database) if is_ours else 0

    @property
    def running(self) -> int:
        """Return how many worker processes of this service are at work."""
        return len(self._working)

    async def idle(self) -> None:
        """Wait until no job is running."""
        while self._working:
            await asyncio.wait(self._working)

    async def close(self) -> None:
        tasks = tuple(self._working)
        for job in self._working.values():
            if job.child is not None:
                job.child.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_STOPS_WITHIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    @override
    def largest(self) -> int:
        return self._config.largest

    @property
    @override
    def at_work(self) -> bool:
        return self._config.busy()

    @property
    @override
    def fields(self) -> Sequence[str]:
        return column_fields()

    @override
    async def receive(self, name: str, pieces: AsyncIterator[bytes], user_id: UserId) -> ImportView:
        await self._make_room()
        job = self._new(name, Stage.SEEN)
        self._arriving += 1
        try:
            await save_upload(job.path, pieces, self.largest)
            await self._look(job)
            await self._states.add(job)
        except BaseException:
            remove_folder(job.folder)
            raise
        finally:
            self._arriving -= 1
        _log.info("A sheet of customers was handed in", user_id=user_id, stage=job.stage.value)
        return job_view(job)

    @override
    async def view(self, job: str) -> ImportView:
        return job_view(await self._states.find(job))

    @override
    async def look(
        self, job: str, sheet: str | None = None, headings_line: int | None = None
    ) -> ImportView:
        found = await self._idle(job, Stage.SEEN, Stage.CHECKED)
        before = found.sheet, found.headings_line, found.choice
        if sheet is not None and found.look is not None and sheet != found.look.sheet:
            headings_line = None  # it was named for the other sheet
        found.sheet = found.sheet if sheet is None else sheet
        found.headings_line, found.choice = headings_line, None
        found.joined = ()
        try:
            await self._look(found)
        except WrongStageError:
            found.sheet, found.headings_line, found.choice = before
            raise
        await self._states.save(found)
        return job_view(found)

    @override
    async def check(self, job: str, columns: ColumnInput) -> ImportView:
        found = await self._idle(job, Stage.SEEN, Stage.CHECKED)
        if found.look is None:
            raise WrongStageError("not_checked")
        try:
            choice = choose_columns(
                *(found.look, columns.fields), day_first=columns.day_first, days=columns.days
            )
        except InvalidColumnChoiceError as refused:
            raise WrongStageError(refused.code, refused.field) from refused
        can_join = {other.name for other in found.look.others if other.can_join}
        found.joined = tuple(name for name in columns.joined if name in can_join)
        found.choice, found.currency = choice, columns.currency
        found.skip_hidden = columns.skip_hidden
        await self._begin(found, Stage.CHECKING, self._ask(found, ImportTask.CHECK))
        return job_view(found)

    @override
    async def start(self, job: str) -> ImportView:
        found = await self._idle(job, Stage.CHECKED)
        if found.look is None or found.choice is None:
            raise WrongStageError("not_checked")
        await self._begin(found, Stage.IMPORTING, self._ask(found, ImportTask.IMPORT))
        database, now = self._config.database, self._config.clock()
        await save_column_mapping(database, mapping_key(found.look), found.choice.plain(), now)
        return job_view(found)

    @override
    async def cancel(self, job: str) -> ImportView:
        found = await self._states.find(job)
        if found.stage is not Stage.UNDOING:
            await self._states.cancel(found)
        return job_view(found)

    @override
    async def undo(self, batch: int, user_id: UserId, *, force: bool) -> ImportView:
        await self.tidy()
        known = await find_batch(self._config.database, batch)
        if known is None or not known.can_be_undone:
            raise WrongStageError("no_such_batch")
        await self._make_room()
        job = self._new(known.filename, Stage.SEEN)
        job.batch = batch
        await self._states.add(job)
        ask = self._ask(job, ImportTask.UNDO)
        if force:
            ask = ImportRequest.from_plain(ask.plain() | {"force": True})
        await self._begin(job, Stage.UNDOING, ask)
        _log.info("An import is undone", batch=batch, user_id=user_id, force=force)
        return job_view(job)

    @override
    async def drop(self, job: str) -> None:
        found = await self._states.find(job)
        if found.stage.is_busy:
            raise WrongStageError("busy")
        await self._states.remove(found)
        await asyncio.to_thread(remove_folder, found.folder)

    @override
    async def report(
        self, job: str, what: str, after: int, most: int
    ) -> tuple[Sequence[ReportRow], int]:
        folder = (await self._states.find(job)).folder
        rows, more = await asyncio.to_thread(read_report, folder, RowResult(what), after, most)
        return rows, more

    @override
    async def whole_report(self, job: str) -> AsyncIterator[Sequence[ReportRow]]:
        rows = all_rows((await self._states.find(job)).folder)

        def some() -> list[ReportRow]:
            return list(islice(rows, _ROWS_AT_ONCE))

        while part := await asyncio.to_thread(some):
            yield part

    @override
    async def watched(self) -> tuple[str, Sequence[WatchedSheet]]:
        folder = self._config.watched
        if folder is None:
            return "", ()
        return str(folder), await watched_sheets(self._config.database, folder)

    # -- inside --------------------------------------------------------------------------------

    async def _idle(self, job: str, *stages: Stage) -> ImportJob:
        found = await self._states.find(job)
        if found.stage not in stages:
            raise WrongStageError("busy" if found.stage.is_busy else "not_checked")
        if not found.path.exists():
            raise NoImportError(job)  # it lies on a machine that does not share its data folder
        return found

    def _new(self, name: str, stage: Stage) -> ImportJob:
        number = secrets.token_urlsafe(12)
        folder = new_folder(self._config.folder, number)
        filename = display_text(os.path.basename(name.replace("\\", "/")), _LONGEST_NAME) or "sheet"
        return ImportJob(number, filename, folder, stage)

    async def _make_room(self) -> None:
        jobs = await self._states.all()
        while len(jobs) + self._arriving >= MAX_JOBS:
            idle = next((job for job in jobs if not job.stage.is_busy), None)
            if idle is None:
                raise WrongStageError("too_many")
            jobs.remove(idle)
            await self._states.remove(idle)
            remove_folder(idle.folder)

    async def _look(self, job: ImportJob) -> None:
        known = await remembered_mappings(self._config.database)
        own_fields = await list_own_fields(self._config.database)
        import_context = replace(self._config.import_context(job.currency), own_fields=own_fields)
        try:
            job.look = await preview_sheet(
                job.path,
                import_context,
                sheet=job.sheet,
                remembered=known,
                headings_line=job.headings_line,
            )
        except SheetRefusedError as refused:
            if refused.code == "no_heading_line":
                raise WrongStageError(refused.code) from refused
            self._refuse(job, refused.code, refused.params)
        else:
            job.stage = Stage.SEEN

    def _refuse(self, job: ImportJob, code: str, params: object = None) -> None:
        values = params if isinstance(params, dict) else {}
        job.stage, job.problem = Stage.REFUSED, Problem(code, values)
        job.path.unlink(missing_ok=True)

    def _ask(self, job: ImportJob, work: ImportTask) -> ImportRequest:
        sheet = None
        if work is not ImportTask.UNDO:
            sheet = sheet_request(job, self._config.import_context(job.currency))
        viewer = current_viewer()
        return ImportRequest(
            work,
            self._config.address,
            str(self._config.lock),
            str(job.folder),
            sheet,
            job.filename,
            job.batch,
            hidden=frozenset() if viewer is None else viewer.hidden,
        )

    async def _begin(self, job: ImportJob, stage: Stage, ask: ImportRequest) -> None:
        def on_progress(progress: Progress) -> None:
            job.progress = progress

        job.stage, job.problem = stage, None
        job.progress = Progress(Phase.UNDOING if stage is Stage.UNDOING else Phase.READING)
        await self._states.begin(job)
        job.child = ImportProcess(ask, on_progress)
        task = asyncio.create_task(self._work(job, job.child))
        self._working[task] = job
        task.add_done_callback(self._working.pop)

    async def _work(self, job: ImportJob, child: ImportProcess) -> None:
        following = asyncio.create_task(self._states.follow(job))
        try:
            job.ended = await child.run()
        except (ImportDiedError, OSError) as problem:
            _log.error("The process that imports ended before its work", why=str(problem))
            self._refuse(job, "died")
            self.results[ImportResult.FAILED] += 1
            with suppress(DatabaseProblemError):
                await self.tidy()
        else:
            self.results[self._settle(job)] += 1
        finally:
            job.child = None
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await self._states.end(job)

    def _settle(self, job: ImportJob) -> ImportResult:
        ended = job.ended
        if ended.failed:
            _log.warning("An import could not be done", why=ended.failed)
            self._refuse(job, "failed")
            return ImportResult.FAILED
        if ended.refused:
            self._refuse(job, ended.refused, ended.params)
            return ImportResult.REFUSED
        match job.stage:
            case Stage.CHECKING:
                job.stage = Stage.SEEN if ended.cancelled else Stage.CHECKED
                return ImportResult.CANCELLED if ended.cancelled else ImportResult.CHECKED
            case Stage.IMPORTING if not ended.batch:
                job.stage = Stage.CHECKED  # cancelled while it waited for another import
                return ImportResult.CANCELLED
            case Stage.IMPORTING:
                job.stage, job.batch = Stage.IMPORTED, ended.batch
                job.path.unlink(missing_ok=True)
                return ImportResult.CANCELLED if ended.cancelled else ImportResult.IMPORTED
            case _:
                job.stage = Stage.UNDONE
                return ImportResult.UNDONE


@asynccontextmanager
async def import_job_service(
    config: ImportConfig, states: JobStates | None = None
) -> AsyncGenerator[ImportJobService]:
    """Yield the service while the server runs; running imports are stopped at the end.

    ``states``: None for the only process, which keeps them in memory.
    """
    states = MemoryStates() if states is None else states
    await states.clean(config.folder)
    service = ImportJobService(config, states)
    await service.tidy()
    try:
        yield service
    finally:
        await service.close()
