"""The agents of the scale demo: one page each, which connects again as ``static/js`` does.

All run in one process of their own; several such processes carry ten thousand pages. Each card is
stamped when its frame or its snapshot is read.
"""

import asyncio
import contextlib
import dataclasses
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import orjson
from typing_extensions import override

from benchmarks.frames import CLOSE, TEXT, check_handshake, handshake, masked, take_frames
from benchmarks.missed_lists import MissedList
from benchmarks.page import FRAME_S, Page, Seen
from benchmarks.page_orders import (
    Break,
    CountPages,
    OpenPages,
    PageCounts,
    ReceivedCards,
    Report,
    ResetAll,
)
from tests.whole_office.agent_logins import AgentLogin
from tests.whole_office.child_process import ChildProcess

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 15.0
"""As in ``socket.js``: a random wait up to the first, then twice as long, up to the last."""
_CONNECTS_AT_ONCE = 64
SILENCE_S = 12.0
"""As in ``socket.js``: a page gives a connection up on which it has heard nothing for so long."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST."""


class ScaleAgents(ChildProcess):
    """The process with all pages."""

    def __init__(self) -> None:
        super().__init__("agents", serve)

    def open(self, port: int, logins: tuple[AgentLogin, ...], within_s: float) -> float:
        """Connect a page for each login; return the seconds until all had their snapshot."""
        self.send(OpenPages(port, logins, within_s))
        took = self.receive(within_s + 10.0)
        assert isinstance(took, float)
        return took

    def begin(self, order: OpenPages) -> None:
        """Begin to connect; ``opened`` waits for the end."""
        self.send(order)

    def opened(self, within_s: float) -> float:
        """Return the seconds from ``begin`` until all pages had their snapshot."""
        took = self.receive(within_s + 10.0)
        assert isinstance(took, float)
        return took

    def reset_all(self) -> None:
        """Reset all connections; the pages come back as the page of the product does."""
        self.request(ResetAll())

    def counts(self) -> PageCounts:
        answer = self.request(CountPages())
        assert isinstance(answer, PageCounts)
        return answer

    def report(self) -> ReceivedCards:
        answer = self.request(Report())
        assert isinstance(answer, ReceivedCards)
        return answer


# -- in the process ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Tally:
    """What all pages received."""

    first: dict[tuple[str, str], Seen] = field(default_factory=dict)
    repeated: int = 0
    frames: int = 0
    breaks: list[Break] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    gaps: int = 0
    lists: Counter[str] = field(default_factory=Counter)

    def note(self, seen: Seen) -> None:
        known = self.first.get((seen.call, seen.phone))
        at = seen.at if known is None else known.at
        self.first[seen.call, seen.phone] = seen._replace(at=at)


