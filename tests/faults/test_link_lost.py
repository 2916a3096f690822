"""The line to the PBX is cut while calls are up: what comes back, how soon, and how it is told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.ami.address import AmiAddress, LinkTiming
from screenpop.app.links import Links
from screenpop.customers.records import CallerRecord
from screenpop.service.lines import Lines
from screenpop.service.people import People
from screenpop.service.ports import CallRecordToKeep
from screenpop.service.running import ScreenPopTask
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.setting import Setting
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script import ScriptedCall
from screenpop.simulator.stage import Stage
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, PbxId
from tests.service.office import PLAN

pytestmark = pytest.mark.anyio

OFFICE = PbxId("office")
ACCOUNT = Account("screenpop", "secret")
BOSS = UserId(1)


@dataclass
class House:
    """Screenpop without a web room: what is published and kept is written down."""

    agents: int
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    pbx: list[dict[str, Any]] = field(default_factory=list)
    reached: dict[str, float] = field(default_factory=dict)
    """When the link came into a state first, on the loop's clock."""
    kept: list[CallRecordToKeep] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def now_or_later(self, caller: CallerId) -> CallerRecord:
        return CallerRecord(caller.e164)

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        told = orjson.loads(payload)
        if kind == "pbx":
            self.pbx.append(told)
            self.reached.setdefault(told["state"], asyncio.get_running_loop().time())
        else:
            shown = self.calls if kind == "call" else self.cards
            shown[key] = told
            if gone:
                del shown[key]
        self.more.set()

    def keep(self, record: CallRecordToKeep) -> None:
        self.kept.append(record)
        self.more.set()

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> None:
        raise AssertionError("nobody writes notes here")

    def lives(self) -> list[dict[str, Any]]:
        return [told for told in self.pbx if told["state"] == "live"]

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self.more.clear()
                await self.more.wait()

    @asynccontextmanager
    async def linked_to(self, port: int) -> AsyncGenerator[None]:
        task = ScreenPopTask(
            ScreenPop(
                Setting(
                    self._people(), Lines(PLAN), lambda at: datetime.fromtimestamp(at, UTC).date()
                )
            ),
            lookup=self,
            publisher=self,
            log=self,
            clock=lambda: datetime.now(UTC).timestamp(),
        )
        quick = LinkTiming(backoff_first=0.01, backoff_most=0.05)
        address = AmiAddress(
            OFFICE, "127.0.0.1", ACCOUNT.username, ACCOUNT.secret, port, None, quick
        )
        link = Links(task).to(address, lambda endpoint: endpoint != "trunk")
        running = [asyncio.create_task(task.run()), asyncio.create_task(link.run())]
        try:
            yield
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _people(self) -> People:
        agents = [
            Agent(AgentId(n), f"a{n}", f"Agent {n}", "sales", "en", (Endpoint(f"{1000 + n}"),))
            for n in range(1, self.agents + 1)
        ]
        everyone = tuple(UserId(agent.id) for agent in agents)
        return People(everyone, (BOSS,), Roster.of({OFFICE: agents}))


def simulated_pbx() -> SimulatedPbx:
    return SimulatedPbx(
        lambda: datetime.now(UTC).timestamp(), booted=datetime(2026, 1, 1, tzinfo=UTC), phones={}
    )


async def _for_ever(seconds: float) -> None:
    """A call of which the first ring or talk never ends."""
    if seconds < 1:
        await asyncio.sleep(0)
    else:
        await asyncio.get_running_loop().create_future()


async def all_up(pbx: SimulatedPbx) -> None:
    """Return once nothing more is said: every call has come as far as it goes."""
    said = asyncio.Event()

    def heard(_: bytes) -> None:
        said.set()

    pbx.listeners.add(heard)
    while said.is_set() or not pbx.table.busy_phones():
        said.clear()
        for _ in range(10):
            await asyncio.sleep(0)
    pbx.listeners.discard(heard)


