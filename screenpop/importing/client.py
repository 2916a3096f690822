"""Start the import process and follow it, from the parent."""

from collections.abc import Callable

import orjson

from screenpop.common.worker_process import PIPE, WorkerProcess, start_worker_process
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
    """The process ended without a result. The text is the end of its standard error."""


class ImportProcess:
    """One import, trial or undo in a process of its own. Call ``run`` once."""

    def __init__(self, request: ImportRequest, on_progress: Callable[[Progress], None]) -> None:
        self._request = request
        self._on_progress = on_progress
        self._worker: WorkerProcess | None = None
        self._cancelled = False

    @property
    def pid(self) -> int:
        """The process id; 0 before ``run``."""
        return self._worker.pid if self._worker else 0

    async def run(self) -> ImportFinished:
        """Return the result of the process. Raises ``ImportDiedError``.

        When the calling task is cancelled, the process stops and records what it imported so far.
        """
        async with start_worker_process(
            "screenpop.importing.worker",
            stderr=PIPE,
            line_limit=_LONGEST_LINE,
            grace_s=_ENDS_WITHIN_S,
        ) as worker:
            self._worker = worker
            await worker.send(self._request.plain())
            if self._cancelled:
                self.cancel()
            ended = await self._listen(worker)
        if ended is None:
            raise ImportDiedError(
                await worker.stderr_tail() or f"it ended with {await worker.wait()}"
            )
        return ended

    def cancel(self) -> None:
        """Stop the process after the current chunk of rows."""
        self._cancelled = True
        if self._worker is not None:
            self._worker.write(b"!")

    async def _listen(self, worker: WorkerProcess) -> ImportFinished | None:
        while True:
            message = await _next(worker)
            match message:
                case Progress():
                    self._on_progress(message)
                case ImportFinished() | None:
                    return message


async def _next(worker: WorkerProcess) -> ImportMessage | None:
    try:
        line = await worker.read_line()
        return message_from_json(orjson.loads(line)) if line.endswith(b"\n") else None
    except (ValueError, InvalidMessageError) as error:
        raise ImportDiedError(f"unreadable message: {error}") from error
