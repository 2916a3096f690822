"""The demo: soon for the agent of an open page, then again and again, and every kind of call."""

import asyncio
import random
from datetime import UTC, datetime

import pytest
from typing_extensions import override

from screenpop.demo.driver import IDLE_S, LOOK_EVERY_S, WELCOME_AFTER_S, DemoDriver, DemoViewers
from screenpop.demo.schedule import CallSchedule, DemoCallers, DemoLines
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.call_script import Outcome, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import Wait

pytestmark = pytest.mark.anyio

CAST = DemoCallers(
    leads=("+989123456789", "+306912345678"),
    crowd=("+989191111111", "+447400123456"),
    strangers=("+302103214455",),
    shared=("+982188776655",),
)
CONTEXT = DemoLines("021001", "021002", (("sales", "021003"), ("support", "021004")))


class NotedPlayer(CallPlayer):
    """Notes each call, and which phones were free when it began."""

    def __init__(self, pbx: SimulatedPbx, wait: Wait) -> None:
        super().__init__(pbx, wait)
        self.played: list[ScriptedCall] = []
        self.free: list[set[str]] = []

    @override
    def start(self, call: ScriptedCall) -> str:
        self.played.append(call)
        self.free.append(set(self.free_phones()))
        return super().start(call)


class ManualClock:
    """A simulation whose time is moved by the test only."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.audience = DemoViewers()
        pbx = SimulatedPbx(
            lambda: self.now,
            booted=datetime(2026, 1, 1, tzinfo=UTC),
            phones={"101": "Maryam", "102": "Eleni", "103": "Nikos"},
        )
        self.player = NotedPlayer(pbx, self.for_ever)
        self.played = self.player.played
        rng = random.Random(7)
        self.director = DemoDriver(
            self.player,
            CallSchedule(CAST, CONTEXT, rng),
            lambda: self.audience,
            lambda: self.now,
            rng,
            self.for_ever,
        )

    async def for_ever(self, _: float) -> None:
        await asyncio.get_running_loop().create_future()

    async def lets_pass(self, seconds: float) -> list[ScriptedCall]:
        before = len(self.played)
        end = self.now + seconds
        while self.now < end:
            self.director.look()
            await asyncio.sleep(0)
            self.now += LOOK_EVERY_S
        return self.played[before:]


async def test_an_agent_opening_a_page_is_called_within_three_seconds() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        await simulated.lets_pass(1)
        simulated.audience = DemoViewers(("102",), is_watched=True)
        calls = await simulated.lets_pass(WELCOME_AFTER_S + 2 * LOOK_EVERY_S)
        assert [call.to for call in calls] == [("102",)]
        assert WELCOME_AFTER_S < 3


async def test_no_agent_is_welcomed_twice_for_one_page() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        simulated.audience = DemoViewers(("101",), is_watched=True)
        calls = await simulated.lets_pass(3)
        assert len(calls) == 1


async def test_an_agent_on_the_phone_when_the_page_opens_is_called_afterwards() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        talking = simulated.player.start(ScriptedCall(number="0912", to=("102",)))
        await asyncio.sleep(0)
        simulated.audience = DemoViewers(("102",), is_watched=True)
        assert all("102" not in call.to for call in await simulated.lets_pass(10))
        table = simulated.player.pbx.table
        for row in table.channels(simulated.now):
            if ("Linkedid", talking) in row:
                table.observe([("Event", "Hangup"), *row[1:]], simulated.now)
        calls = await simulated.lets_pass(2)
        assert ["102"] in [list(call.to) for call in calls]


async def test_with_a_page_open_there_is_a_call_every_few_seconds() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        simulated.audience = DemoViewers((), is_watched=True)
        assert len(await simulated.lets_pass(14)) >= 2


async def test_without_a_page_open_it_rests() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        assert await simulated.lets_pass(IDLE_S - 1) == []
        assert [len(call.to) for call in await simulated.lets_pass(2 * IDLE_S)] == [1, 1]


async def test_a_phone_that_talks_is_not_called_again() -> None:
    simulated = ManualClock()
    async with simulated.player.open():
        simulated.audience = DemoViewers((), is_watched=True)
        await simulated.lets_pass(120)
        assert simulated.played
        for call, free in zip(simulated.player.played, simulated.player.free, strict=True):
            assert set(call.to) <= free
        assert simulated.player.free_phones() == []


def test_every_kind_of_call_has_its_turn_soon_and_again() -> None:
    programme = CallSchedule(CAST, CONTEXT, random.Random(1))
    calls = [programme.next(("101", "102", "103"), "101") for _ in range(300)]
    first_ten = calls[:10]
    assert {bool(call.queue) for call in first_ten} == {True, False}
    assert any(call.number == "anonymous" for call in first_ten)
    assert any(len(call.to) > 1 and not call.queue for call in first_ten)
    assert any(call.outcome is Outcome.MISSED for call in first_ten)
    assert {call.outcome for call in calls} == set(Outcome)
    assert all("101" in call.to for call in calls)
    assert {call.queue for call in calls} == {"", "sales", "support"}


def test_a_number_is_sent_as_one_trunk_or_another_writes_it() -> None:
    programme = CallSchedule(CAST, CONTEXT, random.Random(1))
    spellings = {programme.as_sent("+989123456789") for _ in range(100)}
    assert spellings == {"+989123456789", "00989123456789", "09123456789"}
