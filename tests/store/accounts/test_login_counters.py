"""Wrong passwords are counted over all web processes, in the database."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update

from screenpop.store.accounts import login_counters
from screenpop.store.accounts.login_counters import FORGET_AFTER_S, LoginCounters, counter_key
from screenpop.store.engine.database import Database, open_database
from screenpop.store.schema.process_tables import login_counters as table
from screenpop.web.auth.login_throttle import LINE, SAME_ACCOUNT_AND_ADDRESS, LoginThrottle

pytestmark = pytest.mark.anyio

ALICE = counter_key("account", "alice")


class WebProcess:
    """The throttle of one web process, with a clock that passes while an attempt waits."""

    def __init__(
        self, database: Database, sleep: Callable[[float], Awaitable[None]] | None = None
    ) -> None:
        self.waited = 0.0
        shared = LoginCounters(database)
        self.throttle = LoginThrottle(lambda: 0.0, sleep or self._sleep, shared)

    async def _sleep(self, seconds: float) -> None:
        self.waited += seconds

    async def wait_of(self, address: str, username: str, *, is_wrong: bool = True) -> float:
        """Make one attempt; return the seconds before its password was checked."""
        self.waited = 0.0
        async with self.throttle.trying(address, username) as attempt:
            assert attempt.is_allowed
            attempt.is_wrong = is_wrong
        return self.waited


async def age(database: Database, seconds: float) -> None:
    """Let all counters be this much older."""
    async with database.writing() as connection:
        await connection.execute(update(table).values(last_at=table.c.last_at - seconds))


async def rows(database: Database) -> int:
    return await database.read(lambda c: c.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.defends("login-throttle")
async def test_wrong_passwords_at_two_web_processes_count_together_until_the_right_one(
    database: Database,
) -> None:
    one, two = WebProcess(database), WebProcess(database)
    waits = [await web.wait_of("10.0.0.1", "alice") for web in (one, two) * 4]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 8]
    assert await two.wait_of("10.0.0.2", "bob") == 0
    assert await one.wait_of("10.0.0.1", "Alice", is_wrong=False) == 8
    assert await two.wait_of("10.0.0.1", "alice") == 0
    # From anywhere: eight wrong ones and this one; the account waits from the eleventh.
    waits = [await web.wait_of("10.9.0.9", "alice") for web in (two, one, two)]
    assert waits == [0, 1, 2]
    async with database.reading() as connection:
        keys = (await connection.scalars(select(table.c.key))).all()
    assert all(len(key) == 64 for key in keys)  # digests: no name and no address


async def test_attempt_in_progress_or_of_a_killed_process_counts_in_the_others(
    database: Database,
) -> None:
    killed, other = LoginCounters(database), LoginCounters(database)
    assert (await killed.begin([ALICE]))[ALICE].wrong == 0
    assert (await other.begin([ALICE]))[ALICE].wrong == 1
    await other.was_not_wrong([ALICE])
    assert (await other.begin([ALICE]))[ALICE].wrong == 1
    await other.was_not_wrong([ALICE], [ALICE])
    await killed.was_not_wrong([ALICE])  # nothing is counted below zero
    assert (await other.begin([ALICE]))[ALICE].wrong == 0


@pytest.mark.parametrize(("beside_s", "wrong"), [(-60.0, 2), (1.0, 0)])
async def test_counter_is_reset_after_a_quarter_of_an_hour_without_a_wrong_password(
    database: Database, beside_s: float, wrong: int
) -> None:
    counters = LoginCounters(database)
    await counters.begin([ALICE])
    await age(database, 300.0)
    await counters.begin([ALICE])
    await counters.was_wrong([ALICE])
    await age(database, FORGET_AFTER_S + beside_s)
    assert (await counters.begin([ALICE]))[ALICE].wrong == wrong


async def test_rows_that_no_longer_count_are_deleted_once_a_minute(database: Database) -> None:
    assert login_counters.DELETE_EVERY_S == 60.0
    now = 0.0
    counters = LoginCounters(database, lambda: now)
    await counters.begin([ALICE, counter_key("account", "bob")])
    await age(database, 2 * FORGET_AFTER_S + 1)
    now = 59.9
    await counters.begin([counter_key("account", "carol")])
    assert await rows(database) == 3
    now = 60.0
    await counters.begin([counter_key("account", "carol")])
    assert await rows(database) == 1


async def test_oldest_of_too_many_that_wait_is_dropped_whatever_process_has_the_others(
    database: Database,
) -> None:
    one, two = WebProcess(database), WebProcess(database)
    for _ in range(SAME_ACCOUNT_AND_ADDRESS.free):
        await one.wait_of("10.0.0.1", "alice")
    outcomes: list[bool] = []

    async def attempt(newer: int) -> None:
        async def wait_while_others_begin(_: float) -> None:
            for _ in range(newer):
                await LoginCounters(database).begin([counter_key("both", "10.0.0.1", "alice")])

        waiting = WebProcess(database, wait_while_others_begin)
        async with waiting.throttle.trying("10.0.0.1", "alice") as tried:
            outcomes.append(tried.is_allowed)
            tried.is_wrong = True

    await attempt(LINE - 1)
    await attempt(LINE)
    assert outcomes == [True, False]
    assert await two.wait_of("10.0.0.1", "alice", is_wrong=False) == 8


async def test_attempt_whose_browser_leaves_while_it_waits_resets_nothing(
    database: Database,
) -> None:
    web = WebProcess(database)
    for _ in range(5):
        await web.wait_of("10.0.0.1", "alice")
    waits = asyncio.Event()

    async def wait_for_ever(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    leaving = asyncio.create_task(
        WebProcess(database, wait_for_ever).wait_of("10.0.0.1", "alice", is_wrong=False)
    )
    await waits.wait()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert leaving.cancelled()
    assert await web.wait_of("10.0.0.1", "alice") == 4


async def test_each_process_counts_alone_while_the_database_cannot_be_read() -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    web = WebProcess(away)
    waits = [await web.wait_of("10.0.0.1", "alice") for _ in range(5)]
    assert waits == [0, 0, 0, 1, 2]
    assert await web.wait_of("10.0.0.1", "alice", is_wrong=False) == 4
    assert await web.wait_of("10.0.0.1", "alice") == 0
    await away.close()
