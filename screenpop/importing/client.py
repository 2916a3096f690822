"""The importing process as its parent sees it."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

import orjson

from screenpop.importing.messages import (
    ImportFinished,
    ImportMessage,
    InvalidMessageError,
    Progress,
    message_from_json,
)
from screenpop.importing.request import ImportRequest

_LONGEST_LINE = 16 * 1024 * 1024
_ENDS_WITHIN_S = 10.0


class ImportDiedError(Exception):
    """The process ended without saying how it went. Its text is the end of what it complained."""


class ImportProcess:
    """One piece of work in a process of its own. Start it with ``run``, once."""

    def __init__(self, ask: ImportRequest, tell: Callable[[Progress], None]) -> None:
        self._ask = ask
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._cancelled = False

    @property
    def pid(self) -> int:
        """0 before it is started."""
        return self._process.pid if self._process else 0

    async def run(self) -> ImportFinished:
        """Raises ``ImportDiedError``. A task that is cancelled stops the process, which notes what
        came in until then."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "screenpop.importing.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )
        complaints = asyncio.create_task(_complaints(process))
        try:
            self._say(orjson.dumps(self._ask.plain()) + b"\n")
            if self._cancelled:
                self.cancel()
            ended = await self._listen(process)
        finally:
            await _end(process)
            said = await complaints
        if ended is None:
            raise ImportDiedError(said or f"it ended with {process.returncode}")
        return ended

    def cancel(self) -> None:
        """Stop after the rows in hand."""
        self._cancelled = True
        self._say(b"!")

    def _say(self, order: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
                self._process.stdin.write(order)

    async def _listen(self, process: asyncio.subprocess.Process) -> ImportFinished | None:
        while True:
            said = await _next(process)
            match said:
                case Progress():
                    self._tell(said)
                case ImportFinished() | None:
                    return said


async def _next(process: asyncio.subprocess.Process) -> ImportMessage | None:
    if process.stdout is None:
        raise RuntimeError("a process without an output")
    try:
        line = await process.stdout.readline()
        return message_from_json(orjson.loads(line)) if line.endswith(b"\n") else None
    except (ValueError, InvalidMessageError) as error:
        raise ImportDiedError(f"it said what it cannot mean: {error}") from error


async def _complaints(process: asyncio.subprocess.Process) -> str:
    if process.stderr is None:
        raise RuntimeError("a process without an output for errors")
    last = b""
    while block := await process.stderr.read(64 * 1024):
        last = (last + block)[-2000:]
    return last.decode("utf-8", "replace").strip()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave it alone and let it come to its end; one that does not is ended."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
