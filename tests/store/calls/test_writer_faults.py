"""The call log while the database is slow, away or refuses a row."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import make_url

from screenpop.accounts.users import UserId
from screenpop.service.ports import CardDelivery
from screenpop.store.calls.queries import list_calls
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database, open_database
from screenpop.store.schema.tables import calls, legs
from tests.store.calls.written_calls import Flaky, count, kept, sqlite_only, writer
from tests.store.samples import finished_call

pytestmark = pytest.mark.anyio


async def test_a_call_the_database_refuses_is_left_out_and_reported_and_the_others_go_in(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    bad = finished_call("bad.1", arrived_at=float("nan")) if database.kind == "sqlite" else None
    if bad is None:
        bad = replace(
            finished_call("bad.1"), customer=None, painted=(CardDelivery(UserId(1 << 70), "1",
            None, None, None, None, None),)
        )  # fmt: skip
    with caplog.at_level(logging.ERROR):
        await kept(database, finished_call("1.1"), bad, finished_call("1.2"))

    assert {call.call for call in (await list_calls(database)).calls} == {"1.1", "1.2"}
    assert database.log.state.set_aside == 1
    assert "bad.1" in caplog.text
    assert [getattr(record, "call", "") for record in caplog.records] == ["bad.1"]


async def test_a_mistake_of_our_own_in_one_record_does_not_stop_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    log = writer(database, Flaky(database))
    log.start()
    no_legs: Any = None
    wrong = replace(finished_call("bad.1").entry, legs=no_legs)
    log.keep(finished_call("1.1"))
    log.keep(replace(finished_call("bad.1"), entry=wrong))
    log.keep(finished_call("1.2"))
    await log.flush()
    await log.close()

    assert {call.call for call in (await list_calls(database)).calls} == {"1.1", "1.2"}
    assert log.state.set_aside == 1
    assert "bad.1" in caplog.text


@sqlite_only
async def test_keeping_never_waits_for_a_database_that_hangs(database: Database, url: str) -> None:
    other = sqlite3.connect(make_url(url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as a backup or a long import would
    database.log.start()
    loop = asyncio.get_running_loop()
    longest, last = 0.0, loop.time()
    for number in range(300):
        database.log.keep(finished_call(f"{number}.1"))
        await asyncio.sleep(0.001)
        longest, last = max(longest, loop.time() - last), loop.time()
    assert await count(database, calls) == 0
    assert database.log.state.waiting == 300

    other.execute("ROLLBACK")
    other.close()
    await database.log.flush()

    assert await count(database, calls) == 300
    assert longest < 1.0, "the loop stood still"


async def test_nothing_is_lost_while_the_database_is_away(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    flaky = Flaky(database)
    log = writer(database, flaky)
    flaky.away = True
    log.start()
    for number in range(250):
        log.keep(finished_call(f"{number}.1"))
    await flaky.tried.wait()
    await asyncio.sleep(0)
    assert log.state.failing_since is not None

    flaky.away = False
    await log.flush()
    await log.close()

    assert await count(database, calls) == 250
    assert (log.state.waiting, log.state.written) == (0, 250)
    assert log.state.failing_since is None
    reported = [record.message for record in caplog.records if record.name.endswith("calls.writer")]
    assert len(reported) == 2, "told once that it is away, and once that it is back"


async def test_a_commit_whose_answer_was_lost_is_done_again_without_a_second_row(
    database: Database,
) -> None:
    flaky = Flaky(database)
    flaky.fails_at_commit = True
    log = writer(database, flaky)
    log.start()
    log.keep(finished_call())
    await log.flush()
    await log.close()

    assert (await count(database, calls), await count(database, legs)) == (1, 2)


async def test_a_full_log_refuses_counts_and_reports_it_without_waiting(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    flaky = Flaky(database)
    log = writer(database, flaky, room=3)
    for number in range(5):
        log.keep(finished_call(f"{number}.1"))
    assert (log.state.waiting, log.state.refused_full) == (3, 2)
    assert "call log is full" in caplog.text

    log.start()
    await log.close()
    assert await count(database, calls) == 3


async def test_closing_writes_what_waits_and_reports_what_it_must_leave(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    flaky = Flaky(database)
    log = writer(database, flaky)
    log.start()
    log.keep(finished_call("1.1"))
    await log.close()
    assert await count(database, calls) == 1

    flaky.away = True
    log.start()
    log.keep(finished_call("1.2"))
    await log.close(within_s=0.01)
    assert "1 calls and notes not written" in caplog.text


async def test_a_log_that_was_closed_starts_again_with_what_it_had_left(
    database: Database,
) -> None:
    flaky = Flaky(database)
    log = writer(database, flaky)
    flaky.away = True
    log.start()
    log.keep(finished_call())
    await log.close(within_s=0.01)

    flaky.away = False
    log.start()
    log.start()
    await log.flush()
    await log.close()

    assert await count(database, calls) == 1


@pytest.mark.parametrize("turns", range(10))
@sqlite_only
async def test_closing_ends_at_whatever_moment_it_comes(database: Database, turns: int) -> None:
    flaky = Flaky(database)
    flaky.away = True
    log = CallLogWriter(database.kind, flaky.write, gather_s=0.05, retry_s=0.0)
    log.start()
    log.keep(finished_call())
    for _ in range(turns):
        await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await log.close(within_s=0)

    assert log.state.waiting == 1


async def test_a_log_that_was_never_started_closes_at_once(url: str) -> None:
    database = open_database(url)
    await database.close()


async def test_flushing_an_empty_log_returns_at_once(database: Database) -> None:
    database.log.start()
    await database.log.flush()
    await database.log.flush()
