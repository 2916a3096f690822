"""Customers on their way out, in a process of their own: the server's loop only passes bytes on."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from screenpop.common.worker_process import WorkerProcess, start_worker_process
from screenpop.web.ports import ExportRefusedError, ExportRequestSpec

_log = structlog.get_logger()

MAX_CONCURRENT_EXPORTS = 2
_PIECE = 128 * 1024
_BEGINS_WITHIN_S = 1800


class ExportService:
    """The port ``Export`` of the web room, and what the command line uses."""

    def __init__(self, database_url: str, folder: Path) -> None:
        """``folder``: where a large file waits until it is put together."""
        self._url, self._folder = database_url, folder
        self._running = 0

    @asynccontextmanager
    async def __call__(self, order: ExportRequestSpec) -> AsyncGenerator[AsyncIterator[bytes]]:
        """The file in pieces, as soon as it begins. A reader who leaves stops the writing.

        Raises ``ExportRefusedError``: ``busy``, ``failed``; while it is read, only ``failed``.
        """
        if self._running >= MAX_CONCURRENT_EXPORTS:
            raise ExportRefusedError("busy")
        self._running += 1
        try:
            folder = await asyncio.to_thread(
                tempfile.mkdtemp, prefix="screenpop-export-", dir=self._folder
            )
            try:
                async with start_worker_process("screenpop.exporting.worker") as worker:
                    yield await self._begin(worker, order, folder)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        finally:
            self._running -= 1

    async def _begin(
        self, worker: WorkerProcess, order: ExportRequestSpec, folder: str
    ) -> AsyncIterator[bytes]:
        request = {
            "database": self._url,
            "folder": folder,
            "kind": order.kind,
            "language": order.language,
            "search": order.search,
            "notes": order.notes,
            "sections": sorted(order.sections),
        }
        await worker.send(request)
        try:
            async with asyncio.timeout(_BEGINS_WITHIN_S):
                first = await worker.read_line()
        except (OSError, TimeoutError) as problem:
            raise ExportRefusedError("failed") from problem
        if first != b'{"ready":true}\n':
            _log.warning("Customers could not be written into a sheet", kind=order.kind)
            raise ExportRefusedError("failed")
        return _pieces(worker)


async def _pieces(worker: WorkerProcess) -> AsyncGenerator[bytes]:
    while piece := await worker.read(_PIECE):
        yield piece
    if await worker.wait():
        # The reader must not take half a file for a whole one.
        raise ExportRefusedError("failed")
