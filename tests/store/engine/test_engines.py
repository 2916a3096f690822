"""How each database is opened, read and written."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import IntegrityError

from screenpop.store.engine.database import Database
from screenpop.store.engine.lease import acquire_lease, renew_lease
from screenpop.store.schema.tables import customer_phones, customers, meta
from tests.store.samples import add_customer

pytestmark = pytest.mark.anyio
sqlite_only = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@sqlite_only
async def test_sqlite_is_opened_as_it_should_be(database: Database) -> None:
    async with database.reading() as connection:

        async def pragma(name: str) -> object:
            return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()

        assert await pragma("journal_mode") == "wal"
        assert await pragma("foreign_keys") == 1
        assert await pragma("synchronous") == 1
        assert await pragma("busy_timeout") == 8_000


async def test_a_row_that_points_to_no_customer_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(customer_phones.insert().values(customer_id=9, raw="1"))


async def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    async def half_a_change() -> None:
        async with database.writing() as connection:
            await connection.execute(meta.insert().values(key="a", value="b"))
            raise LookupError

    with pytest.raises(LookupError):
        await half_a_change()

    async with database.reading() as connection:
        assert (await connection.execute(select(meta))).first() is None


async def test_several_reads_inside_one_see_the_same_moment(database: Database) -> None:
    if database.kind == "postgresql":
        return  # there each statement has its own; nothing here relies on more
    count = select(func.count()).select_from(customers)
    async with database.reading() as connection:
        before = (await connection.execute(count)).scalar_one()
        await add_customer(database, "Karimi")
        assert (await connection.execute(count)).scalar_one() == before


async def test_many_readers_that_then_write_at_once_all_come_through(database: Database) -> None:
    async def one_more() -> None:
        async with database.writing() as connection:
            value = (await connection.execute(select(meta.c.value))).scalar_one()
            await connection.execute(meta.update().values(value=str(int(value) + 1)))
            await asyncio.sleep(0)

    async with database.writing() as connection:
        await connection.execute(meta.insert().values(key="count", value="0"))
    if database.kind == "postgresql":
        await one_more()  # one after the other is what SQLite's lock gives; here it is a row lock
        return
    await asyncio.gather(*(one_more() for _ in range(40)))

    async with database.reading() as connection:
        assert (await connection.execute(select(meta.c.value))).scalar_one() == "40"


@sqlite_only
async def test_a_reader_does_not_wait_for_a_writer(database: Database, url: str) -> None:
    other = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO meta (key, value) VALUES ('x', 'y')")

    async with database.reading() as connection:
        assert (await connection.execute(select(meta))).first() is None

    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_lease_and_log_have_connections_while_a_burst_of_commands_has_all_others(
    database: Database,
) -> None:
    enough, ended = asyncio.Event(), asyncio.Event()
    held = 0

    async def hold() -> None:
        nonlocal held
        async with database.writing():
            held += 1
            if held == 17:
                enough.set()
            await ended.wait()

    lease = await acquire_lease(database, "listener", "a")
    assert lease is not None
    burst = [asyncio.create_task(hold()) for _ in range(60)]
    async with asyncio.timeout(20):
        await enough.wait()
        assert await renew_lease(database, lease)
        await database.write(lambda c: c.execute(meta.insert().values(key="a", value="b")))
        assert held == 17
    ended.set()
    await asyncio.gather(*burst)
