"""A database at the schema of an older version, to be migrated by a test."""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, make_url

from screenpop.store.backup.postgres_programs import on_postgresql
from screenpop.store.engine.database import migrate, open_database
from screenpop.store.engine.migrate import MIGRATIONS
from screenpop.store.engine.url import parse_database_url
from tests.store.conftest import run_now_on, with_database


def revision_before(name: str) -> str:
    """Return the revision before the migration whose file is called ``rNNNN_<name>.py``."""
    files = sorted(file.name for file in (MIGRATIONS / "versions").glob("r[0-9]*.py"))
    [place] = [number for number, file in enumerate(files) if file[5:] == f"_{name}.py"]
    return files[place - 1][1:5]


def migrate_to(url: str, revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the database at ``url`` to an older revision."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, revision))
        migrate(url)


@contextmanager
def place_for(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[str]:
    """Yield the URL of an empty database of its own."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/old.db"
        return
    server: str = request.getfixturevalue("postgres")
    run_now_on(server, "DROP DATABASE IF EXISTS old_schema WITH (FORCE)")
    run_now_on(server, "CREATE DATABASE old_schema")
    yield with_database(server, "old_schema")
    run_now_on(server, "DROP DATABASE old_schema WITH (FORCE)")


def run_statements(url: str, *statements: str) -> None:
    """Run SQL in one transaction."""
    if url.startswith("postgresql"):
        for statement in statements:
            run_now_on(url, statement)
        return
    engine = create_engine(make_url(url).set(drivername="sqlite+pysqlite"))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def read_column(url: str, statement: str) -> list[Any]:
    """Return the first column of a query's rows."""

    async def read() -> list[Any]:
        database = open_database(url)
        async with database.reading() as connection:
            rows = await connection.exec_driver_sql(statement)
            found = [row[0] for row in rows]
        await database.close()
        return found

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(read())).result()


def on_database(url: str, use: Callable[[Connection], None]) -> None:
    """Run ``use`` with a connection in a transaction, outside of any loop."""
    if not url.startswith("postgresql"):
        engine = create_engine(make_url(url).set(drivername="sqlite+pysqlite"))
        with engine.begin() as connection:
            use(connection)
        engine.dispose()
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(on_postgresql, parse_database_url(url), use).result()
