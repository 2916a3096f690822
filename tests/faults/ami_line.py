"""Calls of a simulated PBX over a line that fails, and what must hold of them afterwards."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from typing_extensions import override

from screenpop.accounts.users import UserId
from screenpop.ami.config import AmiTimeouts
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.call_player import CallPlayer
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls
from tests.faults.fault_proxy import Fault, FaultProxy
from tests.faults.whole_service import ACCOUNT, BOSS, OFFICE, WholeService, call_to, simulated_pbx

QUICK = AmiTimeouts(
    ping_every=0.2,
    ping_limit=3.0,
    connect_limit=2.0,
    login_limit=2.0,
    reply_limit=2.0,
    list_limit=2.0,
    retry_after=0.05,
    backoff_first=0.05,
    backoff_most=0.1,
)
_ON = {"ringing", "talking", "held"}


@dataclass
class Watched(WholeService):
    """Notes what must never be published."""

    wrong: list[str] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    """Calls that have left the board."""

    @override
    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        message: dict[str, Any] = orjson.loads(payload)
        if kind == "card":
            phones = {leg["endpoint"] for leg in message["legs"]}
            if message["legs"] and f"100{message['agent']}" not in phones:
                self.wrong.append(f"{key}: a card for another: {phones}")
            if not set(users) <= {UserId(message["agent"])}:
                self.wrong.append(f"{key}: to {users}")
        elif kind == "call":
            if key in self.over:
                self.wrong.append(f"{key}: a call that is over again on the board")
            if gone:
                self.over.add(key)
            if not set(users) <= {BOSS}:
                self.wrong.append(f"{key}: to {users}")
        super().publish(users, kind, key, payload, gone=gone)


@dataclass
class FaultyLine:
    """A service whose only way to its PBX is the proxy."""

    service: Watched
    pbx: SimulatedPbx
    stage: CallPlayer
    proxy: FaultProxy
    database: Database
    played: set[str] = field(default_factory=set)

    def ring(self, agent: int, ring_s: float = 0.05, talk_s: float = 0.05) -> str:
        """Play a call; return its Linkedid."""
        call = self.stage.start(call_to(agent, ring_s=ring_s, talk_s=talk_s))
        self.played.add(call)
        return call

    async def ring_all(self, rounds: int, first: int = 1) -> None:
        """Let the phones ring so many times; return when all are free again.

        ``first``: the first agent whose phone rings."""
        agents = range(first, self.service.agents + 1)
        async with asyncio.timeout(20):
            for _ in range(rounds):
                for agent in agents:
                    self.ring(agent)
                await asyncio.sleep(0.02)
                phones = {f"{1000 + agent}" for agent in agents}
                while self.pbx.table.busy_phones() & phones:  # noqa: ASYNC110 -- no such event
                    await asyncio.sleep(0.01)

    async def kept_all(self) -> None:
        """Wait until each call played so far has been given to the log."""
        await self.service.until(lambda: self.service.tally.calls_kept == len(self.played))

    def states(self) -> list[str]:
        """Return the states of the cards that pages show."""
        return [str(card["state"]) for card in self.service.cards.values()]

    @property
    def state(self) -> str:
        """The state of the link, as pages show it."""
        return str(self.service.pbx[-1]["state"]) if self.service.pbx else ""

    async def mended(self) -> None:
        """End the connection, let others through, and wait until one is live."""
        lives = len(self.service.lives())
        self.proxy.is_down = False
        self.proxy.cut()
        await self.service.until(lambda: len(self.service.lives()) > lives)

    async def rows(self) -> dict[str, tuple[str, bool]]:
        """Disposition and "estimated" of each row by Linkedid; a row twice fails."""
        await self.database.log.flush()
        async with self.database.reading() as connection:
            found = (
                await connection.execute(
                    select(calls.c.linkedid, calls.c.disposition, calls.c.estimated)
                )
            ).all()
        assert len({row.linkedid for row in found}) == len(found)
        return {row.linkedid: (row.disposition, row.estimated) for row in found}

    async def check(self) -> dict[str, tuple[str, bool]]:
        """Check what holds after each fault; return the rows."""
        assert self.service.wrong == []
        assert self.service.tally.failures == 0
        assert self.state == "live"
        assert not set(self.states()) & _ON
        rows = await self.rows()
        assert "in_progress" not in {disposition for disposition, _ in rows.values()}
        return rows


@asynccontextmanager
async def faulty_line(
    database: Database, first: Fault | None, agents: int = 4
) -> AsyncGenerator[FaultyLine]:
    """Yield a live service. The first connection has the fault; the later ones are whole."""
    service, pbx = Watched(agents, log=database.log, timing=QUICK), simulated_pbx()
    async with AsyncExitStack() as closing:
        ami = await closing.enter_async_context(AmiServer(pbx, ACCOUNT).listening())
        stage = await closing.enter_async_context(CallPlayer(pbx).open())
        proxy = await closing.enter_async_context(
            FaultProxy(port_behind=ami.port, draw=lambda number: None if number else first)
        )
        await closing.enter_async_context(service.linked({OFFICE: proxy.port}))
        await service.until(service.lives)
        yield FaultyLine(service, pbx, stage, proxy, database)
