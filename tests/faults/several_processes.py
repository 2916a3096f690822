"""Listeners, web processes, Redis and PostgreSQL of one office as real processes, and a record of
what each page received, with the checks that must hold whatever died meanwhile."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from screenpop.store.engine.database import migrate
from tests.faults.fault_proxy import FaultProxy
from tests.store.throwaway_postgres import throwaway_postgres
from tests.whole_office.agent_logins import AgentLogin, add_agents, phones
from tests.whole_office.processes import (
    Office,
    Part,
    office,
    office_settings,
    postgres_pid,
    start_redis,
)
from tests.whole_office.simulated_pbx import Account, OfficePbx, PlayCalls

CALLERS = tuple(f"0912000{number:04}" for number in range(50))
WITHIN_S = 60.0
"""No wait for an event is longer."""
LOG_WRITES_S = 2.0
"""Seconds before the kill of a listener in which a call may have come into a page's sight that has
no row afterwards: half a second until a row is written, and the time of the transaction."""
_OVER = {"elsewhere", "missed", "wrap_up", "gone"}
"""States after which a card rings no more."""


@dataclass
class RecordedPage:
    """One agent's page: connects again and again, acknowledges, and writes a note on each card."""

    login: AgentLogin
    webs: Sequence[Part]
    seed: int
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each card with its newest state, also those that were removed."""
    seen_at: dict[str, float] = field(default_factory=dict)
    """When each call came into sight, seconds since 1970: after a line that failed this is long
    after the call began."""
    notes: dict[str, str] = field(default_factory=dict)
    """The acknowledged notes, by call."""
    faults: list[str] = field(default_factory=list)
    """What a page must never receive."""
    _applied: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the page shows: cards since its last snapshot."""
    _position: tuple[str, int] | None = None
    _asked: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def epoch(self) -> str:
        """The epoch of what the page shows; empty before its first message."""
        return "" if self._position is None else self._position[0]

    async def run(self) -> None:
        rng = random.Random(self.seed)
        while True:
            web = rng.choice(self.webs)
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    f"ws://127.0.0.1:{web.port}/ws/v1",
                    additional_headers={
                        "Cookie": self.login.cookie,
                        "Origin": f"http://127.0.0.1:{web.port}",
                    },
                    compression=None,
                    ping_interval=None,
                    open_timeout=5,
                    proxy=None,
                ) as line:
                    await self._read(line)
            self.is_open.clear()
            await asyncio.sleep(rng.random() * 0.5)

    async def _read(self, line: ClientConnection) -> None:
        last = None
        if self._position is not None:
            last = {"epoch": self._position[0], "seq": self._position[1]}
        await _say(line, "hello", last=last, tab="t", build="-")
        async with asyncio.timeout(None) as quiet:
            async for text in line:
                # As a page does: a server that is silent for longer is left.
                quiet.reschedule(asyncio.get_running_loop().time() + 20.0)
                await self._take(line, orjson.loads(text))

    async def _take(self, line: ClientConnection, message: dict[str, Any]) -> None:
        match message["type"]:
            case "welcome":
                self.is_open.set()
                if message["mode"] == "snapshot":
                    self._position = message["epoch"], message["seq"]
            case "snapshot":
                self._applied.clear()  # A snapshot replaces all that the page has.
                for card in message["cards"]:
                    await self._card(line, card)
            case "hb":
                await _say(line, "hb")
            case "result":
                asked = self._asked.pop(message["id"], None)
                if asked is not None and message["ok"]:
                    self.notes[asked[0]] = asked[1]
            case "card" | "call" | "pbx" | "agent" | "callback" as kind:
                self._check_number(message)
                await _say(line, "ack", seq=message["seq"])
                if kind == "card" and not message.get("gone"):
                    await self._card(line, message["card"])
            case _:
                pass

    def _check_number(self, message: dict[str, Any]) -> None:
        if self._position is None or message["epoch"] != self._position[0]:
            self.faults.append(f"an entry of another epoch: {message['epoch']}")
        elif message["seq"] != self._position[1] + 1:
            self.faults.append(f"number {message['seq']} after {self._position[1]}")
        self._position = message["epoch"], message["seq"]

    async def _card(self, line: ClientConnection, card: dict[str, Any]) -> None:
        known = self._applied.get(card["id"])
        if all(leg["endpoint"] != self.login.phone for leg in card["legs"]):
            self.faults.append(f"a card of another agent: {card['id']}")
        if known is not None:
            if card["rev"] <= known["rev"]:
                self.faults.append(f"revision {card['rev']} after {known['rev']}")
            if known["state"] in _OVER and card["state"] == "ringing":
                self.faults.append(f"{card['id']} rings after {known['state']}")
        is_new = card["id"] not in self.cards
        self._applied[card["id"]] = self.cards[card["id"]] = card
        if is_new:
            self.seen_at.setdefault(card["call"], time.time())
            note, key = f"note {self.login.phone} {card['call']}", f"n{len(self.cards)}"
            self._asked[key] = card["call"], note
            await _say(line, "command", id=key, op="note", args={"card": card["id"], "text": note})


