"""Files that must be whole or absent: written beside their place, synced to the disk, renamed.

A full disk or a power cut leaves the old file or none, never an empty or half-written one
(rename(2) replaces atomically; fsync(2) of the file before and of the directory after makes it
last).
"""

import contextlib
import os
import secrets
from pathlib import Path


def write_secret_file(path: Path, data: bytes) -> None:
    """Replace the file at ``path`` by ``data``, readable by this user only (mode 0600).

    Raises ``OSError``; then the file is as it was before and nothing else is left in the folder.
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
    # write(2) may take less than it was given, as on a disk that fills up meanwhile.
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a power cut, where the file system can."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
