"""One open database: connections for pages and commands, the caller lookup, the call log."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.visibility import HiddenFiles
from screenpop.service.ports import FencedOutError
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.deferred_writes import LaterWrites
from screenpop.store.engine.engines import (
    DatabaseConnections,
    FileGoneError,
    lookup_postgresql_engine,
    lookup_sqlite_engine,
)
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.inline_reads import InlineReads
from screenpop.store.engine.migrate import check_revision, current_revision, migrate, unreachable
from screenpop.store.engine.url import DatabaseUrl, Kind, check_sqlite_location, parse_database_url
from screenpop.store.engine.write_errors import WriteFault, classify_write_error
from screenpop.store.lookup.caller_lookup import PostgresCallerLookup, SqliteCallerLookup

if TYPE_CHECKING:
    from screenpop.store.engine.document_key import DocumentKey
    from screenpop.store.engine.fence import Lease

__all__ = ["Database", "migrate", "open_database", "opened"]


log = logging.getLogger(__name__)
T = TypeVar("T")

KEY_FILE = "document.key"
"""The name of the file with the key for numbers of travel documents."""
ATTACHMENTS = "attachments"
"""The name of the folder of customers' attached files, beside the key."""


class Database:
    """An open database, made by ``open_database``; ``close`` it, or its threads keep the process.

    ``lookup`` is the port ``CallerLookup``, ``log`` the port ``CallLog`` (start it on the loop with
    ``log.start()``). The functions of ``users``, ``sessions``, ``customers`` and ``calls`` take a
    Database.
    """

    def __init__(self, address: DatabaseUrl, key_folder: Path | None = None) -> None:
        self._address = address
        self._connections = DatabaseConnections(address)
        self.kind: Kind = address.kind
        self.shown = address.shown
        self.path = address.path
        """The path of the SQLite file; None for a database server."""
        folder = key_folder if address.path is None else address.path.parent
        self.document_key_file = None if folder is None else folder / KEY_FILE
        """The file with the key for numbers of travel documents; None for no such file."""
        self.attachments_folder = None if folder is None else folder / ATTACHMENTS
        """The folder of customers' attached files; None for no such folder."""
        self.document_key: DocumentKey | None = None
        """The key once it was read; use ``customers.document_keys.load_document_key``."""
        self.inline = (
            InlineReads(lookup_sqlite_engine(address)) if address.kind == "sqlite" else None
        )
        """Reads of microseconds on the loop's thread; None on PostgreSQL."""
        self.lookup: SqliteCallerLookup | PostgresCallerLookup = (
            PostgresCallerLookup(lookup_postgresql_engine(address))
            if self.inline is None
            else SqliteCallerLookup(self.inline)
        )
        self.log = CallLogWriter(self.kind, self.write, explain=self._report_write_failed)
        self.later = LaterWrites(self.write, explain=self._report_write_failed)
        self._logged_codes: dict[bool, str] = {}
        """The kind of failure logged last, for reads (key False) and writes (key True)."""
        self._failures = {False: 0, True: 0}
        """How many reads and writes have failed so far."""
        self.hidden_files = HiddenFiles()
        """As ``customers.hidden_files.load_hidden_files`` read them."""
        self.unwritten_sessions: dict[str, dict[str, Any] | None] = {}
        """Session changes not written yet, by token hash: new ones (values), ended ones (None)."""
        self.seen_sessions: dict[int, float] = {}
        """When sessions were last in use, by id, as far as it is not written yet."""
        self.fenced_out = asyncio.Event()
        """Set once a write was refused because the lease of ``fence`` was taken over."""

    @property
    def fence(self) -> "Lease | None":
        """Return the lease that every transaction that may write checks first; None for none."""
        return self._connections.fence

    @fence.setter
    def fence(self, lease: "Lease | None") -> None:
        self._connections.fence = lease

    def check_at_end(self, fence: "Lease | None") -> None:
        """Set ``fence``, checked at the end of each transaction: for long ones."""
        self._connections.fence = fence
        self._connections.is_fence_checked_last = True

    @property
    def can_write(self) -> bool:
        """Return whether the last writes succeeded, as far as any were tried."""
        return self.log.state.failing_since is None and not self.later.is_stuck

    def sentence_of(self, error: BaseException) -> str:
        """Return one sentence on a failed read or write with the remedy; it contains no values."""
        return str(self.problem_of(error))

    def problem_of(self, error: BaseException) -> DatabaseProblemError:
        """Return a failed read or write with its code and sentence; it contains no values."""
        if isinstance(error, DatabaseProblemError):
            return error
        return unreachable(self._address, error)

    def _log_once(self, error: BaseException, *, writes: bool) -> DatabaseProblemError:
        """Log the sentence on a failure, once while the same kind of failure lasts."""
        problem = self.problem_of(error)
        if problem.code not in self._logged_codes.values():
            log.error("%s", problem)
        self._logged_codes[writes] = problem.code
        self._failures[writes] += 1
        return problem

    def _report_write_failed(self, error: BaseException) -> str:
        """Return the error code of a failed write of the call log or of a deferred write."""
        return self._log_once(error, writes=True).code

    def _works(self, *, writes: bool, failures_before: int) -> None:
        """Log that the database answers again, after a transaction that succeeded.

        ``failures_before``: how many had failed when it began. One that began before a failure
        proves nothing: on SQLite it can still succeed in a file that was removed meanwhile.
        """
        if failures_before != self._failures[writes]:
            return
        if self._logged_codes.pop(writes, None) is not None and not self._logged_codes:
            log.warning("The database answers again")

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Open a read transaction: several reads see the same state.

        Raises ``DatabaseProblemError`` when the database is unreachable, damaged or locked.
        """
        with self._convert_errors(writes=False):
            async with self._connections.reading() as connection:
                yield connection

    async def read_row(self, statement: Select[Any], values: Mapping[str, object]) -> Any:
        """Return the first row of one statement, or None; the quickest read on PostgreSQL.

        Raises ``DatabaseProblemError`` as ``reading`` does.
        """
        with self._convert_errors(writes=False):
            return await self._connections.read_row(statement, values)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` reads in one transaction; the quickest way to a short read.

        ``work`` runs in another thread or a greenlet: it must only read and build values. Raises
        ``DatabaseProblemError`` as ``reading`` does.
        """
        with self._convert_errors(writes=False):
            return await self._connections.read(work)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that may write; an exception rolls it back.

        Raises ``DatabaseProblemError`` when the database is unreachable, damaged, locked or full,
        and ``FencedOutError`` when the lease of ``fence`` was taken over.
        """
        with self._convert_errors(writes=True), self._watch_fence():
            async with self._connections.writing() as connection:
                yield connection

    @asynccontextmanager
    async def writing_unfenced(self) -> AsyncGenerator[AsyncConnection]:
        """As ``writing``, without a look at ``fence``: for ``engine.lease`` alone."""
        with self._convert_errors(writes=True):
            async with self._connections.writing_unfenced() as connection:
                yield connection

    @contextmanager
    def _watch_fence(self) -> Generator[None]:
        try:
            yield
        except FencedOutError:
            self.fenced_out.set()
            raise

    @contextmanager
    def _convert_errors(self, *, writes: bool) -> Generator[None]:
        """Convert a failure of the database into a ``DatabaseProblemError``, logged once."""
        failures = self._failures[writes]
        try:
            yield
        except (
            *(DBAPIError, ConnectionError, FileGoneError, PoolTimeoutError),
            MemoryError,  # from sqlite3, for a damaged file
        ) as error:
            if (
                isinstance(error, DBAPIError)
                and classify_write_error(error) is not WriteFault.DATABASE
            ):
                raise
            raise self._log_once(error, writes=writes) from error
        else:
            self._works(writes=writes, failures_before=failures)

    async def write(self, work: Callable[[Connection], object]) -> None:
        """Run ``work`` in one transaction that may write; on SQLite all of it in another thread.

        For the call log and deferred writes, which judge failures themselves.
        """
        failures = self._failures[True]
        with self._watch_fence():
            await self._connections.write(work)
        self._works(writes=True, failures_before=failures)

    async def ready(self) -> None:
        """Raise ``DatabaseProblemError`` unless the database answers and has our schema."""
        try:
            found = await self._connections.read(current_revision)
        except (DBAPIError, OSError, MemoryError) as error:
            raise unreachable(self._address, error) from error
        check_revision(found, self.shown)

    async def close(self, within_s: float = 10.0) -> None:
        """Write what the log still holds, then close every connection."""
        await self.log.close(within_s)
        await self.later.close()
        await self.lookup.close()
        await self._connections.close()


def open_database(url: str, key_folder: Path | None = None) -> Database:
    """Open the database at ``url`` (``sqlite:///path`` or ``postgresql://...``).

    The key for travel documents lies beside an SQLite file; ``key_folder``: its folder for a
    database server.

    Reads nothing yet, so that a program can start while its database is unreachable; ``ready()``
    checks. Raises ``DatabaseProblemError`` for a URL or a folder that cannot work.
    """
    address = parse_database_url(url)
    if address.path is not None:
        check_sqlite_location(address.path)
    return Database(address, key_folder)


@asynccontextmanager
async def opened(
    url: str, key_folder: Path | None = None, *, fence: "Lease | None" = None
) -> AsyncGenerator[Database]:
    """Yield a ready database for one command or worker process; close it at the end.

    ``fence``: the lease of the process that started this one. Each transaction that may write is
    refused at its end with ``FencedOutError`` once another process has taken the lease over.
    """
    database = open_database(url, key_folder)
    database.check_at_end(fence)
    try:
        await database.ready()
        yield database
    finally:
        await database.close()
