"""When changed customers are listed again: at once, or with all others in a process of its own."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from screenpop.app.work_lists import (
    BUILD_AGAIN_AFTER_S,
    MAX_INLINE_CUSTOMERS,
    WorkListKeeper,
)
from screenpop.follow_ups.work_list import WorkKind
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.follow_ups.work_lists import count_work
from screenpop.store.schema.tables import customers
from tests.app.running_app import NOW

pytestmark = pytest.mark.anyio

UTC = ZoneInfo("UTC")
START = NOW.timestamp()
NO_DATABASE = "sqlite:////nowhere/screenpop.db"
"""A process that builds the lists of this database fails."""


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


async def add_customers(database: Database, count: int, changed_at: float) -> None:
    """Add customers whose birthday is today."""
    plain = {"names": [], "tags": [], "created_at": 1.0, "changed_at": changed_at}
    birthday = date(1980, NOW.month, NOW.day)
    async with database.writing() as connection:
        await connection.execute(insert(customers), [{**plain, "birthday": birthday}] * count)


async def listed(database: Database) -> int:
    counted = await count_work(database, [WorkKind.BIRTHDAY], (), NOW.date())
    return counted.get(WorkKind.BIRTHDAY, 0)


async def test_twenty_changed_customers_are_listed_again_at_once_and_twenty_one_are_not(
    database: Database, sqlite_url: str
) -> None:
    clock = Clock()
    keeper = WorkListKeeper(database, sqlite_url, UTC, clock)
    await keeper.bring_up_to_date()
    await add_customers(database, MAX_INLINE_CUSTOMERS, START + 1)
    clock.now += 5
    await keeper.bring_up_to_date()
    assert await listed(database) == MAX_INLINE_CUSTOMERS == 20
    clock.now += 60
    async with database.writing() as connection:
        moved = update(customers).values(birthday=date(1980, NOW.month, NOW.day) + timedelta(90))
        await connection.execute(moved.values(changed_at=clock.now))
    await add_customers(database, 1, clock.now)
    await keeper.bring_up_to_date()
    assert await listed(database) == MAX_INLINE_CUSTOMERS


async def test_twenty_one_changed_customers_are_listed_ten_minutes_after_the_last_build(
    database: Database, sqlite_url: str
) -> None:
    clock = Clock()
    keeper = WorkListKeeper(database, sqlite_url, UTC, clock)
    await keeper.bring_up_to_date()
    await add_customers(database, MAX_INLINE_CUSTOMERS + 1, START + 1)
    clock.now = START + BUILD_AGAIN_AFTER_S - 0.1
    await keeper.bring_up_to_date()
    assert await listed(database) == 0
    clock.now = START + BUILD_AGAIN_AFTER_S
    await keeper.bring_up_to_date()
    assert await listed(database) == MAX_INLINE_CUSTOMERS + 1


@pytest.mark.parametrize(("count", "fails"), [(20, False), (21, True)])
async def test_lists_of_twenty_customers_are_built_here_and_of_more_in_a_process(
    database: Database, count: int, fails: bool
) -> None:
    await add_customers(database, count, START)
    keeper = WorkListKeeper(database, NO_DATABASE, UTC, Clock())
    if fails:
        with pytest.raises(DatabaseProblemError):
            await keeper.bring_up_to_date()
        assert await listed(database) == 0
    else:
        await keeper.bring_up_to_date()
        assert await listed(database) == count
