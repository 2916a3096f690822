"""The line to the PBX is cut while calls are up: what comes back, how soon, how it is reported."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.pbx import SimulatedPbx
from tests.faults.whole_service import (
    ACCOUNT,
    WholeService,
    all_up,
    call_to,
    for_ever,
    simulated_pbx,
)

pytestmark = pytest.mark.anyio


async def test_five_hundred_live_channels_are_rebuilt_within_two_seconds_of_the_login() -> None:
    service, pbx = WholeService(agents=250), simulated_pbx()
    async with (
        CallPlayer(pbx, for_ever).open() as stage,
        AmiServer(pbx, ACCOUNT).listening() as ami,
    ):
        for agent in range(1, 251):
            talks = agent % 2 == 0
            stage.start(call_to(agent, ring_s=0 if talks else 5, talk_s=5))
        await all_up(pbx)
        async with service.linked_to(ami.port):
            await service.until(lambda: len(service.calls) == 250 and len(service.cards) == 250)
            rebuilt_at = asyncio.get_running_loop().time()
    assert rebuilt_at - service.reached["buffering"] <= 2.0
    assert {call["state"] for call in service.calls.values()} == {"ringing", "talking"}
    assert all(call["estimated"] for call in service.calls.values())
    assert all(card["estimated"] for card in service.cards.values())


async def test_a_call_that_came_while_the_line_was_down_is_marked_and_the_gap_is_reported() -> None:
    service, pbx = WholeService(agents=2), simulated_pbx()
    async with CallPlayer(pbx, for_ever).open() as stage, AsyncExitStack() as following:
        async with AmiServer(pbx, ACCOUNT).listening() as ami:
            await following.enter_async_context(service.linked_to(ami.port))
            await service.until(service.lives)
            stage.start(call_to(1, ring_s=5))
            await service.until(lambda: service.cards)
            (seen,) = service.cards.values()
            assert not seen["estimated"]
        await service.until(lambda: service.pbx[-1]["state"] == "down")
        down = service.pbx[-1]
        stage.start(call_to(2, ring_s=5))
        async with AmiServer(pbx, ACCOUNT).listening(ami.port):
            await service.until(lambda: len(service.lives()) == 2 and len(service.cards) == 2)
    late = next(card for card in service.cards.values() if card["legs"][0]["endpoint"] == "1002")
    assert late["estimated"]
    assert service.calls[f"office/{late['call']}"]["estimated"]
    first, second = service.lives()
    assert first["blind"] is None
    assert second["blind"] == {"begun_at": down["since"], "ended_at": second["since"]}


async def test_a_call_that_ended_while_the_line_was_down_is_closed_as_an_estimate() -> None:
    service, pbx = WholeService(agents=1), simulated_pbx()
    async with AsyncExitStack() as following:
        async with (
            CallPlayer(pbx, for_ever).open() as stage,
            AmiServer(pbx, ACCOUNT).listening() as ami,
        ):
            await following.enter_async_context(service.linked_to(ami.port))
            await service.until(service.lives)
            stage.start(call_to(1, ring_s=5))
            await service.until(lambda: service.cards)
        # The same boot of the same PBX, some time later: the call is over.
        async with AmiServer(simulated_pbx(), ACCOUNT).listening(ami.port):
            await service.until(lambda: service.kept)
    (record,) = service.kept
    assert record.entry.estimated
    assert service.cards == {}
    assert service.calls == {}


async def test_a_restarted_pbx_knows_of_no_call_from_before() -> None:
    service, pbx = WholeService(agents=1), simulated_pbx()
    later = SimulatedPbx(pbx.clock, booted=datetime(2026, 1, 2, tzinfo=UTC), phones={})
    async with AsyncExitStack() as following:
        async with (
            CallPlayer(pbx, for_ever).open() as stage,
            AmiServer(pbx, ACCOUNT).listening() as ami,
        ):
            await following.enter_async_context(service.linked_to(ami.port))
            await service.until(service.lives)
            stage.start(call_to(1, ring_s=5))
            await service.until(lambda: service.cards)
        async with AmiServer(later, ACCOUNT).listening(ami.port):
            await service.until(lambda: service.kept and not service.cards)
    assert [record.entry.boot for record in service.kept] != []