class _AgentPage(asyncio.Protocol):
    """One page over all its connections."""

    def __init__(
        self, login: AgentLogin, order: OpenPages, tally: _Tally, gate: asyncio.Semaphore
    ) -> None:
        self.page = Page(login.phone, talks=True)
        self.is_ready = asyncio.Event()
        self.is_behind = False
        """Whether the newest heartbeat named another position than this page's."""
        self._login = login
        self._order = order
        self._heard_at = self._opened_at = 0.0
        self._missed = MissedList(login, order, tally.lists) if order.reads_lists else None
        self._break = -1
        """Place of this page's newest break in the tally; -1: none yet."""
        self._tally = tally
        self._gate = gate
        self._transport: asyncio.Transport | None = None
        self._over = asyncio.Event()
        self._rest = b""
        self._key = b""
        self._is_open = False
        self._position: tuple[str, int] | None = None
        """Epoch and number of the last message applied."""
        self._tries = 0
        self._least_s = 0.0
        """Seconds that the server asked to wait."""
        self._revisions: dict[str, int] = {}

    async def run(self) -> None:
        """Connect again and again until cancelled."""
        while True:
            self._over.clear()
            async with self._gate:
                await self._connect()
            await self._over.wait()
            since, reason = time.monotonic(), self.page.bye or "closed"
            if self.is_ready.is_set():
                self.is_ready.clear()
                self._break = len(self._tally.breaks)
                self._tally.breaks.append(Break(self.page.phone, since, None, reason))
            else:
                self._tally.refused[reason] += 1
            self.page.bye = ""
            most = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self._tries)
            self._tries += 1
            await asyncio.sleep(self._least_s + random.random() * most)
            self._least_s = 0.0

    async def _connect(self) -> None:
        self._rest, self._is_open, self._opened_at = b"", False, time.monotonic()
        host = f"127.0.0.1:{self._order.port}"
        request, self._key = handshake("/ws/v1", host, self._login.cookie)
        try:
            async with asyncio.timeout(SILENCE_S):
                await _connected(lambda: self, self._order)
            if self._transport is not None:
                self._transport.write(request)
        except (OSError, TimeoutError) as problem:
            self.page.bye = str(problem) or "no answer"
            self._over.set()

    def check(self, now: float) -> None:
        """Give a silent connection up, as socket.js does."""
        if self._transport is not None and now - max(self._heard_at, self._opened_at) >= SILENCE_S:
            self.page.bye = self.page.bye or "silent"
            self.reset()

    def reset(self) -> None:
        if self._transport is not None:
            plain = self._transport.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._over.set()

    @override
    def data_received(self, data: bytes) -> None:
        at, data = time.monotonic(), self._rest + data
        if not self._is_open:
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = data
                return
            try:
                check_handshake(head, self._key)
            except ConnectionError:
                self.page.bye = "refused " + head[:40].decode(errors="replace")
                self._close()
                return
            self._is_open, data = True, rest
            self._send(self._hello())
        frames, self._rest = take_frames(data)
        for kind, payload in frames:
            if kind == TEXT:
                self._handle(payload, at)
            elif kind == CLOSE:
                self._close()

    def _hello(self) -> bytes:
        last = None
        if self._position is not None:
            last = {"epoch": self._position[0], "seq": self._position[1]}
        return masked(orjson.dumps({"type": "hello", "last": last, "tab": self.page.phone}))

    def _handle(self, payload: bytes, at: float) -> None:
        self._tally.frames += 1
        self._heard_at = at
        message = orjson.loads(payload)
        self._check_number(message)
        match message["type"]:
            case "snapshot":
                self._revisions = {card["id"]: card["rev"] for card in message["cards"]}
                for card in message["cards"]:
                    self._tally.note(Seen(card["call"], self.page.phone, card["state"], at))
                self._ready(at)
            case "card":
                card = message["card"]
                self._tally.repeated += self._revisions.get(card["id"], -1) >= card["rev"]
                self._revisions[card["id"]] = card["rev"]
                if self._missed is not None:
                    self._missed.card(card)
            case "hb" if self._missed is not None:
                self._missed.beat(message)
            case "bye":
                self._least_s = (message["retry_ms"] or 0) / 1e3
            case "welcome" if message["mode"] == "resumed":
                self._ready(at)
        seen: list[Seen] = []
        now, next_frame = self.page.receive(payload, at, seen).frames()
        for one in seen:
            self._tally.note(one)
        self._send(now)
        if next_frame:
            asyncio.get_running_loop().call_later(FRAME_S, self._send, next_frame)

    def _check_number(self, message: dict[str, Any]) -> None:
        if "epoch" not in message or "seq" not in message:
            return
        place = message["epoch"], message["seq"]
        if message["type"] == "hb":
            self.is_behind = place != self._position
        elif message["type"] == "snapshot":
            self._position, self.is_behind = place, False
        elif message["type"] != "welcome":
            self._tally.gaps += self._position != (place[0], place[1] - 1)
            self._position = place

    def _ready(self, at: float) -> None:
        self._tries = 0
        self.is_ready.set()
        breaks = self._tally.breaks
        if self._break >= 0 and breaks[self._break].until is None:
            breaks[self._break] = dataclasses.replace(breaks[self._break], until=at)
        if self._missed is not None:
            self._missed.begin()

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _connected(make: Callable[[], asyncio.Protocol], order: OpenPages) -> None:
    source = (order.source, 0) if order.source else None
    loop = asyncio.get_running_loop()
    await loop.create_connection(make, "127.0.0.1", order.port, local_addr=source)


async def _check_silence(pages: Sequence[_AgentPage]) -> None:
    while True:
        await asyncio.sleep(1.0)
        now = time.monotonic()
        for page in pages:
            page.check(now)


def serve(pipe: Connection) -> None:
    """Run in the process."""
    with contextlib.suppress(EOFError):
        asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    loop, tally = asyncio.get_running_loop(), _Tally()
    running: list[asyncio.Task[None]] = []
    pages: list[_AgentPage] = []
    while True:
        match await loop.run_in_executor(None, pipe.recv):
            case OpenPages() as order:
                began = time.monotonic()
                gate = asyncio.Semaphore(_CONNECTS_AT_ONCE)
                new = [_AgentPage(one, order, tally, gate) for one in order.logins]
                pages += new
                running += [asyncio.create_task(page.run()) for page in new]
                running.append(asyncio.create_task(_check_silence(new)))
                async with asyncio.timeout(order.within_s):
                    await asyncio.gather(*(page.is_ready.wait() for page in new))
                pipe.send(time.monotonic() - began)
            case ResetAll():
                for page in pages:
                    page.reset()
                pipe.send(None)
            case CountPages():
                away = sum(not page.is_ready.is_set() for page in pages)
                stale = sum(page.is_behind for page in pages)
                pipe.send(PageCounts(len(tally.breaks), away, stale))
            case Report():
                pipe.send(
                    ReceivedCards(
                        tuple(tally.first.values()),
                        tally.repeated,
                        tuple(tally.breaks),
                        tally.frames,
                        dict(tally.refused),
                        tally.gaps,
                        dict(tally.lists),
                    )
                )
            case order:
                raise ValueError(order)
