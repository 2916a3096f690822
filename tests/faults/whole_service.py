"""Screenpop without a web room, linked to a PBX that can be broken."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from screenpop.accounts.users import UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.ami.config import AmiConfig, AmiTimeouts
from screenpop.app.pbx_links import PbxLinks
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CallerRecord
from screenpop.service.config import ServiceConfig
from screenpop.service.ports import CallerLookup, CallLog, LoggedCall
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.runner_counters import RunnerCounters
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff
from screenpop.service.trunk_lines import TrunkLines
from screenpop.simulator.ami_session import Account
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, PbxId
from tests.service.service_under_test import PLAN

OFFICE = PbxId("office")
ACCOUNT = Account("screenpop", "secret")
BOSS = UserId(1)


@dataclass
class WholeService:
    """Screenpop without a web room: what is published and kept is written down."""

    agents: int
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    pbx: list[dict[str, Any]] = field(default_factory=list)
    reached: dict[str, float] = field(default_factory=dict)
    """When the link came into a state first, on the loop's clock."""
    kept: list[LoggedCall] = field(default_factory=list)
    lookup: CallerLookup | None = None
    """In place of records without a customer."""
    log: CallLog | None = None
    """In place of ``kept``."""
    ahead_s: float = 0.0
    """How far the clock of the service has been put forward."""
    timing: AmiTimeouts = field(
        default_factory=lambda: AmiTimeouts(backoff_first=0.01, backoff_most=0.05)
    )
    links: PbxLinks | None = None
    """While linked."""
    tally: RunnerCounters = field(default_factory=RunnerCounters)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def now_or_later(self, caller: CallerId) -> CallerRecord:
        return CallerRecord(caller.e164)

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        message = orjson.loads(payload)
        if kind == "pbx":
            self.pbx.append(message)
            self.reached.setdefault(message["state"], asyncio.get_running_loop().time())
        else:
            shown = self.calls if kind == "call" else self.cards
            shown[key] = message
            if gone:
                del shown[key]
        self.more.set()

    def keep(self, record: LoggedCall) -> None:
        self.kept.append(record)
        self.more.set()

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        pass

    def merge(self, key: CallKey, into: CallId) -> None:
        pass

    def close_left_open(self, pbx: PbxId) -> None:
        pass

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        raise AssertionError("nobody writes notes here")

    def lives(self) -> list[dict[str, Any]]:
        return [status for status in self.pbx if status["state"] == "live"]

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self.more.clear()
                await self.more.wait()

    @asynccontextmanager
    async def linked_to(self, port: int) -> AsyncGenerator[None]:
        async with self.linked({OFFICE: port}):
            yield

    @asynccontextmanager
    async def linked(self, ports: Mapping[PbxId, int]) -> AsyncGenerator[None]:
        """To several PBXs at once: at each, the same phones belong to other agents."""
        task = ScreenPopRunner(
            ScreenPop(
                ServiceConfig(
                    self._people(ports),
                    TrunkLines(PLAN),
                    lambda at: datetime.fromtimestamp(at, UTC).date(),
                )
            ),
            lookup=self.lookup or self,
            publisher=self,
            log=self.log or self,
            clock=lambda: datetime.now(UTC).timestamp() + self.ahead_s,
        )
        self.tally = task.tally
        self.links = links = PbxLinks(task)
        for pbx, port in ports.items():
            links.to(self._address(pbx, port), lambda endpoint: endpoint != "trunk")
        runs = [task.run(), *(link.run() for link in links.all)]
        running = [asyncio.create_task(run) for run in runs]
        try:
            yield
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _address(self, pbx: PbxId, port: int) -> AmiConfig:
        account = ACCOUNT.username, ACCOUNT.secret
        return AmiConfig(pbx, "127.0.0.1", *account, port, None, self.timing)

    def _people(self, pbxs: Iterable[PbxId]) -> Staff:
        agents = {
            pbx: [_agent(place * self.agents + n, n) for n in range(1, self.agents + 1)]
            for place, pbx in enumerate(pbxs)
        }
        all_agents = tuple(UserId(agent.id) for some in agents.values() for agent in some)
        return Staff(all_agents, (BOSS,), Roster.of(agents))


def _agent(number: int, desk: int) -> Agent:
    phone = Endpoint(f"{1000 + desk}")
    return Agent(AgentId(number), f"a{number}", f"Agent {number}", "sales", "en", (phone,))


def simulated_pbx() -> SimulatedPbx:
    return SimulatedPbx(
        lambda: datetime.now(UTC).timestamp(), booted=datetime(2026, 1, 1, tzinfo=UTC), phones={}
    )


async def for_ever(seconds: float) -> None:
    """A call of which the first ring or talk never ends."""
    if seconds < 1:
        await asyncio.sleep(0)
    else:
        await asyncio.get_running_loop().create_future()


async def all_up(pbx: SimulatedPbx) -> None:
    """Return once no more events come: every call has come as far as it goes."""
    count = asyncio.Event()

    def heard(_: bytes) -> None:
        count.set()

    pbx.listeners.add(heard)
    while count.is_set() or not pbx.table.busy_phones():
        count.clear()
        for _ in range(10):
            await asyncio.sleep(0)
    pbx.listeners.discard(heard)


def call_to(agent: int, **more: Any) -> ScriptedCall:
    phone = f"{1000 + agent}"
    return ScriptedCall(number=f"0912{agent:07}", to=(phone,), **more)
