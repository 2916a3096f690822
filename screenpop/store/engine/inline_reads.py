"""Short reads from SQLite on the event loop's thread, through one kept connection.

A statement takes some ten microseconds this way; through a thread or the asynchronous driver it
takes up to a millisecond. The SQL comes from Core statements, which are compiled once. Each read
sees everything that was committed before it.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

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


def _compile(statement: Select[Any]) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    compiled = statement.compile(
        dialect=sqlite.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params


class InlineReads:
    """One read-only connection, opened at the first read and after ``close``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: PoolProxiedConnection | None = None
        self.execute: Execute | None = None
        """None while closed; then ``connect`` returns it."""

    def connect(self) -> Execute:
        self._kept = self._engine.raw_connection()
        connection: Any = self._kept.driver_connection
        self.execute = execute = connection.execute
        return execute  # type: ignore[no-any-return]

    def close(self) -> None:
        self.execute = None
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._engine.dispose()
