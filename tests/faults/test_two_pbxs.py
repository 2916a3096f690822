"""Two PBXs that know nothing of each other and name everything alike."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import LoggedCall, list_calls
from screenpop.store.engine.database import Database, open_database
from screenpop.telephony.identifiers import PbxId
from tests.faults.whole_service import ACCOUNT, WholeService, call_to

pytestmark = pytest.mark.anyio

NORTH, SOUTH = PbxId("north"), PbxId("south")
AT_NORTH, AT_SOUTH = 1, 2
"""Whose phone is 1001 at each."""


@pytest.fixture
async def database(sqlite_url: str) -> AsyncGenerator[Database]:
    opened = open_database(sqlite_url)
    opened.log.start()
    yield opened
    await opened.close()


class Branch:
    """One PBX, whose calls ring until they may go on."""

    def __init__(self) -> None:
        # The same clock, start-up time and ids as the other one's.
        self.pbx = SimulatedPbx(
            lambda: 1_795_315_000.0, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={}
        )
        self.may_go_on = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        if seconds:
            await self.may_go_on.wait()
        await asyncio.sleep(0)


def holders(service: WholeService) -> dict[str, int]:
    """Where each card's call is, and whose it is."""
    return {card["pbx"]: card["agent"] for card in service.cards.values()}


def state_of(service: WholeService, pbx: PbxId) -> str:
    return next((status["state"] for status in reversed(service.pbx) if status["id"] == pbx), "")


async def test_calls_with_the_same_ids_phones_and_numbers_never_touch_each_other(
    database: Database,
) -> None:
    service, north, south = WholeService(agents=1, log=database.log), Branch(), Branch()
    async with AsyncExitStack() as following:
        stages = [
            await following.enter_async_context(CallPlayer(one.pbx, one.wait).open())
            for one in (north, south)
        ]
        a, b = (AmiServer(one.pbx, ACCOUNT) for one in (north, south))
        await following.enter_async_context(a.listening())
        port_of_south = 0
        async with b.listening():
            port_of_south = b.port
            ports = {NORTH: a.port, SOUTH: b.port}
            await following.enter_async_context(service.linked(ports))
            await service.until(
                lambda: {status["id"] for status in service.lives()} == {NORTH, SOUTH}
            )
            ids = {stage.start(call_to(1, ring_s=5, talk_s=0)) for stage in stages}
            assert len(ids) == 1
            await service.until(lambda: holders(service) == {NORTH: AT_NORTH, SOUTH: AT_SOUTH})

        await service.until(lambda: state_of(service, SOUTH) == "down")
        assert state_of(service, NORTH) == "live"
        assert holders(service) == {NORTH: AT_NORTH, SOUTH: AT_SOUTH}
        north.may_go_on.set()
        await service.until(
            lambda: (
                {card["pbx"]: card["state"] for card in service.cards.values()}
                == {NORTH: "wrap_up", SOUTH: "ringing"}
            )
        )

        async with AmiServer(south.pbx, ACCOUNT).listening(port_of_south):
            await service.until(lambda: state_of(service, SOUTH) == "live")
            south.may_go_on.set()
            await service.until(
                lambda: {card["state"] for card in service.cards.values()} == {"wrap_up"}
            )
    rows = await logged(database)
    assert {row.pbx for row in rows} == {NORTH, SOUTH}
    assert len(rows) == 2
    assert {(row.call, row.did, row.answered_by) for row in rows} == {
        (rows[0].call, rows[0].did, ("1001",))
    }


async def logged(database: Database) -> tuple[LoggedCall, ...]:
    await database.log.flush()
    return (await list_calls(database, CallFilter())).calls
