"""Writes secret files atomically: to a temporary name, synced to the disk, then renamed.

A full disk or a power cut leaves the old file or none, never an empty or half-written one
(rename(2) replaces atomically; fsync(2) of the file before and of the directory after makes it
last).
"""

import contextlib
import os
import secrets
from pathlib import Path


def write_secret_file(path: Path, data: bytes) -> None:
    """Replace the file at ``path`` with ``data``, readable by this user only (mode 0600).

    Raises ``OSError``; the file is then unchanged and no temporary file is left.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            _write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _write_all(handle: int, data: bytes) -> None:
    # write(2) may write less than requested, for example on a disk that fills up.
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(folder: Path) -> None:
    """Sync the folder so that a rename survives a power cut, where the file system supports it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
