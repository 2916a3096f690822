"""The importing process as its parent sees it."""

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
    """The process ended without saying how it went. Its text is the end of what it complained."""


class ImportProcess:
    """One piece of work in a process of its own. Start it with ``run``, once."""

    def __init__(self, ask: ImportRequest, tell: Callable[[Progress], None]) -> None:
        self._ask = ask
        self._tell = tell
        self._worker: WorkerProcess | None = None
        self._cancelled = False

    @property
    def pid(self) -> int:
        """0 before it is started."""
        return self._worker.pid if self._worker else 0

    async def run(self) -> ImportFinished:
        """Raises ``ImportDiedError``. A task that is cancelled stops the process, which notes what
        came in until then."""
        async with start_worker_process(
            "screenpop.importing.worker",
            stderr=PIPE,
            line_limit=_LONGEST_LINE,
            grace_s=_ENDS_WITHIN_S,
        ) as worker:
            self._worker = worker
            await worker.send(self._ask.plain())
            if self._cancelled:
                self.cancel()
            ended = await self._listen(worker)
        if ended is None:
            raise ImportDiedError(
                await worker.stderr_tail() or f"it ended with {await worker.wait()}"
            )
        return ended

    def cancel(self) -> None:
        """Stop after the rows in hand."""
        self._cancelled = True
        if self._worker is not None:
            self._worker.write(b"!")

    async def _listen(self, worker: WorkerProcess) -> ImportFinished | None:
        while True:
            message = await _next(worker)
            match message:
                case Progress():
                    self._tell(message)
                case ImportFinished() | None:
                    return message


async def _next(worker: WorkerProcess) -> ImportMessage | None:
    try:
        line = await worker.read_line()
        return message_from_json(orjson.loads(line)) if line.endswith(b"\n") else None
    except (ValueError, InvalidMessageError) as error:
        raise ImportDiedError(f"it said what it cannot mean: {error}") from error
