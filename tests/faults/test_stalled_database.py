"""The database hangs while calls come in: no event is lost, every card comes."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screenpop.customers.models import CallerRecord
from screenpop.service.lookup_queue import LOOKUP_TIMEOUT_S, MAX_IN_FLIGHT
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.call_player import CallPlayer
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database, open_database
from screenpop.telephony.caller_id import CallerId
from tests.faults.whole_service import ACCOUNT, WholeService, call_to, for_ever, simulated_pbx

pytestmark = pytest.mark.anyio

CALLS = 20
STALLED_S = 30.0


@pytest.fixture
async def database(sqlite_url: str) -> AsyncGenerator[Database]:
    opened = open_database(sqlite_url)
    opened.log.start()
    yield opened
    await opened.close()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Another connection holds the writing lock of the file."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def _all_over(whole: WholeService, calls: int) -> bool:
    """So many cards, each of a call that was talked on and is over."""
    return [card["state"] for card in whole.cards.values()] == ["wrap_up"] * calls


async def _no_time(_: float) -> None:
    await asyncio.sleep(0)


async def test_a_database_that_takes_no_writes_costs_no_event_and_no_card(
    database: Database, tmp_path: Path
) -> None:
    whole = WholeService(agents=CALLS, lookup=database.lookup, log=database.log)
    pbx = simulated_pbx()
    lines_read = 0

    def count(_: bytes) -> None:
        nonlocal lines_read
        lines_read += 1

    async with (
        CallPlayer(pbx, _no_time).open() as stage,
        AmiServer(pbx, ACCOUNT).listening() as ami,
        whole.linked_to(ami.port),
    ):
        await whole.until(whole.lives)
        pbx.listeners.add(count)
        with locked(tmp_path / "screenpop.db"):
            for agent in range(1, CALLS // 2 + 1):
                stage.start(call_to(agent))
            await whole.until(lambda: _all_over(whole, CALLS // 2))
            whole.ahead_s += STALLED_S
            for agent in range(CALLS // 2 + 1, CALLS + 1):
                stage.start(call_to(agent))
            await whole.until(lambda: _all_over(whole, CALLS))
            assert {card["match"] for card in whole.cards.values()} == {"none"}
            assert (await list_calls(database, CallFilter())).calls == ()
        await database.log.flush()
    assert lines_read > CALLS
    assert whole.tally.failures == 0
    assert len((await list_calls(database, CallFilter())).calls) == CALLS


class Hanging:
    """Records that never answer until the test lets them; then every question at once."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.asked = 0

    def now_or_later(self, caller: CallerId) -> Awaitable[CallerRecord]:
        self.asked += 1
        return self._answer(caller)

    async def _answer(self, caller: CallerId) -> CallerRecord:
        await self.released.wait()
        return CallerRecord(caller.e164)


async def test_records_that_hang_are_reported_on_every_card_and_the_next_call_has_them_again() -> (
    None
):
    records = Hanging()
    whole, pbx = WholeService(agents=CALLS + 1, lookup=records), simulated_pbx()
    async with (
        CallPlayer(pbx, for_ever).open() as stage,
        AmiServer(pbx, ACCOUNT).listening() as ami,
        whole.linked_to(ami.port),
    ):
        await whole.until(whole.lives)
        for agent in range(1, CALLS + 1):
            stage.start(call_to(agent, ring_s=5))
        await whole.until(lambda: len(whole.cards) == CALLS)
        assert {card["match"] for card in whole.cards.values()} == {"pending"}
        whole.ahead_s += LOOKUP_TIMEOUT_S
        await whole.until(
            lambda: {card["match"] for card in whole.cards.values()} == {"unreachable"}
        )
        records.released.set()
        stage.start(call_to(CALLS + 1, ring_s=5))
        await whole.until(lambda: len(whole.cards) == CALLS + 1)
        await whole.until(lambda: "none" in {card["match"] for card in whole.cards.values()})
    assert records.asked == MAX_IN_FLIGHT + 1
    assert whole.tally.failures == 0
