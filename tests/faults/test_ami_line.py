"""The line between the listener and its PBX fails in every way while phones ring."""

from collections.abc import AsyncGenerator

import pytest

from screenpop.store.engine.database import Database, open_database
from tests.faults.ami_line import faulty_line
from tests.faults.fault_proxy import Fault, Kind

pytestmark = pytest.mark.anyio

AFTER_LOGIN = 12_000
"""Bytes in which the login and the first calls fit, so that the fault comes amid calls."""
ENDS = {Kind.RESET, Kind.HALF_CLOSE, Kind.BLACKHOLE}
"""Faults of which the link is shown as lost. With the others it goes on, late or damaged."""


@pytest.fixture
async def database(sqlite_url: str) -> AsyncGenerator[Database]:
    opened = open_database(sqlite_url)
    opened.log.start()
    yield opened
    await opened.close()


@pytest.mark.parametrize("kind", Kind)
async def test_calls_over_a_failing_line_have_one_row_and_none_looks_live_that_is_not(
    database: Database, kind: Kind
) -> None:
    fault = Fault(kind, after=AFTER_LOGIN, seconds=0.002, seed=3)
    async with faulty_line(database, fault) as line:
        line.proxy.is_down = True  # for the connections after this one
        talk = line.ring(1, talk_s=60.0)
        await line.service.until(lambda: line.states() == ["talking"])
        await line.ring_all(3, first=2)
        if kind in ENDS:
            await line.service.until(lambda: line.state == "down")
        await line.stage.finish_all()
        if kind not in ENDS | {Kind.CORRUPT}:
            await line.kept_all()
        assert line.proxy.failed == {kind: 1}
        assert len(line.service.lives()) == 1
        assert bool(line.service.calls) >= (kind in ENDS)
        await line.mended()
        await line.service.until(lambda: not line.service.calls)

        before, kept = set(line.played), line.service.tally.calls_kept
        await line.ring_all(1)
        await line.service.until(lambda: line.service.tally.calls_kept == kept + 4)
        rows = await line.check()
    assert {call: rows.get(call) for call in line.played - before} == dict.fromkeys(
        line.played - before, ("answered", False)
    )
    assert rows[talk] == ("answered", kind in ENDS) or kind is Kind.CORRUPT
    if kind not in ENDS | {Kind.CORRUPT}:
        assert rows == dict.fromkeys(line.played, ("answered", False))
    if kind is not Kind.CORRUPT:  # a changed id is an id like any other
        assert rows.keys() <= line.played
