"""Reading a stranger's file without opening it here: a limited process does, and tells us.

async with reading(path, house) as sheet:
    async for part in sheet.parts(): ...
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from screenpop.customers.plain_draft import NotADraftError
from screenpop.spreadsheets.asking import Ask, Look, Part, part_from
from screenpop.spreadsheets.columns import Choice
from screenpop.spreadsheets.limits import OPENING_S, READING_S
from screenpop.spreadsheets.problems import REFUSALS, SheetRefusedError
from screenpop.spreadsheets.understanding import House

_LONGEST_LINE = 64 * 1024 * 1024
_OPENS_WITHIN_S = 3 * OPENING_S
_SPEAKS_WITHIN_S = 60.0


class ReadSheet:
    """A sheet that is being read. ``look`` is what it seems to be."""

    def __init__(self, look: Look, lines: "_Lines") -> None:
        self.look = look
        self._lines = lines

    async def parts(self) -> AsyncIterator[Part]:
        """The rows, some hundred at a time, as quick as they are taken. Raises
        ``SheetRefusedError`` when the file turns out bad further down."""
        while True:
            answer = await self._lines.next(_SPEAKS_WITHIN_S)
            if "end" in answer:
                return
            try:
                part = part_from(answer["rows"])
            except (NotADraftError, KeyError, TypeError, ValueError) as error:
                raise SheetRefusedError("damaged") from error
            yield part


async def look_at(
    path: Path,
    house: House,
    *,
    sheet: str = "",
    remembered: Mapping[str, Choice] | None = None,
) -> Look:
    """What a file seems to be. Raises ``SheetRefusedError``."""
    ask = Ask(str(path), house, True, sheet, None, remembered or {})
    async with _asked(ask) as lines:
        return await _first(lines)


@asynccontextmanager
async def reading(
    path: Path,
    house: House,
    *,
    sheet: str = "",
    choice: Choice | None = None,
    remembered: Mapping[str, Choice] | None = None,
) -> AsyncGenerator[ReadSheet]:
    """Read a file: with the columns that a person chose, else as remembered for these headings,
    else as proposed. Leaving the block stops the reading. Raises ``SheetRefusedError``."""
    ask = Ask(str(path), house, False, sheet, choice, remembered or {})
    async with _asked(ask) as lines:
        yield ReadSheet(await _first(lines), lines)


async def _first(lines: "_Lines") -> Look:
    answer = await lines.next(_OPENS_WITHIN_S)
    try:
        return Look.from_plain(answer["look"])
    except (KeyError, TypeError, ValueError) as error:
        raise SheetRefusedError("damaged") from error


class _Lines:
    """What the process says, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self, within_s: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise RuntimeError("a process without an output")
        try:
            async with asyncio.timeout(within_s):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise SheetRefusedError("too_slow", limit=int(within_s)) from error
        except ValueError as error:  # a line beyond every limit
            raise SheetRefusedError("oversized") from error
        if not line.endswith(b"\n"):
            raise _how_it_died(await self._process.wait())
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
            # Libraries end the process when the memory it may take is not enough.
            return SheetRefusedError("oversized")
        case _:
            return SheetRefusedError("damaged")


@asynccontextmanager
async def _asked(ask: Ask) -> AsyncGenerator[_Lines]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "screenpop.spreadsheets.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_LINE,
        cwd="/",
        # Nothing of ours: settings and secrets stay outside.
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        await _tell(process, ask)
        yield _Lines(process)
    finally:
        await _end(process)


async def _tell(process: asyncio.subprocess.Process, ask: Ask) -> None:
    if process.stdin is None:
        raise RuntimeError("a process without an input")
    process.stdin.write(orjson.dumps(ask.plain()) + b"\n")
    try:
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # it died at once: reading from it says how
    process.stdin.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            return
    await process.wait()
