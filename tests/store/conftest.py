"""Every store test runs on SQLite and on a PostgreSQL of its own."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from screenpop.store.engine.database import Database, migrate, open_database
from tests.store.emptied_postgres import empty_now
from tests.store.needed_postgres import ensure_for_tests
from tests.store.throwaway_postgres import throwaway_postgres

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """The URL of a running server."""
    ensure_for_tests()
    with throwaway_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The URL of a database with our tables, for one test after the other."""
    run_now_on(postgres, "CREATE DATABASE migrated")
    url = with_database(postgres, "migrated")
    migrate(url)
    empty_now(url)  # the first test finds it as every later one does
    return url


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[str]:
    """A database with our tables and nothing in them."""
    if kind == "sqlite":
        path = tmp_path / "screenpop.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    place: str = request.getfixturevalue("migrated_postgres")
    yield place
    empty_now(place)


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    opened = open_database(url)
    yield opened
    await opened.close()


def with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def run_now_on(url: str, sql: str) -> None:
    """The same outside a loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run_on(url, sql)).result()


async def run_on(url: str, sql: str) -> None:
    """One statement that wants no transaction."""
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as connection:
        await connection.exec_driver_sql(sql)
    await engine.dispose()
