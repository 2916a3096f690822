"""Connections to PostgreSQL and its programs ``pg_dump`` and ``pg_restore``."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from screenpop.store.backup.errors import BackupError
from screenpop.store.engine.migrate import unreachable
from screenpop.store.engine.url import DatabaseUrl

Result = TypeVar("Result")

_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslpassword": "PGSSLPASSWORD",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}
_DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")


def on_postgresql(address: DatabaseUrl, use: Callable[[Connection], Result]) -> Result:
    """Return what ``use`` returns for a connection in a transaction; blocks.

    Raises ``DatabaseProblemError``.
    """

    async def go() -> Result:
        engine = create_async_engine(
            address.url, poolclass=NullPool, connect_args=address.connect_args
        )
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(use)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(go())
    except (DBAPIError, OSError) as problem:
        raise unreachable(address, problem) from problem


def postgres_program(name: str, address: DatabaseUrl) -> Path:
    """Return the PostgreSQL program that fits the server. Raises ``BackupError``."""
    server = on_postgresql(
        address, lambda c: int(c.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    )
    found = [path for path in _DEBIAN_PROGRAMS.glob(f"*/bin/{name}") if path.is_file()]
    on_path = shutil.which(name)
    if on_path is not None:
        found.append(Path(on_path))
    fitting = {_major(path): path for path in found if _major(path) >= server}
    if not fitting:
        raise BackupError(
            f"{name} of PostgreSQL {server} or newer is needed, to save or bring back the database"
            f" {address.shown}. On Debian: apt-get install postgresql-client-{server}"
        )
    return fitting[min(fitting)]


def _major(program: Path) -> int:
    """Return the major version of a PostgreSQL program; 0 if it does not start."""
    try:
        printed = subprocess.run(  # noqa: S603 -- a program of PostgreSQL, by its path
            [program, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\) (\d+)", printed.stdout)
    return int(version[1]) if version else 0


def run_postgres_program(command: list[str], address: DatabaseUrl) -> None:
    """Run a PostgreSQL program; the password goes by its environment, never the command line.

    Raises ``BackupError`` with its first line of error.
    """
    done = subprocess.run(  # noqa: S603 -- as above; the database's name is one argument
        command,
        env=os.environ | _connection_variables(address),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise BackupError(
            f"{Path(command[0]).name} failed ({lines[0]}). Check that the disk is not full and that"
            f" the user of the database may read and make tables in {address.shown}."
        )


def _connection_variables(address: DatabaseUrl) -> dict[str, str]:
    """Return the variables that libpq reads
    (https://www.postgresql.org/docs/current/libpq-envars.html)."""
    url, asked = address.url, address.url.query
    host = url.host or str(asked.get("host", ""))
    values = {
        "PGHOST": host,
        "PGPORT": str(url.port or asked.get("port", "")),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(asked.get("ssl", "")),
        "PGCONNECT_TIMEOUT": "10",
    }
    values |= {_VARIABLES[word]: value for word, value in address.tls.items()}
    return {name: value for name, value in values.items() if value}
