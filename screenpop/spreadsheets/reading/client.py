"""Client of the reading process: reads an untrusted file without opening it in this process.

Example::

    async with read_sheet(path, context) as sheet:
        async for chunk in sheet.parts(): ...
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from screenpop.common.worker_process import DEVNULL, WorkerProcess, start_worker_process
from screenpop.customers.draft_json import InvalidDraftError
from screenpop.customers.import_columns import ColumnMapping, SheetPreview
from screenpop.spreadsheets.reading.messages import (
    ReadRequest,
    RowChunk,
    chunk_from_json,
)
from screenpop.spreadsheets.reading.sandbox_limits import OPENING_S, READING_S
from screenpop.spreadsheets.rows.errors import REFUSALS, SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext

_LONGEST_LINE = 64 * 1024 * 1024
_OPENS_WITHIN_S = 3 * OPENING_S
_SPEAKS_WITHIN_S = 60.0


class SheetReader:
    """A sheet that is being read; ``look`` is its preview."""

    def __init__(self, look: SheetPreview, lines: "_WorkerLines") -> None:
        self.look = look
        self._lines = lines

    async def parts(self) -> AsyncIterator[RowChunk]:
        """Yield the rows, some hundred at a time, as fast as they are consumed.

        Raises ``SheetRefusedError`` when an error shows up further down in the file.
        """
        while True:
            answer = await self._lines.next(_SPEAKS_WITHIN_S)
            if "end" in answer:
                return
            try:
                part = chunk_from_json(answer["rows"])
            except (InvalidDraftError, KeyError, TypeError, ValueError) as error:
                raise SheetRefusedError("damaged") from error
            yield part


async def preview_sheet(
    path: Path,
    context: ImportContext,
    *,
    sheet: str = "",
    remembered: Mapping[str, ColumnMapping] | None = None,
    headings_line: int | None = None,
) -> SheetPreview:
    """Return the preview of a file. Raises ``SheetRefusedError``."""
    ask = ReadRequest(str(path), context, True, sheet, None, remembered or {}, headings_line)
    async with _asked(ask) as lines:
        return await _first(lines)


@asynccontextmanager
async def read_sheet(
    path: Path,
    context: ImportContext,
    *,
    sheet: str = "",
    choice: ColumnMapping | None = None,
    remembered: Mapping[str, ColumnMapping] | None = None,
    headings_line: int | None = None,
    joined: tuple[str, ...] = (),
) -> AsyncGenerator[SheetReader]:
    """Read a file with the chosen columns, else as remembered for its headings, else as proposed.

    Leaving the block stops the reading. Raises ``SheetRefusedError``.
    """
    ask = ReadRequest(
        str(path), context, False, sheet, choice, remembered or {}, headings_line, joined
    )
    async with _asked(ask) as lines:
        yield SheetReader(await _first(lines), lines)


async def _first(lines: "_WorkerLines") -> SheetPreview:
    answer = await lines.next(_OPENS_WITHIN_S)
    try:
        return SheetPreview.from_plain(answer["look"])
    except (KeyError, TypeError, ValueError) as error:
        raise SheetRefusedError("damaged") from error


class _WorkerLines:
    """The output of the process, line by line."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    async def next(self, within_s: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within_s):
                line = await self._worker.read_line()
        except TimeoutError as error:
            raise SheetRefusedError("too_slow", limit=int(within_s)) from error
        except ValueError as error:  # a line longer than every limit
            raise SheetRefusedError("oversized") from error
        if not line.endswith(b"\n"):
            raise _how_it_died(await self._worker.wait())
        return _answer(line)


def _answer(line: bytes) -> dict[str, Any]:
    answer = orjson.loads(line)
    if not isinstance(answer, dict):
        raise SheetRefusedError("damaged")
    code = answer.get("refused")
    if code is None:
        return answer
    if code not in REFUSALS:
        raise SheetRefusedError("damaged")
    raise SheetRefusedError(code, **answer.get("params", {}))


def _how_it_died(code: int) -> SheetRefusedError:
    match -code:
        case signal.SIGXCPU:
            return SheetRefusedError("too_slow", limit=READING_S)
        case signal.SIGABRT | signal.SIGSEGV | signal.SIGBUS | signal.SIGKILL:
            # Libraries abort the process when its memory limit is reached.
            return SheetRefusedError("oversized")
        case _:
            return SheetRefusedError("damaged")


@asynccontextmanager
async def _asked(ask: ReadRequest) -> AsyncGenerator[_WorkerLines]:
    async with start_worker_process(
        "screenpop.spreadsheets.reading.worker",
        stderr=DEVNULL,
        line_limit=_LONGEST_LINE,
        cwd="/",
        # The file's content must not reach our settings and secrets: no variable is passed on.
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
    ) as worker:
        await worker.send(ask.plain())
        worker.close_input()
        yield _WorkerLines(worker)
