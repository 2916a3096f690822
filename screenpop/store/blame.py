"""Whose fault a failed write is: the database's, so that it is tried again, or the record's."""

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


class Blame(StrEnum):
    DATABASE = "database"
    """Away, full, locked, or without our tables: the same record goes in later."""
    RECORD = "record"
    """It can never go in."""
    UNSURE = "unsure"
    """Neither is plain: try again a few times."""


def blame(error: Exception) -> Blame:
    match error:
        case IntegrityError() | DataError() | OverflowError() | UnicodeError():
            return Blame.RECORD
        case DBAPIError():
            return _by_sqlstate(error)
        case StatementError():
            return Blame.RECORD  # a value that could not even be handed over
        case SQLAlchemyError() | OSError():
            return Blame.DATABASE
        case _:
            return Blame.UNSURE


def _by_sqlstate(error: DBAPIError) -> Blame:
    """https://www.postgresql.org/docs/current/errcodes-appendix.html: 22 is data, 23 constraints.
    SQLite has no such codes and calls a value of a wrong type a programming error."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state[:2] in {"22", "23"}:
        return Blame.RECORD
    mistaken = isinstance(error, ProgrammingError | InterfaceError | NotSupportedError)
    return Blame.UNSURE if mistaken and not state else Blame.DATABASE
