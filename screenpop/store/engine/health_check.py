"""Health check: whether the database can be read and written now, within two seconds.

Each problem is a code with a sentence. Codes: ``database_silent``; ``database_`` and the code of a
``DatabaseProblemError`` (``unreachable``, ``disk_full``, ``locked``, ``read_only``, ``damaged``,
``absent``, ``schema_older``, ``schema_newer`` …); ``call_log_failing``; ``disk_nearly_full``.
"""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text

from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError

ANSWERS_WITHIN_S = 1.5
_LOCK_WAITS_S = 1.0
_FREE_KB = 512
"""Free disk space below which SQLite's write-ahead log cannot grow for long."""
LOW_DISK_BYTES = 64 * 1024 * 1024
"""Free space below which the disk is nearly full: the write-ahead log of a busy hour, and a sheet
that is being imported."""


class FitnessCheck:
    """Runs one check at a time: a database that hangs must not pile up threads."""

    def __init__(self, database: Database, low_disk_bytes: int = LOW_DISK_BYTES) -> None:
        self._database = database
        self._low_disk_bytes = low_disk_bytes
        self._asking: asyncio.Task[None] | None = None

    async def problems(self) -> dict[str, str]:
        """Return what is wrong, by code, each with a sentence; empty when all is well."""
        found: dict[str, str] = {}
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait([self._asking], timeout=ANSWERS_WITHIN_S)
        if not done:
            found["database_silent"] = (
                f"The database {self._database.shown} does not answer within {ANSWERS_WITHIN_S} s."
            )
        else:
            with suppress(asyncio.CancelledError):
                error = self._asking.exception()
                if error is not None:
                    problem = self._database.problem_of(error)
                    found[f"database_{problem.code}"] = str(problem)
        if self._database.log.state.failing_since is not None:
            waiting = self._database.log.state.waiting
            found["call_log_failing"] = (
                f"The call log cannot be written; {waiting} calls and notes wait."
            )
        folder = self._folder()
        if folder is not None and _free_bytes(folder) < self._low_disk_bytes:
            found["disk_nearly_full"] = (
                f"The disk of {folder} has less than {self._low_disk_bytes // 2**20} MiB left."
            )
        return found

    def _folder(self) -> Path | None:
        files = self._database.attachments_folder
        return None if files is None else files.parent

    async def _ask(self) -> None:
        await self._database.ready()
        if self._database.path is not None:
            await asyncio.to_thread(self._examine, self._database.path)
            return
        async with self._database.writing() as connection:
            # Locking a row is a write: a standby and a read-only server refuse it.
            await connection.execute(text(f"SET LOCAL lock_timeout = '{int(_LOCK_WAITS_S)}s'"))
            await connection.execute(text("SELECT version_num FROM alembic_version FOR UPDATE"))

    @staticmethod
    def _examine(path: Path) -> None:
        _examine_file(path, _file_of(path).fd())


def _free_bytes(folder: Path) -> float:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return float("inf")  # a missing folder is the database's own problem
    return disk.f_bavail * disk.f_frsize


class _DatabaseFile:
    """A descriptor of the database file that stays open.

    POSIX drops all locks a process has on a file when it closes any descriptor of it. SQLite's own
    locks would go too, and the next program to close the database would delete the WAL in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def fd(self) -> int:
        """Return a descriptor of the file now at the path; raises ``OSError`` when it is absent."""
        found = self._path.stat()
        if self._fd is not None and not os.path.samestat(os.fstat(self._fd), found):
            os.close(self._fd)  # of a file that was removed or replaced
            self._fd = None
        if self._fd is None:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._fd


@cache
def _file_of(path: Path) -> _DatabaseFile:
    # One for the process, not for each check: nothing may close it while SQLite has the file.
    return _DatabaseFile(path)


def _examine_file(path: Path, header_fd: int) -> None:
    """Check the file with a new connection: pooled ones have pages cached in memory.

    Raises ``sqlite3.Error``, ``OSError`` or ``DatabaseProblemError``.
    """
    if os.pread(header_fd, 16, 0) != b"SQLite format 3\0":
        raise sqlite3.DatabaseError("file is not a database")
    disk = os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize < _FREE_KB * 1024:
        raise sqlite3.OperationalError("database or disk is full")
    url = f"file:{quote(str(path))}?mode=rw"
    with closing(sqlite3.connect(url, _LOCK_WAITS_S, isolation_level=None, uri=True)) as own:
        tables = own.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        if not tables:
            raise DatabaseProblemError("absent", f"The database {path} has no tables any more.")
        for (name,) in tables:
            quoted = str(name).replace('"', '""')
            own.execute(f'SELECT * FROM "{quoted}" LIMIT 1').fetchone()  # noqa: S608 -- its own
        own.execute("BEGIN IMMEDIATE")
        own.execute("ROLLBACK")
