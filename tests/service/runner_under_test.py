"""A runner with a simulated PBX, a bus, customer records and a call log that tests can stop."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import orjson

from screenpop.accounts.users import UserId
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CallerRecord
from screenpop.service.config import ServiceConfig
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.ports import LoggedCall
from screenpop.service.runner import ScreenPopRunner
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.trunk_lines import TrunkLines
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import play_call
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.service.service_under_test import MARYAM, OFFICE, PLAN, laleh, people


class World:
    """Recording fakes at the ports: the records, the bus, the log."""

    def __init__(self) -> None:
        self.now = 1_795_315_000.0
        self.answer: CallerRecord | Awaitable[CallerRecord] | Exception = laleh()
        self.published: list[tuple[tuple[UserId, ...], str, str, dict[str, object]]] = []
        self.kept: list[LoggedCall] = []
        self.notes: list[tuple[CallId, UserId, str]] = []
        self.opened: list[tuple[CallKey, LoggedCall | None]] = []
        self.commits = True
        """Notes are committed at once; else by ``saving``."""
        self.saving: list[asyncio.Future[bool]] = []
        self.order: list[str] = []
        self.fails_on: str | None = None
        self.more = asyncio.Event()
        self.task = ScreenPopRunner(
            ScreenPop(
                ServiceConfig(
                    people(), TrunkLines(PLAN), lambda at: datetime.fromtimestamp(at, UTC).date()
                )
            ),
            lookup=self,
            publisher=self,
            log=self,
            clock=lambda: self.now,
            past_cards=self,
        )
        self.tracking = PbxTracker(OFFICE, lambda endpoint: endpoint != "trunk")

    def now_or_later(self, caller: CallerId) -> CallerRecord | Awaitable[CallerRecord]:
        self.order.append("lookup")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def publish(
        self, users: Sequence[UserId], kind: str, key: str, payload: bytes, *, gone: bool = False
    ) -> None:
        if self.fails_on == kind:
            self.fails_on = None
            raise RuntimeError("on purpose")
        self.order.append(kind)
        self.published.append((tuple(users), kind, key, orjson.loads(payload) | {"_gone": gone}))
        self.more.set()

    def keep(self, record: LoggedCall) -> None:
        self.order.append("keep")
        self.kept.append(record)
        self.more.set()

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        self.order.append("keep_open")
        self.opened.append((key, record()))

    def merge(self, key: CallKey, into: CallId) -> None:
        self.order.append("merge")

    def close_left_open(self, pbx: PbxId) -> None:
        self.order.append("close_left_open")

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        self.notes.append((call, agent, text))
        saved: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.saving.append(saved)
        self.more.set()
        if self.commits:
            saved.set_result(True)
        return saved

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        had = any(
            (record.entry.pbx, record.entry.call, one.agent) == (pbx, call, agent)
            for record in self.kept
            for one in record.painted
        )
        return BootId("unknown") if had else None

    def cards(self, user: UserId = MARYAM) -> list[dict[str, object]]:
        return [card for users, kind, _, card in self.published if kind == "card" and user in users]

    async def until(self, done: Callable[[], object]) -> None:
        """Wait for something to be published, as often as it takes."""
        async with asyncio.timeout(10):
            while not done():
                self.more.clear()
                await self.more.wait()

    async def handles(self, call: ScriptedCall, *, cut: int = 10**9) -> None:
        """A played call, as AMI bytes in one read or in many."""
        stream = bytearray()
        pbx = SimulatedPbx(lambda: self.now, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        pbx.listeners.add(stream.extend)
        await play_call(pbx, call, lambda _: asyncio.sleep(0))
        framer = AmiFramer(None, "own-")
        for start in range(0, len(stream), cut):
            messages = framer.feed(bytes(stream[start : start + cut]))
            self.task.messages(self.tracking, messages, self.now)

    async def handles_only_the_ringing(self, call: ScriptedCall) -> None:
        stream = bytearray()
        pbx = SimulatedPbx(lambda: self.now, booted=datetime(2026, 1, 1, tzinfo=UTC), phones={})
        pbx.listeners.add(stream.extend)
        rings = asyncio.Event()

        async def until_it_rings(seconds: float) -> None:
            if seconds == call.ring_s:
                rings.set()
                await asyncio.get_running_loop().create_future()

        playing = asyncio.create_task(play_call(pbx, call, until_it_rings))
        await rings.wait()
        playing.cancel()
        self.task.messages(self.tracking, AmiFramer(None, "own-").feed(bytes(stream)), self.now)


def fails(_: float) -> None:
    raise RuntimeError("on purpose")


@asynccontextmanager
async def world() -> AsyncGenerator[World]:
    made = World()
    task = asyncio.create_task(made.task.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


CALL = ScriptedCall(number="09123456789", to=("101", "102"), ring_s=0, talk_s=0)