def call_to(agent: int, **more: Any) -> ScriptedCall:
    phone = f"{1000 + agent}"
    return ScriptedCall(number=f"0912{agent:07}", to=(phone,), **more)


async def test_five_hundred_live_channels_are_rebuilt_within_two_seconds_of_the_login() -> None:
    house, pbx = House(agents=250), simulated_pbx()
    async with Stage(pbx, _for_ever).open() as stage, AmiServer(pbx, ACCOUNT).listening() as ami:
        for agent in range(1, 251):
            talks = agent % 2 == 0
            stage.start(call_to(agent, ring_s=0 if talks else 5, talk_s=5))
        await all_up(pbx)
        async with house.linked_to(ami.port):
            await house.until(lambda: len(house.calls) == 250 and len(house.cards) == 250)
            rebuilt_at = asyncio.get_running_loop().time()
    assert rebuilt_at - house.reached["buffering"] <= 2.0
    assert {call["state"] for call in house.calls.values()} == {"ringing", "talking"}
    assert all(call["estimated"] for call in house.calls.values())
    assert all(card["estimated"] for card in house.cards.values())


async def test_a_call_that_came_while_the_line_was_down_is_marked_and_the_gap_is_told() -> None:
    house, pbx = House(agents=2), simulated_pbx()
    async with Stage(pbx, _for_ever).open() as stage, AsyncExitStack() as following:
        async with AmiServer(pbx, ACCOUNT).listening() as ami:
            await following.enter_async_context(house.linked_to(ami.port))
            await house.until(house.lives)
            stage.start(call_to(1, ring_s=5))
            await house.until(lambda: house.cards)
            (seen,) = house.cards.values()
            assert not seen["estimated"]
        await house.until(lambda: house.pbx[-1]["state"] == "down")
        down = house.pbx[-1]
        stage.start(call_to(2, ring_s=5))
        async with AmiServer(pbx, ACCOUNT).listening(ami.port):
            await house.until(lambda: len(house.lives()) == 2 and len(house.cards) == 2)
    late = next(card for card in house.cards.values() if card["legs"][0]["endpoint"] == "1002")
    assert late["estimated"]
    assert house.calls[f"office/{late['call']}"]["estimated"]
    first, second = house.lives()
    assert first["blind"] is None
    assert second["blind"] == {"begun_at": down["since"], "ended_at": second["since"]}


async def test_a_call_that_ended_while_the_line_was_down_is_closed_as_an_estimate() -> None:
    house, pbx = House(agents=1), simulated_pbx()
    async with AsyncExitStack() as following:
        async with (
            Stage(pbx, _for_ever).open() as stage,
            AmiServer(pbx, ACCOUNT).listening() as ami,
        ):
            await following.enter_async_context(house.linked_to(ami.port))
            await house.until(house.lives)
            stage.start(call_to(1, ring_s=5))
            await house.until(lambda: house.cards)
        # The same boot of the same PBX, some time later: nobody talks any more.
        async with AmiServer(simulated_pbx(), ACCOUNT).listening(ami.port):
            await house.until(lambda: house.kept)
    (record,) = house.kept
    assert record.entry.estimated
    assert house.cards == {}
    assert house.calls == {}


async def test_a_restarted_pbx_knows_of_no_call_from_before() -> None:
    house, pbx = House(agents=1), simulated_pbx()
    later = SimulatedPbx(pbx.clock, booted=datetime(2026, 1, 2, tzinfo=UTC), phones={})
    async with AsyncExitStack() as following:
        async with (
            Stage(pbx, _for_ever).open() as stage,
            AmiServer(pbx, ACCOUNT).listening() as ami,
        ):
            await following.enter_async_context(house.linked_to(ami.port))
            await house.until(house.lives)
            stage.start(call_to(1, ring_s=5))
            await house.until(lambda: house.cards)
        async with AmiServer(later, ACCOUNT).listening(ami.port):
            await house.until(lambda: house.kept and not house.cards)
    assert [record.entry.boot for record in house.kept] != []
