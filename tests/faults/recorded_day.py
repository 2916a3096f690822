"""The whole service under a clock of its own: the real tracker, use case, bus and call log.

Only the sockets are not: a ``Page`` is what a browser would hold, and writes down what it got.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select
from typing_extensions import override

from screenpop.accounts.users import UserId
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.bus.memory import MemoryBus
from screenpop.calls.events import CallEvent
from screenpop.protocol.server_messages import Snapshot
from screenpop.service.config import ServiceConfig
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId
from tests.service.recorded import PHONES_OF_AGENTS
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, OFFICE, PLAN, SARA, people

BEGINS_AT = 1_795_315_000.0
A_MESSAGE_TAKES_S = 0.02
A_SHIFT_S = 3600.0
"""Longer than any card stays."""

AGENTS = (MARYAM, ELENI, NIKOS)


@dataclass
class Page:
    """One user's browser: what it shows, and each card's way there."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    ways: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seq: int = 0
    room: int = 100

    def lost(self) -> None:
        raise AssertionError("a bus in this process loses nothing")

    def deliver(self, seq: int, frame: bytes) -> None:
        assert seq == self.seq + 1
        self.seq = seq
        message = orjson.loads(frame)
        if message["type"] == "card":
            self._take(message["card"])
        elif message["type"] == "call":
            call = message["call"]
            self.calls[call["id"]] = call
            if call["state"] == "ended":
                del self.calls[call["id"]]

    def _take(self, card: dict[str, Any]) -> None:
        way = self.ways.setdefault(card["id"], [])
        assert not way or card["rev"] > way[-1]["rev"]
        way.append(card)
        self.cards[card["id"]] = card
        if card["state"] == "gone":
            del self.cards[card["id"]]


class Listening(PbxTracker):
    """Records the events of the tracker."""

    def __init__(self, pbx: PbxId, is_phone: Callable[[Endpoint], bool]) -> None:
        super().__init__(pbx, is_phone)
        self.events: list[CallEvent] = []

    @override
    def messages(self, batch: Iterable[AmiMessage], at: float) -> list[CallEvent]:
        return self._heard(super().messages(batch, at))

    @override
    def snapshot(self, snapshot: PbxSnapshot, at: float) -> list[CallEvent]:
        return self._heard(super().snapshot(snapshot, at))

    def _heard(self, changes: list[CallEvent]) -> list[CallEvent]:
        self.events += changes
        return changes


@dataclass
class Day:
    """Everything from AMI messages to the pages and the log."""

    database: Database
    boot: BootId
    is_phone: Callable[[Endpoint], bool]
    now: float = BEGINS_AT

    def __post_init__(self) -> None:
        # The clock of this day is not that of the loop: what a board waits for comes at once.
        self.bus = MemoryBus(later=lambda _seconds, deliver: deliver())
        self.screen_pop = ScreenPop(
            ServiceConfig(
                people(phones=PHONES_OF_AGENTS),
                TrunkLines(PLAN),
                today=lambda now: datetime.fromtimestamp(now, UTC).date(),
            )
        )
        self.task = ScreenPopRunner(
            self.screen_pop,
            lookup=self.database.lookup,
            publisher=self.bus,
            log=self.database.log,
            clock=lambda: self.now,
        )
        self.tracking = Listening(OFFICE, self.is_phone)
        self.pages = {user: Page() for user in (*AGENTS, SARA)}

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        for user, page in self.pages.items():
            await self.bus.join(user, None, page)
        running = asyncio.create_task(self.task.run())
        await self.settled()
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def settled(self) -> None:
        """Everything so far is done."""
        done = asyncio.Event()
        self.task.put(lambda _: done.set())
        await done.wait()

    async def handles(self, *messages: AmiMessage) -> None:
        """One read of the link."""
        self.now += A_MESSAGE_TAKES_S
        self.task.messages(self.tracking, messages, self.now)
        if self.task.backlog:
            await self.settled()

    async def is_asked(self, snapshot: PbxSnapshot) -> None:
        """The PBX answered what is up."""
        self.task.snapshot(self.tracking, snapshot, self.now)
        await self.settled()

    async def waits(self, seconds: float, step_s: float = 1.0) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + step_s)
            self.task.put(self.screen_pop.tick)
            await self.settled()

    async def logged(self) -> list[str]:
        """The Linkedids in the call log, a row each."""
        await self.database.log.flush()
        async with self.database.reading() as connection:
            rows = await connection.execute(
                select(calls.c.linkedid).where(calls.c.boot == self.boot)
            )
            return [row.linkedid for row in rows]

    async def fresh_page(self, user: UserId) -> Sequence[bytes]:
        """What a browser that comes now would be shown."""
        page = Page()
        start = await self.bus.join(user, None, page)
        self.bus.leave(user, page)
        assert isinstance(start, Snapshot)
        return (*start.cards, *start.calls)
