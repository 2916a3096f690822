"""How far an export is: a small file beside it, since the output of the process is the sheet."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import orjson

from screenpop.spreadsheets.writing.columns import Cell

PROGRESS_FILE = "progress.json"
"""Rows written and rows in all, as a JSON list."""


async def report_progress(
    pages: AsyncGenerator[list[list[Cell]]], folder: Path, total: int
) -> AsyncGenerator[list[list[Cell]]]:
    """Yield the pages, and write how many rows were taken before each."""
    rows = 0
    async for page in pages:
        _write(folder, rows, total)
        yield page
        rows += len(page)
    _write(folder, rows, total)


def _write(folder: Path, rows: int, total: int) -> None:
    # Replaced as a whole: the server reads it at any time.
    path = folder / f"{PROGRESS_FILE}.new"
    path.write_bytes(orjson.dumps([rows, max(rows, total)]))
    os.replace(path, folder / PROGRESS_FILE)
