"""Export customers in a process of its own; the event loop only passes bytes on."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import structlog

from screenpop.common.worker_process import WorkerProcess, start_worker_process
from screenpop.exporting.progress import PROGRESS_FILE
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.web.export_port import (
    CallListExportSpec,
    ExportOrder,
    ExportProgress,
    ExportRefusedError,
)

_log = structlog.get_logger()

MAX_CONCURRENT_EXPORTS = 2
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

    def __init__(self, database_url: str, folder: Path) -> None:
        """``folder``: for temporary files while a workbook is written."""
        self._url, self._folder = database_url, folder
        self._running = 0
        self._jobs: dict[str, tuple[Path, WorkerProcess]] = {}
        """Running exports with a name: the folder of their progress, and their process."""

    def progress(self, job: str) -> ExportProgress | None:
        """Implement ``ExportJobs``."""
        if job not in self._jobs:
            return None
        folder, _ = self._jobs[job]
        try:
            rows, total = orjson.loads((folder / PROGRESS_FILE).read_bytes())
        except FileNotFoundError:
            return ExportProgress(0, None)
        return ExportProgress(rows, total)

    def cancel(self, job: str) -> bool:
        """Implement ``ExportJobs``. The file breaks off, so that no program takes it for whole."""
        if job not in self._jobs:
            return False
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
                    yield await self._begin(worker, order, folder)
            finally:
                self._jobs.pop(job, None)
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        finally:
            self._running -= 1

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


async def _pieces(worker: WorkerProcess) -> AsyncGenerator[bytes]:
    while piece := await worker.read(_PIECE):
        yield piece
    if await worker.wait():
        # Without an error the browser would keep half a file as a whole one.
        raise ExportRefusedError("failed")
