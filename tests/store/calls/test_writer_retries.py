"""How the writer of the call log retries: pauses, tries and batches at their limits."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from screenpop.store.calls.queries import list_calls
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from tests.store.samples import finished_call

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("kind", ["sqlite"], indirect=True),
]

AWAY = OperationalError("BEGIN", None, Exception("database is away"))
UNCLEAR = RuntimeError("neither the database nor the record is known to be at fault")


class FailingDatabase:
    """The database's own transactions; ``failures`` are raised first, one a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.failures: list[Exception] = []
        self.transactions = 0
        self.tried = asyncio.Event()

    async def write(self, work: Callable[[Connection], None]) -> None:
        self.transactions += 1
        self.tried.set()
        if self.failures:
            raise self.failures.pop(0)
        await self._database.write(work)


@pytest.fixture
def failing(database: Database) -> FailingDatabase:
    return FailingDatabase(database)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses the writer asked for, none of which is slept."""
    asked: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("screenpop.store.calls.writer.asyncio.sleep", sleep)
    return asked


async def written(log: CallLogWriter, *calls: str) -> None:
    for call in calls:
        log.keep(finished_call(call))
    log.start()
    await log.flush()


async def test_the_pause_doubles_with_each_failure_up_to_ten_seconds(
    database: Database, failing: FailingDatabase, pauses: list[float]
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    failing.failures = [AWAY] * 8
    await written(log, "1.1")
    await log.close()
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


async def test_the_pause_is_short_again_after_a_success(
    database: Database, failing: FailingDatabase, pauses: list[float]
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    failing.failures = [AWAY] * 3
    await written(log, "1.1")
    failing.failures = [AWAY] * 2
    await written(log, "1.2")
    await log.close()
    assert pauses == [0.25, 0.5, 1.0, 0.25, 0.5]


@pytest.mark.parametrize(("failures", "is_written"), [(3, True), (4, False)])
async def test_a_record_of_an_unclear_failure_is_tried_four_times(
    database: Database,
    failing: FailingDatabase,
    pauses: list[float],
    failures: int,
    is_written: bool,
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    failing.failures = [UNCLEAR] * failures
    await written(log, "1.1")
    await log.close()
    assert len((await list_calls(database)).calls) == int(is_written)
    assert (log.state.written, log.state.set_aside) == (int(is_written), int(not is_written))
    assert len(pauses) == 3


async def test_each_record_of_an_unclear_failure_has_tries_of_its_own(
    database: Database, failing: FailingDatabase, pauses: list[float]
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    for call in ("1.1", "1.2", "1.3"):
        failing.failures = [UNCLEAR] * 3
        await written(log, call)
    await log.close()
    assert log.state.set_aside == 0
    assert len((await list_calls(database)).calls) == 3


async def test_no_count_of_tries_is_kept_for_a_record_that_is_written(
    database: Database, failing: FailingDatabase, pauses: list[float]
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    failing.failures = [UNCLEAR] * 3
    await written(log, "1.1")
    assert log._tries == {}, "counts would pile up for as long as the program runs"
    await log.close()


@pytest.mark.parametrize(("calls", "transactions"), [(99, 1), (100, 1), (101, 2)])
async def test_a_transaction_has_at_most_a_hundred_records(
    database: Database, failing: FailingDatabase, calls: int, transactions: int
) -> None:
    log = CallLogWriter(database.kind, failing.write)
    await written(log, *(f"{number}.1" for number in range(calls)))
    await log.close()
    assert failing.transactions == transactions
    assert log.state.written == calls


@pytest.mark.parametrize(("calls", "waits"), [(99, True), (100, False)])
async def test_a_full_batch_is_written_without_waiting_for_more(
    database: Database, failing: FailingDatabase, calls: int, waits: bool
) -> None:
    log = CallLogWriter(database.kind, failing.write, gather_s=3600.0)
    for number in range(calls):
        log.keep(finished_call(f"{number}.1"))
    log.start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert failing.tried.is_set() is not waits
    await log.close()
    assert log.state.written == calls


@pytest.mark.parametrize(
    ("dropped", "messages"), [(1, 1), (9, 1), (10, 2), (11, 2), (99, 2), (100, 3), (101, 3)]
)
async def test_a_full_queue_is_logged_at_the_first_tenth_and_hundredth_drop(
    database: Database,
    failing: FailingDatabase,
    caplog: pytest.LogCaptureFixture,
    dropped: int,
    messages: int,
) -> None:
    log = CallLogWriter(database.kind, failing.write, room=2)
    with caplog.at_level(logging.ERROR):
        for number in range(2 + dropped):
            log.keep(finished_call(f"{number}.1"))
    assert (log.state.waiting, log.state.refused_full) == (2, dropped)
    assert len(caplog.records) == messages
