"""Store uploaded files until they are imported: in the data folder, readable by this user only,
under names of our own."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from screenpop.web.imports.port import FileTooLargeError

_WRITTEN_AT_ONCE = 1024 * 1024


def remove_old_imports(folder: Path) -> None:
    """Delete the files of an earlier run of the server."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def new_folder(parent: Path, name: str = "") -> Path:
    folder = parent / (name or secrets.token_urlsafe(12))
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    return folder


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


async def save_upload(path: Path, pieces: AsyncIterator[bytes], largest: int) -> int:
    """Write the pieces to ``path`` and return the number of bytes.

    Raises ``FileTooLargeError`` at the first byte over the limit.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as file:
        size, waiting = 0, bytearray()
        async for piece in pieces:
            size += len(piece)
            if size > largest:
                raise FileTooLargeError
            waiting += piece
            if len(waiting) >= _WRITTEN_AT_ONCE:
                await asyncio.to_thread(_write, file.fileno(), bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(_write, file.fileno(), bytes(waiting))
    return size


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
