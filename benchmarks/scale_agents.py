"""The agents of the scale demo: one page each, which connects again as ``static/js`` does.

All run in one process of their own. Each card is stamped when its frame or its snapshot is read.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import orjson
from typing_extensions import override

from benchmarks.frames import CLOSE, TEXT, check_handshake, handshake, masked, take_frames
from benchmarks.page import FRAME_S, Page, Seen
from tests.whole_office.agent_logins import AgentLogin
from tests.whole_office.child_process import ChildProcess

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 15.0
"""As in ``socket.js``: a random wait up to the first, then twice as long, up to the last."""
_CONNECTS_AT_ONCE = 64
_OPENS_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class OpenPages:
    port: int
    logins: tuple[AgentLogin, ...]
    within_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """Ask for what was received so far."""


@dataclass(frozen=True, slots=True)
class Break:
    """A span in which one page was not connected. ``until`` is None while it lasts."""

    phone: str
    since: float
    until: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReceivedCards:
    first: tuple[Seen, ...]
    """Each call once for a phone: the time of its first card there, with the newest state."""
    repeated: int
    """Cards that came again with a revision that the page had already."""
    breaks: tuple[Break, ...]
    frames: int
    refused: Mapping[str, int] = field(default_factory=dict)
    """Connections that ended before their page was up to date, by reason."""


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

    def note(self, seen: Seen) -> None:
        known = self.first.get((seen.call, seen.phone))
        at = seen.at if known is None else known.at
        self.first[seen.call, seen.phone] = seen._replace(at=at)


class _AgentPage(asyncio.Protocol):
    """One page over all its connections."""

    def __init__(
        self, login: AgentLogin, port: int, tally: _Tally, gate: asyncio.Semaphore
    ) -> None:
        self.page = Page(login.phone, talks=True)
        self.is_ready = asyncio.Event()
        self._login = login
        self._port = port
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
                self._tally.breaks.append(Break(self.page.phone, since, None, reason))
            else:
                self._tally.refused[reason] += 1
            self.page.bye = ""
            most = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self._tries)
            self._tries += 1
            await asyncio.sleep(self._least_s + random.random() * most)
            self._least_s = 0.0

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._rest, self._is_open = b"", False
        request, self._key = handshake("/ws/v1", f"127.0.0.1:{self._port}", self._login.cookie)
        try:
            async with asyncio.timeout(_OPENS_WITHIN_S):
                await loop.create_connection(lambda: self, "127.0.0.1", self._port)
            if self._transport is not None:
                self._transport.write(request)
        except (OSError, TimeoutError) as problem:
            self.page.bye = str(problem) or "no answer"
            self._over.set()

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
        message = orjson.loads(payload)
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
            case "bye":
                self._least_s = (message["retry_ms"] or 0) / 1e3
            case "welcome" if message["mode"] == "resumed":
                self._ready(at)
        if "epoch" in message and "seq" in message:
            self._position = message["epoch"], message["seq"]
        seen: list[Seen] = []
        now, next_frame = self.page.receive(payload, at, seen).frames()
        for one in seen:
            self._tally.note(one)
        self._send(now)
        if next_frame:
            asyncio.get_running_loop().call_later(FRAME_S, self._send, next_frame)

    def _ready(self, at: float) -> None:
        self._tries = 0
        self.is_ready.set()
        breaks = self._tally.breaks
        for index in range(len(breaks) - 1, -1, -1):
            if breaks[index].phone == self.page.phone:
                last = breaks[index]
                if last.until is None:
                    breaks[index] = Break(last.phone, last.since, at, last.reason)
                return

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def serve(pipe: Connection) -> None:
    """Run in the process."""
    with contextlib.suppress(EOFError):
        asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    loop, tally = asyncio.get_running_loop(), _Tally()
    running: list[asyncio.Task[None]] = []
    while True:
        match await loop.run_in_executor(None, pipe.recv):
            case OpenPages() as order:
                began = time.monotonic()
                gate = asyncio.Semaphore(_CONNECTS_AT_ONCE)
                pages = [_AgentPage(one, order.port, tally, gate) for one in order.logins]
                running += [asyncio.create_task(page.run()) for page in pages]
                async with asyncio.timeout(order.within_s):
                    await asyncio.gather(*(page.is_ready.wait() for page in pages))
                pipe.send(time.monotonic() - began)
            case Report():
                pipe.send(
                    ReceivedCards(
                        tuple(tally.first.values()),
                        tally.repeated,
                        tuple(tally.breaks),
                        tally.frames,
                        dict(tally.refused),
                    )
                )
            case order:
                raise ValueError(order)
