"""Copies the database of a running server into a file, and brings such a file back.

SQLite: the online backup API (https://www.sqlite.org/backup.html), in one step, so that the copy is
one moment; in WAL mode no writer waits for it. PostgreSQL: ``pg_dump`` and ``pg_restore``, whose
snapshot is one moment too.
"""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, inspect, text

from screenpop.store.backup.errors import BackupError
from screenpop.store.backup.postgres_programs import (
    on_postgresql,
    postgres_program,
    run_postgres_program,
)
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.migrate import TABLES_KEY, current_revision, unreachable
from screenpop.store.engine.url import DatabaseUrl, parse_database_url
from screenpop.store.schema.customer_tables import all_tables

_WAIT_FOR_OTHERS_S = 10.0


def copy_database(url: str, to: Path) -> str:
    """Write the database at ``url`` into the new file ``to``; return its schema's revision.

    The server may run. Blocks. Raises ``DatabaseProblemError`` and ``BackupError``.
    """
    address = parse_database_url(url)
    if address.path is not None:
        return _copy_sqlite(address, address.path, to)
    revision = on_postgresql(address, current_revision)
    if revision is None:
        raise DatabaseProblemError(
            "schema_missing", f"The database {address.shown} has no tables: nothing to save."
        )
    run_postgres_program(
        [
            *(str(postgres_program("pg_dump", address)), "--format=custom", "--compress=0"),
            *("--no-owner", "--no-privileges", f"--file={to}"),
        ],
        address,
    )
    return revision


def database_revision(url: str) -> str | None:
    """Return the revision of a database; None if there is none yet, or no tables of ours."""
    address = parse_database_url(url)
    if address.path is None:
        return on_postgresql(address, current_revision)
    if not address.path.exists():
        return None
    try:
        with closing(_open_read_only(address.path)) as connection:
            return _sqlite_revision(connection)
    except sqlite3.Error as problem:
        raise unreachable(address, problem) from problem


def database_bytes(url: str) -> int:
    """Return how much disk a database uses; 0 if there is none. Raises ``DatabaseProblemError``."""
    address = parse_database_url(url)
    if address.path is None:
        size = text("SELECT pg_database_size(current_database())")
        return on_postgresql(address, lambda connection: int(connection.execute(size).scalar_one()))
    parts = (address.path, address.path.with_name(address.path.name + "-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def erasures_since(url: str, since: float) -> int:
    """Return how many customers were erased from a database after a time; 0 if unknown.

    Those that the retention erased count too, each file that was merged into them as one.
    """
    address = parse_database_url(url)
    statement = (
        "SELECT what, CAST(figures AS TEXT) FROM privacy_records"
        " WHERE what IN ('erased', 'retention') AND at > :since"
    )
    try:
        if address.path is None:
            rows = on_postgresql(
                address,
                lambda c: [tuple(row) for row in c.execute(text(statement), {"since": since})],
            )
        else:
            with closing(_open_read_only(address.path)) as connection:
                rows = connection.execute(statement, {"since": since}).fetchall()
    except (sqlite3.Error, DatabaseProblemError):
        return 0  # an older or damaged database, which is why it is replaced
    return sum(1 if what == "erased" else json.loads(kept).get("files", 0) for what, kept in rows)


def replace_sqlite(copy: Path, target: Path, aside: Path | None) -> None:
    """Put a copy in the place of an SQLite file; the file that was there goes to ``aside``.

    Raises ``BackupError`` while another program has the database open.
    """
    if target.exists():
        if aside is None:
            raise BackupError(f"There is a database {target} already.")
        _close_wal(target)
        for ending in ("", "-wal", "-shm"):
            part = target.with_name(target.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
    copy.chmod(0o600)
    copy.rename(target)


def _close_wal(path: Path) -> None:
    """Refuse while others have the database open; else write its WAL into it where possible."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
    except sqlite3.OperationalError as problem:
        if "locked" in str(problem):
            raise BackupError(
                f"Another program has {path} open. Stop Screenpop (systemctl stop screenpop), then"
                " try again."
            ) from None
    except sqlite3.DatabaseError:
        return  # damaged: it is put aside as it is


def replace_postgresql(url: str, dump: Path) -> None:
    """Drop our tables of a database and bring back those of a dump.

    Raises ``BackupError`` and ``DatabaseProblemError``.
    """
    address = parse_database_url(url)
    restore = postgres_program("pg_restore", address)
    _wait_for_others(address)
    on_postgresql(address, _drop_our_tables)
    run_postgres_program(
        [
            *(str(restore), "--single-transaction", "--exit-on-error", "--no-owner"),
            *("--no-privileges", "--no-comments", f"--dbname={address.url.database}", str(dump)),
        ],
        address,
    )


def check_dump(dump: Path, url: str) -> None:
    """Raise ``BackupError`` if ``pg_restore`` cannot read the list of a dump."""
    address = parse_database_url(url)
    run_postgres_program(
        [str(postgres_program("pg_restore", address)), "--list", str(dump)], address
    )


def check_sqlite(path: Path) -> str | None:
    """Return the revision of an SQLite file after its structure was checked.

    Raises ``BackupError``.
    """
    try:
        with closing(_open_read_only(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found == "ok":
                return _sqlite_revision(connection)
    except sqlite3.DatabaseError as problem:
        found = str(problem)
    raise BackupError(f"The database is damaged ({found}). Use another backup.")


def _copy_sqlite(address: DatabaseUrl, path: Path, to: Path) -> str:
    if not path.exists():
        raise DatabaseProblemError(
            "absent", f"There is no database {path} to save; check data_dir and database_url."
        )
    to.touch(mode=0o600, exist_ok=False)
    try:
        with closing(_open_read_only(path)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as problem:
        raise unreachable(address, problem) from problem
    revision = check_sqlite(to)
    if revision is None:
        raise DatabaseProblemError(
            "schema_missing", f"The database {path} has no tables: there is nothing to save."
        )
    return revision


def _open_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_WAIT_FOR_OTHERS_S)


def _sqlite_revision(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


def _wait_for_others(address: DatabaseUrl) -> None:
    """Wait until no other connection uses the database: a stopped server takes a moment to leave.

    Raises ``BackupError``.
    """
    give_up_at = time.monotonic() + _WAIT_FOR_OTHERS_S
    while others := on_postgresql(address, _other_connections):
        if time.monotonic() > give_up_at:
            raise BackupError(
                f"{others} other connections use the database {address.shown}. Stop Screenpop on"
                " each machine that uses it, then try again."
            )
        time.sleep(0.05)


def _other_connections(connection: Connection) -> int:
    found: int = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    ).scalar_one()
    return found


def _listed_tables(connection: Connection) -> list[str]:
    """Return the tables that the version which migrated last has; it may be newer than this one."""
    if not inspect(connection).has_table("meta"):
        return []
    found = connection.execute(
        text("SELECT value FROM meta WHERE key = :key"), {"key": TABLES_KEY}
    ).scalar()
    return str(found or "").split()


def _drop_our_tables(connection: Connection) -> None:
    """Drop our tables with the functions of their triggers, which migrations make anew."""
    rows = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    )
    there = {str(row[0]) for row in rows}
    ours = sorted(there & {*all_tables.tables, "alembic_version", *_listed_tables(connection)})
    functions = connection.execute(
        text(
            "SELECT DISTINCT t.tgfoid::regprocedure::text FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND n.nspname = current_schema() AND c.relname = ANY(:ours)"
        ),
        {"ours": ours},
    ).all()
    for name in ours:
        connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
    for (signature,) in functions:
        connection.execute(text(f"DROP FUNCTION {signature}"))
