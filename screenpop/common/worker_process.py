"""Start and stop a worker process, seen from the parent; ``worker_main`` is the side of the child.

async with start_worker_process("screenpop.importing.worker") as worker:
    await worker.send(request)
    line = await worker.read_line()

The request goes through a pipe, because other users of the machine can read a command line, and
a request may hold the database's password. ``python -I`` keeps the working directory and
``PYTHON*`` variables from choosing the code that runs.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress

import orjson

__all__ = ["DEVNULL", "PIPE", "WorkerProcess", "start_worker_process"]

DEFAULT_LINE_LIMIT = 64 * 1024
"""Bytes of the longest line that ``read_line`` accepts, unless the caller gives another limit."""
_STDERR_TAIL = 2000
"""Bytes of standard error that are kept: the end of a traceback names the cause."""
_BLOCK = 64 * 1024


class WorkerProcess:
    """A running worker process with a pipe to its input and a pipe from its output."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._stderr = (
            asyncio.create_task(_read_tail(process.stderr)) if process.stderr is not None else None
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def send(self, request: object) -> None:
        """Write one line of JSON. A worker that has ended already is not an error: reading from it
        returns how it ended."""
        self.write(orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE))
        if self._process.stdin is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                await self._process.stdin.drain()

    def write(self, data: bytes) -> None:
        """Write bytes without waiting until the worker has read them."""
        if self._process.stdin is not None:
            # RuntimeError: the transport was closed because the worker ended.
            with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
                self._process.stdin.write(data)

    def close_input(self) -> None:
        """Signal the end of input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def read_line(self) -> bytes:
        """Return the next line with its ``\\n``; without one when the worker ended.

        Raises ``ValueError`` for a line longer than the limit.
        """
        return await self._process.stdout.readline() if self._process.stdout is not None else b""

    async def read(self, most: int) -> bytes:
        """Return up to ``most`` bytes of output, empty when the worker ended."""
        return await self._process.stdout.read(most) if self._process.stdout is not None else b""

    async def wait(self) -> int:
        """Return the exit code when the worker ended; negative for the signal that ended it."""
        return await self._process.wait()

    async def stderr_tail(self) -> str:
        """Return the last 2,000 bytes of standard error when the worker ended.

        Empty unless it was started with ``stderr=PIPE``.
        """
        return await self._stderr if self._stderr is not None else ""

    def kill(self) -> None:
        """Kill the process while another task reads its output; that task sees how it ended."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self, grace_s: float = 0.0) -> None:
        """Close the input, wait up to ``grace_s`` seconds for the end, then kill."""
        self.close_input()
        if grace_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self._process.wait()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        # Unread output keeps its pipe open, and asyncio's wait() returns only when all are closed.
        while await self.read(_BLOCK):
            pass
        await self._process.wait()
        await self.stderr_tail()


@asynccontextmanager
async def start_worker_process(
    module: str,
    *,
    stdout: int = PIPE,
    stderr: int | None = None,
    line_limit: int = DEFAULT_LINE_LIMIT,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    grace_s: float = 0.0,
) -> AsyncGenerator[WorkerProcess]:
    """Run ``python -I -m module`` for as long as the block, then ``stop(grace_s)`` it.

    ``stderr``: None shares the parent's, ``PIPE`` keeps its tail. ``env``: None passes the parent's
    environment on. Raises ``OSError`` when no process can be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command_of(module),
        stdin=PIPE,
        stdout=stdout,
        stderr=stderr,
        limit=line_limit,
        env=env,
        cwd=cwd,
    )
    worker = WorkerProcess(process)
    try:
        yield worker
    finally:
        await worker.stop(grace_s)


def command_of(module: str) -> tuple[str, ...]:
    """Return the program and the arguments that run a module. Tests of exports replace it."""
    return (sys.executable, "-I", "-m", module)


async def _read_tail(stream: asyncio.StreamReader) -> str:
    tail = b""
    while block := await stream.read(_BLOCK):
        tail = (tail + block)[-_STDERR_TAIL:]
    return tail.decode("utf-8", "replace").strip()
