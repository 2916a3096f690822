"""Short reads from SQLite on the event loop's thread, through one kept connection.

A statement takes some ten microseconds this way; through a thread or the asynchronous driver it
takes up to a millisecond. The SQL comes from Core statements, which are compiled once a process.
Each read sees everything that was committed before it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Engine, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from screenpop.store.engine.constants import with_constants_in_text

T = TypeVar("T")
Row = tuple[Any, ...]
Execute = Callable[[str, tuple[Any, ...]], Any]
"""The driver's own ``execute``: takes SQL and values, returns a cursor."""

INLINE_ERRORS = (sqlite3.Error, SQLAlchemyError, OSError, MemoryError)
"""What a read may raise. The connection has to be closed then."""


@dataclass(frozen=True, slots=True)
class PreparedStatement:
    """A statement as SQL text, with the constants before and after its one variable parameter."""

    sql: str
    before: Row
    after: Row

    def rows(self, execute: Execute, value: object) -> list[Row]:
        # fetchall: a cursor left open would keep the connection on an old snapshot.
        rows: list[Row] = execute(self.sql, (*self.before, value, *self.after)).fetchall()
        return rows


def compile_statement(statement: Select[Any], name: str) -> PreparedStatement:
    """Return the SQLite text of a Core statement whose only open parameter is ``name``."""
    sql, names, constants = _compile(statement)
    values = tuple(constants[key] for key in names)
    here = names.index(name)
    return PreparedStatement(sql, values[:here], values[here + 1 :])


@dataclass(frozen=True, slots=True)
class NamedStatement:
    """A statement as SQL text, with the names of its parameters in their order."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def first(self, execute: Execute, values: Mapping[str, object]) -> Row:
        """Return the first row. Raises ``LookupError`` when there is none."""
        return self.rows(execute, values)[0]

    def rows(self, execute: Execute, values: Mapping[str, object]) -> list[Row]:
        given = {**self.constants, **values}
        rows: list[Row] = execute(self.sql, tuple([given[name] for name in self.names])).fetchall()
        return rows


def compile_named(statement: Select[Any]) -> NamedStatement:
    """Return the SQLite text of a Core statement with several open parameters."""
    return NamedStatement(*_compile(statement))


@cache
def _compile(statement: Select[Any]) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    compiled = with_constants_in_text(statement).compile(
        dialect=sqlite.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params


class InlineReads:
    """One read-only connection, opened at the first read.

    After a failure it is opened again by ``reconnect``, in a thread: while SQLite finds the index
    of its WAL damaged it tries for some ten seconds, and the loop would send no card meanwhile
    (``walTryBeginRead``, https://sqlite.org/src/file/src/wal.c).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: PoolProxiedConnection | None = None
        self._execute: Execute | None = None
        self._has_failed = self._is_closed = False
        self._reconnecting: asyncio.Task[None] | None = None

    def ready(self) -> Execute | None:
        """Return the driver's ``execute``; None after a failure, until ``reconnect`` succeeded.

        The first time it opens the connection and may raise one of ``INLINE_ERRORS``.
        """
        if self._execute is None and not self._has_failed:
            self._adopt(self._engine.raw_connection())
        return self._execute

    def read(self, work: Callable[[Execute], T]) -> T | None:
        """Return what ``work`` reads; None where the connection is out of use or fails now."""
        try:
            execute = self.ready()
            return None if execute is None else work(execute)
        except INLINE_ERRORS:
            self.fail()
            return None

    def fail(self) -> None:
        """Let the connection go after an error of a read."""
        self._has_failed = True
        self._let_go()

    async def reconnect(self) -> Execute:
        """Open the connection again; waits for an attempt in progress. Raises ``INLINE_ERRORS``."""
        if self._execute is None:
            if self._reconnecting is None:
                self._reconnecting = asyncio.create_task(self._open_in_thread())
                self._reconnecting.add_done_callback(self._reconnected)
            await asyncio.shield(self._reconnecting)
        if self._execute is None:
            raise OSError("the database was closed meanwhile")
        return self._execute

    def close(self) -> None:
        self._is_closed = True
        self._let_go()

    async def _open_in_thread(self) -> None:
        connection = await asyncio.to_thread(self._open)
        if self._is_closed:
            connection.close()
            self._engine.dispose()
        else:
            self._adopt(connection)
            self._has_failed = False

    def _open(self) -> PoolProxiedConnection:
        try:
            connection = self._engine.raw_connection()
            # The first read is what waits for a damaged file.
            connection.cursor().execute("SELECT 1 FROM sqlite_master LIMIT 1").close()
        except BaseException:
            self._engine.dispose()
            raise
        return connection

    def _reconnected(self, attempt: asyncio.Task[None]) -> None:
        self._reconnecting = None
        if not attempt.cancelled():
            attempt.exception()  # retrieved here too, as every waiting lookup may have given up

    def _adopt(self, connection: PoolProxiedConnection) -> None:
        self._kept = connection
        driver: Any = connection.driver_connection
        self._execute = driver.execute

    def _let_go(self) -> None:
        self._execute = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None
            self._engine.dispose()
