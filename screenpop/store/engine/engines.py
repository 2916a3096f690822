"""Engines and connections: how each database is opened, read and written."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from sqlalchemy import Engine, Select, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool
from sqlalchemy.sql import TableClause
from typing_extensions import override

from screenpop.store.engine.fence import Lease, check_lease
from screenpop.store.engine.pool_checks import check_before_use
from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import DatabaseUrl, Kind
from screenpop.store.engine.visible_rows import unrestricted, watch

T = TypeVar("T")

_POOL = 17
"""Connections to PostgreSQL at most, beside those of ``_OWN_POOL``."""
_KEPT_OPEN = 10
_OWN_POOL = 3
"""Connections for the call log, deferred writes and the lease, one at a time each. A burst of pages
or commands may take all others."""
_BUSY_TIMEOUT_MS = 8_000
_LOOKUP_BUSY_TIMEOUT_MS = 20
"""The lookup runs on the event loop: it fails at once instead of blocking the loop."""
_POSTGRESQL_SETTINGS = {"jit": "off"}
"""Compiling took ten times as long as the statements of a page; ``benchmarks.work_lists``."""
_QUOTED = re.compile(r"(?<!<class )'(?:[^'\\]|\\.)*'|(?<=syntax: )\".*\"")
"""A value in a driver message. Table and constraint names are in double quotes, values not."""
_READS_ONLY = "screenpop_reads_only"


class _RollingBackConnection(sqlite3.Connection):
    """Ends its transaction when it is closed.

    A task that is cancelled within a statement has its connection closed, while the cursor of that
    statement may live on in a traceback. SQLite then keeps the connection as a zombie, with its
    transaction and the lock of the file, until the cursor is collected
    (https://www.sqlite.org/c3ref/close.html).
    """

    @override
    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # closed already
            self.rollback()
        super().close()


class FileGoneError(FileNotFoundError):
    """The database file was removed or replaced while it was open: what is written is lost."""


class DatabaseConnections:
    """The async connections of one database, for everything but the caller lookup."""

    def __init__(self, address: DatabaseUrl) -> None:
        self.kind: Kind = address.kind
        self.engine: AsyncEngine = _async_engine(address)
        is_sqlite = address.kind == "sqlite"
        # SQLite: a separate pool for reads, so that they go on while writers wait for the lock.
        reads = _async_engine(address) if is_sqlite else self.engine
        self._reads = reads.execution_options(**{_READS_ONLY: True})
        self._single_reads = (
            None if is_sqlite else self._reads.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._in_threads = _threaded_sqlite_engine(address, reads=True) if is_sqlite else None
        self._log_writes = _threaded_sqlite_engine(address, reads=False) if is_sqlite else None
        # A thread of its own: behind slow reads of pages the call log would wait.
        self._own = self.engine if is_sqlite else _async_engine(address, most=_OWN_POOL)
        watch(self.engine.sync_engine)
        if self._own is not self.engine:
            watch(self._own.sync_engine)
        if reads is not self.engine:
            watch(reads.sync_engine)
        if self._in_threads is not None:
            watch(self._in_threads)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="database-writes")
        self._path = address.path
        self._inode: int | None = None
        self.fence: Lease | None = None
        """Checked by every transaction that may write; None: none is checked."""
        self.is_fence_checked_last = False
        """Checked at the end of a transaction instead of its beginning, so that a takeover does not
        wait for a long one."""

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Open a read transaction: all reads inside see the same state of the database."""
        self._check_file()
        async with self._reads.begin() as connection:
            yield connection

    async def read_row(self, statement: Select[Any], values: Mapping[str, object]) -> Any:
        """Return the first row of one statement, or None; on PostgreSQL in one round trip."""
        if self._single_reads is None:
            return await self.read(lambda connection: connection.execute(statement, values).first())
        async with self._single_reads.connect() as connection:
            return (await connection.execute(statement, values)).first()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` reads in one transaction.

        On SQLite all of it runs in one other thread: the async driver would cross to its thread
        and back some three times for each statement, which takes longer than a short read.
        """
        if self._in_threads is None:
            async with self.reading() as connection:
                return await connection.run_sync(work)
        self._check_file()
        return await asyncio.to_thread(_run_in_transaction, self._in_threads, work)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that may write: committed at the end, rolled back by an exception.

        Raises ``FileGoneError`` also when the file was removed before the commit, and
        ``FencedOutError`` when the lease of ``fence`` was taken over.
        """
        async with self._fenced(self.engine) as connection:
            yield connection

    @asynccontextmanager
    async def writing_unfenced(self) -> AsyncGenerator[AsyncConnection]:
        """As ``writing``, without a look at ``fence``: for the lease itself."""
        self._check_file()
        async with self._own.begin() as connection:
            yield connection
        self._check_file()

    @asynccontextmanager
    async def _fenced(self, engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
        self._check_file()
        async with engine.begin() as connection:
            if self.fence is not None and not self.is_fence_checked_last:
                await connection.run_sync(check_lease, self.fence)
            yield connection
            if self.fence is not None and self.is_fence_checked_last:
                await connection.run_sync(check_lease, self.fence)
        self._check_file()

    async def write(self, work: Callable[[Connection], object]) -> None:
        """Run ``work`` in one transaction that may write; on SQLite all of it in another thread.

        Cancelled, a transaction that has begun in the thread is completed there.
        """
        if self._log_writes is None:
            # A queue of writes may have been begun by any user's request.
            with unrestricted():
                async with self._fenced(self._own) as connection:
                    await connection.run_sync(work)
            return
        self._check_file()
        loop = asyncio.get_running_loop()
        run = _run_in_transaction if self.fence is None else partial(_run_fenced, self.fence)
        await loop.run_in_executor(self._write_thread, run, self._log_writes, work)
        self._check_file()

    async def close(self) -> None:
        self._write_thread.shutdown(wait=False)
        # An undisposed aiosqlite connection keeps its thread running, and so the process.
        for opened in {self.engine, self._own}:
            await opened.dispose()
        await self._reads.dispose()
        for engine in (self._in_threads, self._log_writes):
            if engine is not None:
                engine.dispose()

    def _check_file(self) -> None:
        """Raise when the file of an open SQLite database is no longer the one at its path."""
        if self._path is None:
            return
        try:
            inode = self._path.stat().st_ino
        except OSError:
            inode = None
        if self._inode is None:
            self._inode = inode
        elif inode != self._inode:
            raise FileGoneError(2, "the file was removed or replaced", str(self._path))


def insert_or_update(kind: Kind, table: TableClause) -> Any:
    """Return the INSERT of this dialect that has ``on_conflict_do_update``."""
    return sqlite.insert(table) if kind == "sqlite" else postgresql.insert(table)


def _async_engine(address: DatabaseUrl, most: int = _POOL) -> AsyncEngine:
    """Return an engine with ``most`` connections to PostgreSQL at once, or 10 to SQLite."""
    options: dict[str, Any] = {
        "json_serializer": to_json,
        "json_deserializer": orjson.loads,
        # Statement parameters are personal data (names, numbers, notes): keep them out of errors.
        "hide_parameters": True,
    }
    if address.kind == "postgresql":
        engine = create_async_engine(
            address.url,
            pool_size=min(most, _KEPT_OPEN),
            max_overflow=max(0, most - _KEPT_OPEN),
            connect_args={**address.connect_args, "server_settings": _POSTGRESQL_SETTINGS},
            **options,
        )
        event.listen(engine.sync_engine, "handle_error", _hide_values)
        check_before_use(engine)
        return engine
    engine = create_async_engine(
        address.url,
        pool_size=5,
        max_overflow=5,
        connect_args={"factory": _RollingBackConnection},
        **options,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _threaded_sqlite_engine(address: DatabaseUrl, *, reads: bool) -> Engine:
    """Return an engine for transactions that run as a whole in a thread."""
    engine = create_engine(
        address.url.set(drivername="sqlite+pysqlite"),
        pool_size=5,
        max_overflow=5,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,
    ).execution_options(**{_READS_ONLY: reads})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _run_in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _run_fenced(fence: Lease, engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        check_lease(connection, fence)
        return work(connection)


def _hide_values(context: ExceptionContext) -> None:
    """Remove the values from a PostgreSQL error.

    Its DETAIL quotes the row, and the message quotes an argument that does not fit.
    """
    if context.sqlalchemy_exception is not None:
        _hide_in(context.sqlalchemy_exception)
    error: BaseException | None = context.original_exception
    while error is not None:
        _hide_in(error)
        error = error.__cause__ or error.__context__


def _hide_in(error: BaseException) -> None:
    for name in ("detail", "where"):
        if getattr(error, name, None):
            setattr(error, name, None)
    if error.args and isinstance(error.args[0], str):
        first = error.args[0].partition("\nDETAIL:")[0]
        error.args = (_QUOTED.sub("'...'", first), *error.args[1:])


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late and is deferred: it is issued here instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # Overwrite deleted content in the file; the cost is too small to measure.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # BEGIN IMMEDIATE: a read that turns into a write fails at once, whatever the timeout.
    reads_only = connection.get_execution_options().get(_READS_ONLY)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def lookup_sqlite_engine(address: DatabaseUrl) -> Engine:
    """Return the engine of the caller lookup on SQLite: one read-only connection, autocommit.

    Inside a transaction it would not see rows committed later.
    """
    url = address.url.set(
        drivername="sqlite+pysqlite",
        database=f"file:{quote(str(address.path))}",
        query={"mode": "ro", "uri": "true"},
    )
    engine = create_engine(
        url,
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False},  # may be closed from another thread
    )
    event.listen(engine, "connect", _prepare_lookup)
    return engine


def _prepare_lookup(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_LOOKUP_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA query_only=ON")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def lookup_postgresql_engine(address: DatabaseUrl) -> AsyncEngine:
    """Return the engine of the caller lookup on PostgreSQL, with a pool of its own.

    The statement is long and returns few rows: with a custom plan for each number (PostgreSQL's
    default for the first executions), planning takes four times as long as reading.
    """
    settings = {"plan_cache_mode": "force_generic_plan", "jit": "off", "statement_timeout": "5000"}
    return create_async_engine(
        address.url,
        poolclass=NullPool,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args={**address.connect_args, "server_settings": settings},
    )
