"""Connections of a pool are checked before use, by PostgreSQL where that is needed."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from screenpop.store.engine import pool_checks
from screenpop.store.engine.database import Database
from screenpop.store.engine.pool_checks import ASKED_AFTER_S, check_before_use
from screenpop.store.engine.url import parse_database_url

pytestmark = pytest.mark.anyio
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
OURS = text("SELECT pg_backend_pid()")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
async def engine(url: str) -> AsyncGenerator[AsyncEngine]:
    created = create_async_engine(parse_database_url(url).url, pool_size=1, max_overflow=0)
    check_before_use(created)
    yield created
    await created.dispose()


async def pid_of(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(OURS)).scalar_one())


@on_postgresql
async def test_a_connection_that_the_server_has_closed_is_replaced(
    engine: AsyncEngine, url: str
) -> None:
    async with engine.connect() as connection:
        pid = (await connection.execute(OURS)).scalar_one()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        closed = asyncio.Event()
        driver.add_termination_listener(lambda _: closed.set())
    other = create_async_engine(parse_database_url(url).url)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await other.dispose()
    async with asyncio.timeout(30):
        await closed.wait()
    assert await pid_of(engine) != pid


@on_postgresql
@pytest.mark.parametrize(
    ("idle_s", "asked"), [(0.0, 0), (ASKED_AFTER_S - 0.001, 0), (ASKED_AFTER_S, 1)]
)
async def test_the_server_is_asked_after_five_seconds_without_use_only(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, idle_s: float, asked: int
) -> None:
    clock, asks = Clock(), list[object]()
    monkeypatch.setattr(pool_checks, "time", clock)
    monkeypatch.setattr(engine.dialect, "do_ping", asks.append)
    pid = await pid_of(engine)
    clock.now += idle_s
    assert await pid_of(engine) == pid
    assert len(asks) == asked


@on_postgresql
async def test_a_connection_whose_server_does_not_answer_is_replaced(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_connection: object) -> bool:
        raise OSError

    clock = Clock()
    monkeypatch.setattr(pool_checks, "time", clock)
    monkeypatch.setattr(engine.dialect, "do_ping", fails)
    pid = await pid_of(engine)
    clock.now += ASKED_AFTER_S
    assert await pid_of(engine) != pid


async def test_a_row_is_read_by_one_statement(database: Database) -> None:
    found = await database.read_row(select(literal(1).label("one")), {})
    assert found.one == 1
    nothing = select(literal(1)).where(literal(1) == 2)
    assert await database.read_row(nothing, {}) is None
