"""Export customers in a process of its own; the event loop only passes bytes on."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
import structlog

from screenpop.common.worker_process import WorkerProcess, start_worker_process
from screenpop.exporting.progress import PROGRESS_FILE
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.store.shared_jobs import SharedJobs
from screenpop.web.export_port import (
    CallListExportSpec,
    ExportOrder,
    ExportProgress,
    ExportRefusedError,
)

_log = structlog.get_logger()

MAX_CONCURRENT_EXPORTS = 2
REPORT_EVERY_S = 1.0
"""Seconds between two reports of an export to other web processes, which may end it as late."""
LEFT_AFTER_S = 7200.0
"""Seconds after which a folder is that of an export whose server was killed."""
_FOLDERS = "screenpop-export-"
_PIECE = 128 * 1024
_BEGINS_WITHIN_S = 1800


def remove_left_exports(folder: Path, now: float | None = None) -> int:
    """Delete unfinished files of exports that ended with their server; return how many folders.

    ``now``: seconds since 1970. Other programs may be exporting into the same folder.
    """
    before = (time.time() if now is None else now) - LEFT_AFTER_S
    left = [one for one in folder.glob(f"{_FOLDERS}*") if one.stat().st_mtime <= before]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
    return len(left)


class ExportService:
    """Implements the port ``web.ports.Export``; the command line uses it too."""

    def __init__(self, database_url: str, folder: Path, shared: SharedJobs | None = None) -> None:
        """``folder``: for temporary files while a workbook is written.

        ``shared``: the running exports of all web processes; None where there is only this one.
        """
        self._url, self._folder, self._shared = database_url, folder, shared
        self._running = 0
        self._jobs: dict[str, tuple[Path, WorkerProcess]] = {}
        """Running exports with a name: the folder of their progress, and their process."""

    async def progress(self, job: str) -> ExportProgress | None:
        """Implement ``ExportJobs``."""
        if job in self._jobs:
            return self._progress_here(job)
        found = None if self._shared is None else await self._shared.find(job)
        if found is None or found.is_left:
            return None
        return ExportProgress(found.state["rows"], found.state["total"])

    def _progress_here(self, job: str) -> ExportProgress:
        folder, _ = self._jobs[job]
        try:
            rows, total = orjson.loads((folder / PROGRESS_FILE).read_bytes())
        except FileNotFoundError:
            return ExportProgress(0, None)
        return ExportProgress(rows, total)

    async def cancel(self, job: str) -> bool:
        """Implement ``ExportJobs``. The file breaks off, so that no program takes it for whole."""
        if job not in self._jobs:
            return self._shared is not None and await self._shared.cancel(job)
        self._jobs[job][1].kill()
        return True

    @asynccontextmanager
    async def __call__(self, order: ExportOrder) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Yield the file in pieces. Leaving the block ends the process.

        Raises ``ExportRefusedError``: ``busy`` or ``failed``; while pieces come, ``failed``.
        """
        if self._running >= MAX_CONCURRENT_EXPORTS:
            raise ExportRefusedError("busy")
        job = order.job if isinstance(order, CallListExportSpec) else ""
        if job in self._jobs:
            raise ExportRefusedError("busy")
        self._running += 1
        try:
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix=_FOLDERS, dir=self._folder)
            try:
                async with start_worker_process("screenpop.exporting.worker") as worker:
                    if job:
                        self._jobs[job] = Path(folder), worker
                    async with self._reported(job):
                        yield await self._begin(worker, order, folder)
            finally:
                self._jobs.pop(job, None)
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        finally:
            self._running -= 1

    @asynccontextmanager
    async def _reported(self, job: str) -> AsyncGenerator[None]:
        """Report an export with a name to all processes, each second while the block runs."""
        if self._shared is None or not job:
            yield
            return
        reporting = asyncio.create_task(self._report(self._shared, job))
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)
            with suppress(DatabaseProblemError):
                await self._shared.remove(job)

    async def _report(self, shared: SharedJobs, job: str) -> None:
        is_added = False
        while True:
            now = self._progress_here(job)
            state = {"rows": now.rows, "total": now.total}
            # An export goes on without its reports: only the page does not see how far it is.
            with suppress(DatabaseProblemError):
                if not is_added:
                    await _remove_left(shared, job)
                    await shared.add(job, state, is_worked_on=True)
                    is_added = True
                elif await shared.report(job, state):
                    self._jobs[job][1].kill()
            await asyncio.sleep(REPORT_EVERY_S)

    async def _begin(
        self, worker: WorkerProcess, order: ExportOrder, folder: str
    ) -> AsyncIterator[bytes]:
        where = {"database": self._url, "key_folder": str(self._folder), "folder": folder}
        viewer = current_viewer()
        limits = {"viewer": None if viewer is None else viewer.to_json()}
        await worker.send({**where, **limits, **order.to_json()})
        try:
            async with asyncio.timeout(_BEGINS_WITHIN_S):
                first = await worker.read_line()
        except (OSError, TimeoutError) as problem:
            raise ExportRefusedError("failed") from problem
        if first != b'{"ready":true}\n':
            _log.warning("A sheet could not be written", kind=order.to_json()["kind"])
            raise ExportRefusedError("failed")
        return _pieces(worker)


async def _remove_left(shared: SharedJobs, job: str) -> None:
    """Remove the reports of processes that were killed, and those of an earlier export ``job``."""
    for one in await shared.all():
        if one.is_left or one.id == job:
            await shared.remove(one.id)


async def _pieces(worker: WorkerProcess) -> AsyncGenerator[bytes]:
    while piece := await worker.read(_PIECE):
        yield piece
    if await worker.wait():
        # Without an error the browser would keep half a file as a whole one.
        raise ExportRefusedError("failed")
