"""One import at a time: a file lock, which the system releases when the process ends."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

LOCK_FILE = "import.lock"
LOOKS_EVERY_S = 0.2


@asynccontextmanager
async def one_at_a_time(
    path: Path, cancelled: Callable[[], bool], waits: Callable[[], None]
) -> AsyncGenerator[bool]:
    """Yield True with the lock held, or False when cancelled while another import held it.

    ``waits`` is called once when there is another import to wait for.
    """
    is_waiting = False
    with _open(path) as handle:
        while not _take(handle):
            if cancelled():
                yield False
                return
            if not is_waiting:
                waits()
                is_waiting = True
            await asyncio.sleep(LOOKS_EVERY_S)
        yield True


@contextmanager
def held_if_free(path: Path) -> Generator[bool]:
    """Yield True with the lock held, or False at once when another process has it."""
    with _open(path) as handle:
        yield _take(handle)


def is_held(path: Path) -> bool:
    """Return whether an import is running, in any process."""
    with held_if_free(path) as ours:
        return not ours


@contextmanager
def _open(path: Path) -> Generator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
