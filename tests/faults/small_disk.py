"""A real small disk that can be filled: a tmpfs mount, which needs root on Linux."""

import contextlib
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class NoSmallDiskError(Exception):
    """A file system cannot be mounted here. The text is the reason."""


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Generator[Path]:
    """Mount a file system of so many kB at ``folder``. Raises ``NoSmallDiskError``."""
    folder.mkdir(exist_ok=True)
    options = f"size={size_kb}k,mode=0700"
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as problem:
        raise NoSmallDiskError(
            f"a full disk needs root and the right to mount a tmpfs: {problem}"
        ) from None
    try:
        yield folder
    finally:
        # Lazily: a process that is still being killed must not keep the folder.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(folder: Path, leave_kb: int = 0) -> Path:
    """Write a file that takes all of the disk but so many kB (whole pages)."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    size = filler.stat().st_size
    os.truncate(filler, max(0, size - leave_kb * 1024))
    return filler
