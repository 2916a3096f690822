"""Nothing is deleted for its age by a clock that has leapt, until it has gone on for days."""

import pytest
from sqlalchemy import func, select

from screenpop.app.retention import RetentionKeeper
from screenpop.customers.retention import HOLD_S, LEAP_S, RetentionKind, RetentionRules
from screenpop.store.engine.database import Database
from screenpop.store.privacy.clock_record import look_at_clock, read_clock
from screenpop.store.privacy.retention_runs import RetentionRun, last_runs, record_runs
from screenpop.store.schema.tables import calls
from tests.store.retention import DAY, UTC
from tests.store.samples import finished_call

pytestmark = pytest.mark.anyio

NOW = 1_796_000_000.0
TEN_YEARS = 3653 * DAY
KEPT_90_DAYS = RetentionRules(calls_days=90)


class Server:
    """The retention of a server whose clock a test sets."""

    def __init__(self, database: Database, now: float) -> None:
        self.database, self.now = database, now
        self.start()

    def start(self) -> None:
        self.keeper = RetentionKeeper(
            self.database, KEPT_90_DAYS, UTC, lambda: self.now, between_s=0.0
        )

    async def looks(self, hours: float = 0.0) -> int:
        """Let hours pass, as servers do that look all the time; return how many calls are left."""
        until = self.now + hours * 3600
        while self.now < until:
            await self.keeper.delete_when_due()
            self.now = min(self.now + DAY, until)
        await self.keeper.delete_when_due()
        async with self.database.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(calls)) or 0


async def add_calls(database: Database, *days_ago: float) -> None:
    for number, days in enumerate(days_ago):
        database.log.keep(finished_call(f"{number}.1", arrived_at=NOW - days * DAY))
    database.log.start()
    await database.log.flush()


@pytest.mark.parametrize("starts_anew", [False, True])
async def test_a_clock_ten_years_ahead_deletes_nothing_for_days_and_nothing_once_it_is_right(
    database: Database, starts_anew: bool
) -> None:
    await add_calls(database, 1, 89, 91)
    server = Server(database, NOW)
    assert await server.looks() == 2  # the third is over its time
    server.now += TEN_YEARS
    if starts_anew:  # a machine whose battery is empty
        server.start()
    assert await server.looks(hours=HOLD_S / 3600 - 1) == 2
    server.start()  # the hold outlives the process
    assert await server.looks() == 2
    server.now -= TEN_YEARS
    assert await server.looks(hours=24) == 2
    assert await server.looks(hours=HOLD_S / 3600) == 1  # 89 days and the days since


async def test_a_clock_that_began_in_1970_goes_on_as_after_any_leap(database: Database) -> None:
    await add_calls(database, 91)
    server = Server(database, 40.0)
    assert await server.looks() == 1
    server.now = NOW
    assert await server.looks(hours=HOLD_S / 3600 - 1) == 1
    assert await server.looks(hours=1) == 0


async def test_a_weekend_without_the_server_delays_nothing(database: Database) -> None:
    await add_calls(database, 0)
    now = NOW
    for _ in range(3):
        now += LEAP_S
        assert (await look_at_clock(database, now)).held_until is None
    now += LEAP_S + 1
    assert (await look_at_clock(database, now)).held_until == now + HOLD_S
    assert (await read_clock(database, now + HOLD_S - 1)).held_until is not None
    await look_at_clock(database, now + HOLD_S / 2)
    assert (await look_at_clock(database, now + HOLD_S)).held_until is None


async def test_the_first_look_compares_the_clock_with_the_newest_call(database: Database) -> None:
    assert (await read_clock(database, NOW + TEN_YEARS)).held_until is None  # nothing is known
    await add_calls(database, 0)
    assert (await read_clock(database, NOW + LEAP_S)).held_until is None
    later = NOW + LEAP_S + 1
    assert (await read_clock(database, later)).held_until == later + HOLD_S


async def test_a_last_run_in_the_future_stops_no_later_one(database: Database) -> None:
    await add_calls(database, 1, 91)
    run = RetentionRun(NOW + TEN_YEARS, 0)
    await record_runs(database, {RetentionKind.CALLS: run}, now=NOW)
    assert await Server(database, NOW).looks() == 1
    assert (await last_runs(database))[RetentionKind.CALLS].at == NOW
