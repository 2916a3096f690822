"""Migrate a database to the schema of this program, and check that it is there."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.tls_errors import tls_failure
from screenpop.store.engine.url import DatabaseUrl, check_sqlite_location, parse_database_url
from screenpop.store.engine.write_errors import without_values

_LOCK = 7_263_001_943
"""PostgreSQL advisory lock key, the same in every version: one process migrates at a time."""

TABLES_KEY = "tables"
"""Of ``meta``: the names of the tables of the version that migrated last, on PostgreSQL."""
_WAL_RETRY_S = 30.0
MIGRATIONS = Path(__file__).parents[1] / "schema" / "migrations"


@dataclass(frozen=True, slots=True)
class MigrationStep:
    revision: str
    title: str
    """In a few words, as its file is named."""
    number: int
    """From 1, of those that this database lacks."""
    count: int


OnStep = Callable[[MigrationStep], None]


def migrate(url: str, on_step: OnStep | None = None) -> str:
    """Migrate the database at ``url`` to this program's schema; create it when absent.

    Returns the schema's revision. All steps are one transaction: a process that is killed leaves
    the database as it was. ``on_step`` is called before each. Blocks, and opens connections of its
    own: call it before the loop starts, or in a thread. Raises ``DatabaseProblemError``.
    """
    address = parse_database_url(url)
    try:
        if address.kind == "sqlite":
            _migrate_sqlite(address, on_step)
        else:
            asyncio.run(_migrate_postgresql(address, on_step))
    except (DBAPIError, OSError) as error:
        raise unreachable(address, error) from error
    return newest_revision()


@cache
def _titles() -> dict[str, str]:
    """Return the titles of all migrations by their number, in order, from the names of their files.

    They form one chain. Alembic would read each of them, and is imported only to
    migrate: every process of ours that opens a database would take a tenth longer to start.
    """
    files = sorted(file.stem for file in (MIGRATIONS / "versions").glob("r[0-9]*_*.py"))
    if not files:
        raise LookupError("screenpop/store/schema/migrations holds no steps")
    return {file[1:5]: file[6:].replace("_", " ") for file in files}


def newest_revision() -> str:
    return next(reversed(_titles()))


def steps_after(revision: str | None) -> tuple[MigrationStep, ...]:
    """Return the steps that a database at this revision lacks; None: one without our tables."""
    missing = [one for one in _titles() if revision is None or one > revision]
    return tuple(
        MigrationStep(one, _titles()[one], number, len(missing))
        for number, one in enumerate(missing, 1)
    )


def is_known_revision(revision: str) -> bool:
    """Return whether this program can migrate from a revision."""
    return revision in _titles()


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database; None when it has none of our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def check_revision(found: str | None, shown: str) -> None:
    """Raise when a database is not at this program's schema."""
    if found == newest_revision():
        return
    if found is None:
        raise DatabaseProblemError(
            "schema_missing", f"The database {shown} has no tables yet. Run: screenpop migrate"
        )
    _refuse_newer(found, shown)
    raise DatabaseProblemError(
        "schema_older",
        f"The database {shown} is at schema {found}, this program needs {newest_revision()}."
        " Back it up, then run: screenpop migrate",
    )


def unreachable(address: DatabaseUrl, error: BaseException) -> DatabaseProblemError:
    """Return the ``DatabaseProblemError`` for a driver's error, worded for the administrator."""
    cause = getattr(error, "orig", None) or error
    reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    if "not a database" in reason:
        return DatabaseProblemError(
            "not_a_database",
            f"The file {address.path} is not an SQLite database. Set another path, or move the"
            " file away.",
        )
    known = tls_failure(address, cause) or _known_failure(address, reason, cause)
    if known is not None:
        return known
    if isinstance(error, DBAPIError):
        reason = without_values(error)
    hint = (
        "Check that the disk is not full and that the folder is not on a network drive."
        if address.kind == "sqlite"
        else "Check that PostgreSQL runs, and the host, name and password in the database setting."
    )
    return DatabaseProblemError(
        "unreachable", f"The database {address.shown} cannot be used: {reason}. {hint}"
    )


