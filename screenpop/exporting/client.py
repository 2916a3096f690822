"""Customers on their way out, in a process of their own: the server's loop only passes bytes on."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import structlog

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
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-m", "screenpop.exporting.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                yield await self._begin(process, order, folder)
            finally:
                await _end(process)
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        finally:
            self._running -= 1

    async def _begin(
        self, process: asyncio.subprocess.Process, order: ExportRequestSpec, folder: str
    ) -> AsyncIterator[bytes]:
        asked = {
            "database": self._url,
            "folder": folder,
            "kind": order.kind,
            "language": order.language,
            "search": order.search,
            "notes": order.notes,
            "sections": sorted(order.sections),
        }
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise ExportRefusedError("failed")
        try:
            stdin.write(orjson.dumps(asked, option=orjson.OPT_APPEND_NEWLINE))
            await stdin.drain()
            stdin.close()
            async with asyncio.timeout(_BEGINS_WITHIN_S):
                first = await stdout.readline()
        except (OSError, TimeoutError) as problem:
            raise ExportRefusedError("failed") from problem
        if first != b'{"ready":true}\n':
            _log.warning("Customers could not be written into a sheet", kind=order.kind)
            raise ExportRefusedError("failed")
        return _pieces(process, stdout)


async def _pieces(
    process: asyncio.subprocess.Process, stdout: asyncio.StreamReader
) -> AsyncGenerator[bytes]:
    while piece := await stdout.read(_PIECE):
        yield piece
    if await process.wait():
        # The reader must not take half a file for a whole one.
        raise ExportRefusedError("failed")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Whatever it still says is read, or its pipe would stay open."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    while process.stdout is not None and await process.stdout.read(_PIECE):
        pass
    await process.wait()
