"""Classify a failed write: a fault of the database (retry) or of the record (give up)."""

from enum import StrEnum

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from screenpop.service.ports import FencedOutError


class WriteFault(StrEnum):
    DATABASE = "database"
    """Unreachable, full, locked, or without our tables: the same record can be written later."""
    RECORD = "record"
    """The record can never be written."""
    FENCED_OUT = "fenced_out"
    """Another process has taken over: this one may write nothing any more."""
    UNSURE = "unsure"
    """The cause is not clear: retry a few times."""


def classify_write_error(error: Exception) -> WriteFault:
    match error:
        case FencedOutError():
            return WriteFault.FENCED_OUT
        case IntegrityError() | DataError() | OverflowError() | UnicodeError():
            return WriteFault.RECORD
        case DBAPIError():
            return _by_sqlstate(error)
        case StatementError():
            return WriteFault.RECORD  # a value that the driver could not convert
        case SQLAlchemyError() | OSError() | MemoryError():
            return WriteFault.DATABASE
        case _:
            return WriteFault.UNSURE


def without_values(error: BaseException) -> str:
    """Return a failed statement's error text without the values that were to be written.

    The driver's first line names the constraint or the condition. SQLAlchemy would add the
    statement with its parameters, and PostgreSQL a DETAIL with the row.
    """
    if not isinstance(error, DBAPIError) or error.orig is None:
        return type(error).__name__
    first = str(error.orig).partition("\n")[0].strip()
    sqlstate = getattr(error.orig, "sqlstate", None)
    if isinstance(error, DataError) or str(sqlstate or "")[:2] == "22":
        return f"{type(error).__name__} {sqlstate or ''}".strip()  # such a line quotes the value
    return first or type(error).__name__


def _by_sqlstate(error: DBAPIError) -> WriteFault:
    """Classify by SQLSTATE: class 22 is data, class 23 constraints.

    https://www.postgresql.org/docs/current/errcodes-appendix.html. SQLite has no such codes and
    reports a value of a wrong type as a programming error.
    """
    if error.connection_invalidated:
        return WriteFault.DATABASE  # the driver's own error has no SQLSTATE
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state[:2] in {"22", "23"}:
        return WriteFault.RECORD
    mistaken = isinstance(error, ProgrammingError | InterfaceError | NotSupportedError)
    return WriteFault.UNSURE if mistaken and not state else WriteFault.DATABASE