def _known_failure(
    address: DatabaseUrl, reason: str, cause: BaseException
) -> DatabaseProblemError | None:
    """Return the error for failures that have a remedy of their own, else None."""
    shown = address.path or address.shown
    if (
        "is full" in reason
        or "No space left" in reason
        or getattr(cause, "sqlstate", "") == "53100"
    ):
        return DatabaseProblemError(
            "disk_full",
            f"The disk of the database {shown} is full. Free some space: what waits is written"
            " then.",
        )
    # A damaged page can also name an impossible size, for which SQLite finds no memory.
    out_of_memory = isinstance(cause, MemoryError)
    if out_of_memory or any(word in reason for word in ("malformed", "disk I/O error", "corrupt")):
        return DatabaseProblemError(
            "damaged",
            f"The database {shown} is damaged ({reason}). Stop Screenpop, restore a backup, and"
            " check the disk.",
        )
    missing = isinstance(cause, FileNotFoundError)
    if missing or "unable to open" in reason or "no such table" in reason:
        return DatabaseProblemError(
            "absent",
            f"The database {shown} is not there or has no tables. Stop Screenpop, restore the file"
            " from a backup, and start it again.",
        )
    if "is locked" in reason:
        return DatabaseProblemError(
            "locked",
            f"The database {shown} is locked by another program for too long. End that program, or"
            " wait until it is done.",
        )
    if getattr(cause, "sqlstate", "") == "25006":
        return DatabaseProblemError(
            "read_only",
            f"The database {shown} accepts no changes: a standby, or made read-only. Name the"
            " primary server in the database setting.",
        )
    if "readonly" in reason:
        return DatabaseProblemError(
            "not_writable", f"The database {shown} cannot be written. Give this user the right to."
        )
    return None


def _upgrade(connection: Connection, shown: str, on_step: OnStep | None = None) -> None:
    from alembic import command
    from alembic.config import Config

    found = current_revision(connection)
    if found is not None:
        _refuse_newer(found, shown)
    config = Config()
    # Alembic interprets % in settings.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if on_step is not None:
        steps = iter(steps_after(found))

        def announce_next(**_: object) -> None:
            step = next(steps, None)
            if step is not None:
                on_step(step)

        config.attributes["on_version_apply"] = announce_next
        announce_next()
    command.upgrade(config, "head")


def _refuse_newer(found: str, shown: str) -> None:
    if not is_known_revision(found):
        raise DatabaseProblemError(
            "schema_newer",
            f"The database {shown} was written by a newer Screenpop (schema {found}; this one"
            f" supports up to {newest_revision()}). Install that version, or restore a backup.",
        )


def _migrate_sqlite(address: DatabaseUrl, on_step: OnStep | None) -> None:
    if address.path is None:
        raise LookupError("an SQLite address without a path")
    check_sqlite_location(address.path)
    if not address.path.exists():
        # SQLite gives the -wal and -shm files the same permissions.
        address.path.touch(mode=0o600)
    engine = create_engine(address.url.set(drivername="sqlite+pysqlite"), poolclass=NullPool)
    event.listen(engine, "connect", _no_foreign_keys)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        _upgrade(connection, address.shown, on_step)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseProblemError(
                "unreachable",
                f"The database {address.shown} points to rows that are not there"
                f" ({len(broken)}, first in {broken[0][0]}). Restore a backup.",
            )


def _switch_to_wal(cursor: DBAPICursor) -> str:
    """Return the journal mode after asking for WAL, for at most ``_WAL_RETRY_S`` seconds.

    SQLite does not call the busy handler while it takes the exclusive lock for this change
    (https://www.sqlite.org/c3ref/busy_handler.html), so two programs that start together
    could see "database is locked" at once.
    """
    give_up_at = time.monotonic() + _WAL_RETRY_S
    while True:
        try:
            row = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return str(row[0]) if row else ""


def _no_foreign_keys(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # A batch step copies a table and drops the old one: with foreign keys on, that would delete
    # the rows which reference it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    mode = _switch_to_wal(cursor)
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()
    if mode != "wal":
        raise DatabaseProblemError(
            "network_drive",
            "SQLite cannot keep its write-ahead log in this folder, which happens on network"
            " drives. Put the file on a disk of this machine, or use PostgreSQL.",
        )


async def _migrate_postgresql(address: DatabaseUrl, on_step: OnStep | None) -> None:
    engine = create_async_engine(address.url, poolclass=NullPool, connect_args=address.connect_args)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await connection.run_sync(_upgrade, address.shown, on_step)
            await connection.run_sync(_list_tables)
    finally:
        await engine.dispose()


def _list_tables(connection: Connection) -> None:
    """Write the names of our tables into the database.

    An earlier version that brings back its backup removes these: it does not know the newer ones,
    and the next upgrade could not make them again.
    """
    from screenpop.store.schema.customer_tables import all_tables

    connection.execute(
        text(
            "INSERT INTO meta (key, value) VALUES (:key, :names)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"key": TABLES_KEY, "names": " ".join(sorted(all_tables.tables))},
    )