async def answer_of(
    web: Part, login: AgentLogin, command: Mapping[str, object], *, waits: bool = True
) -> dict[str, Any]:
    """Send a command over a new socket and return its result; empty if the page does not wait."""
    async with connect(
        f"ws://127.0.0.1:{web.port}/ws/v1",
        additional_headers={"Cookie": login.cookie, "Origin": f"http://127.0.0.1:{web.port}"},
        proxy=None,
    ) as line:
        await _say(line, "hello", last=None, tab="t", build="-")
        await _say(line, "command", **command)
        async with asyncio.timeout(WITHIN_S):
            async for text in line:
                message: dict[str, Any] = orjson.loads(text)
                if message["type"] == "result":
                    return message
                if not waits:
                    break
    return {}


async def _say(line: ClientConnection, kind: str, **fields: object) -> None:
    await line.send(orjson.dumps({"type": kind, **fields}).decode())


@dataclass
class SeveralProcesses:
    """The running office. ``listeners[0]`` owns the calls at first."""

    here: Office
    url: str
    redis: Part
    listeners: list[Part]
    webs: list[Part]
    pbx: OfficePbx
    pages: list[RecordedPage]

    def begin_calls(self, count: int, rate: float) -> None:
        self.pbx.begin(PlayCalls(CALLERS, count, rate, ring_s=2.0, talk_s=3.0, seed=3))

    async def rings(self) -> int:
        """Wait for the end of the calls; return how many phones rang."""
        played = await asyncio.to_thread(self.pbx.played, 180.0)
        return len(played.rings)

    @property
    def card_count(self) -> int:
        """How many cards the pages have received so far."""
        return sum(len(page.cards) for page in self.pages)

    async def cards_shown(self, count: int) -> None:
        """Wait until the pages have received so many cards in all."""
        async with asyncio.timeout(WITHIN_S):
            while self.card_count < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def restart_redis(self) -> None:
        """Start Redis anew, empty, at the same address."""
        (self.here.folder / "redis.sock").unlink(missing_ok=True)
        start_redis(self.here)
        self.redis = self.here.parts[-1]

    async def pages_open(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            for page in self.pages:
                await page.is_open.wait()

    def epochs(self) -> list[str]:
        """Return the epoch of each page: another one after a takeover or the loss of Redis."""
        return [page.epoch for page in self.pages]

    async def pages_follow_another(self, epochs: list[str]) -> None:
        """Wait until every page is open again and has another epoch than before."""
        async with asyncio.timeout(WITHIN_S):
            while not all(  # noqa: ASYNC110
                page.is_open.is_set() and page.epoch != before
                for page, before in zip(self.pages, epochs, strict=True)
            ):
                await asyncio.sleep(0.05)

    async def until(self, condition: Callable[[list[asyncpg.Record]], bool], sql: str) -> None:
        """Wait until a statement's rows are as wanted."""
        connection = await asyncpg.connect(self.url)
        try:
            until = time.monotonic() + WITHIN_S
            while not condition(rows := await connection.fetch(sql)):
                assert time.monotonic() < until, rows
                await asyncio.sleep(0.2)
        finally:
            await connection.close()

    async def check(self, rings: int, *killed_at: float) -> None:
        """Raise ``AssertionError`` unless what pages received and the log agree.

        ``killed_at``: when listeners were killed or stopped, seconds since 1970."""
        assert [fault for page in self.pages for fault in page.faults] == []
        await self.until(
            lambda rows: not rows,
            "SELECT pbx, boot, linkedid, arrived_at, kept_at FROM calls"
            " WHERE disposition = 'in_progress'",
        )
        connection = await asyncpg.connect(self.url)
        try:
            logged = await connection.fetch("SELECT linkedid, count(*) FROM calls GROUP BY 1")
            texts = {row[0] for row in await connection.fetch("SELECT text FROM call_notes")}
        finally:
            await connection.close()
        assert {row[0] for row in logged if row[1] > 1} == set()
        assert len(logged) <= rings
        rows = {row[0] for row in logged}
        # A listener that is killed takes the rows of the last half second with it.
        lost = {
            call: seen_at
            for page in self.pages
            for call, seen_at in page.seen_at.items()
            if call not in rows and not any(_is_just_before(seen_at, at) for at in killed_at)
        }
        assert lost == {}, killed_at
        acknowledged = {note for page in self.pages for note in page.notes.values()}
        assert sorted(acknowledged - texts) == []
        assert acknowledged

    async def stall_postgres(self) -> int:
        """Stop PostgreSQL (SIGSTOP) with its processes; return the id of the first."""
        first = await asyncio.to_thread(postgres_pid, self.url)
        for one in (first, *_children(first)):
            os.kill(one, signal.SIGSTOP)
        return first

    def resume_postgres(self, first: int) -> None:
        for one in (first, *_children(first)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)

    def start_listener(self) -> Part:
        part = self.here.screenpop(f"listener {len(self.listeners) + 1}", "listen")
        self.listeners.append(part)
        part.wait_until_ready()
        return part


def _is_just_before(seen_at: float, killed_at: float) -> bool:
    # What the listener had published may reach the page after its end.
    return -1.0 < killed_at - seen_at < LOG_WRITES_S


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
        return [int(word) for word in listed.read().split()]


@asynccontextmanager
async def several_processes(
    agents: int = 6, line: FaultProxy | None = None
) -> AsyncGenerator[SeveralProcesses]:
    """Yield a running office with a page for each agent; stop all of it at the end.

    ``line``: between the listeners and the PBX, not listening yet."""
    every = phones(agents)
    with throwaway_postgres(60) as url, OfficePbx(every) as pbx, office() as here:
        async with (
            _account(pbx, line) as account,
            _running(agents, url, pbx, account, here) as process,
        ):
            yield process


@asynccontextmanager
async def _account(pbx: OfficePbx, line: FaultProxy | None) -> AsyncGenerator[Account]:
    """Yield where the listeners log in."""
    if line is None:
        yield pbx.account
        return
    line.port_behind = pbx.account.port
    async with line:
        yield replace(pbx.account, port=line.port)


@asynccontextmanager
async def _running(
    agents: int, url: str, pbx: OfficePbx, account: Account, here: Office
) -> AsyncGenerator[SeveralProcesses]:
    await asyncio.to_thread(migrate, url)
    logins = await add_agents(url, agents)
    redis = start_redis(here)
    here.settings = office_settings(here.folder, account, url, redis, "Asia/Tehran")
    listeners = [here.screenpop("listener 1", "listen")]
    await asyncio.to_thread(listeners[0].wait_until_ready)
    listeners.append(here.screenpop("listener 2", "listen"))
    webs = [here.screenpop(f"web {number}", "web") for number in (1, 2)]
    for part in (*listeners, *webs):
        await asyncio.to_thread(part.wait_until_ready)
    pages = [RecordedPage(login, webs, index) for index, login in enumerate(logins)]
    running = [asyncio.create_task(page.run()) for page in pages]
    redis_part = next(part for part in here.parts if part.name == "redis")
    process = SeveralProcesses(here, url, redis_part, listeners, webs, pbx, pages)
    try:
        await process.pages_open()
        yield process
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
