import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig, AmiTimeouts
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem, ProblemCode
from screenpop.ami.pyst2_manager import AmiManager
from screenpop.ami.read_buffer import MessageBatch
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import PbxId
from tests.ami.speaking_server import PATIENCE, Script, SpeakingServer


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


ServerMaker = Callable[..., SpeakingServer]


@pytest.fixture
def serve() -> Iterator[ServerMaker]:
    """Start a server that plays a script; it is stopped after the test."""
    servers: list[SpeakingServer] = []

    def start(script: Script, **options: Any) -> SpeakingServer:
        servers.append(SpeakingServer(script, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def address_of(server: SpeakingServer, timing: AmiTimeouts | None = None, **more: Any) -> AmiConfig:
    fields = {"host": server.host, "port": server.port, "username": "pop", "secret": "secret"}
    return AmiConfig(pbx=PbxId("office"), timing=timing or AmiTimeouts(), **{**fields, **more})


class Ear:
    """Keeps what a door hands over, and lets a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[MessageBatch] = []
        self.ended: LinkProblem | None = None
        self._news = asyncio.Event()

    def on_batch(self, batch: MessageBatch) -> None:
        self.batches.append(batch)
        self._news.set()

    def on_end(self, problem: LinkProblem) -> None:
        self.ended = problem
        self._news.set()

    @property
    def messages(self) -> list[AmiMessage]:
        return [message for batch in self.batches for message in batch.messages]

    @property
    def events(self) -> list[str]:
        return [message.event for message in self.messages if message.event]

    async def until(self, true: Callable[["Ear"], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true(self):
                self._news.clear()
                await self._news.wait()


QUICK = AmiTimeouts(
    ping_every=0.05,
    ping_limit=5,
    connect_limit=5,
    login_limit=5,
    reply_limit=5,
    list_limit=5,
    retry_after=0.02,
    boot_grace=0.05,
    audit_every=60,
    audit_hold=5,
    backoff_first=0.02,
    backoff_most=0.05,
)
"""Short where a test would wait for nothing to happen, long where a busy machine would fail it."""


class Recorded:
    """What a link reports to its consumer, all in one list in its order."""

    def __init__(self) -> None:
        self.reported: list[tuple[str, Any]] = []
        self.batches: list[tuple[list[AmiMessage], float]] = []
        self.snapshots: list[PbxSnapshot] = []
        self.states: list[LinkState] = []
        self.problems: list[LinkProblem] = []
        self.sinces: list[float] = []
        self.fail_on: str = ""
        self.running: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def on_messages(self, messages: list[AmiMessage], at: float) -> None:
        self.batches.append((messages, at))
        self.reported += [("event", message.fields) for message in messages]
        self._news.set()
        if any(message.event == self.fail_on for message in messages):
            raise RuntimeError("the consumer fails")

    def on_snapshot(self, snapshot: PbxSnapshot, at: float) -> None:
        self.snapshots.append(snapshot)
        self.reported.append(("audit" if snapshot.audit else "snapshot", snapshot))
        self._news.set()

    def on_state(self, state: LinkState, since: float, problem: LinkProblem | None) -> None:
        self.states.append(state)
        self.sinces.append(since)
        self.reported.append(("state", state))
        if problem is not None:
            self.problems.append(problem)
        self._news.set()

    @property
    def events(self) -> list[str]:
        return [what["Event"] for kind, what in self.reported if kind == "event"]

    @property
    def order(self) -> list[str]:
        """Names of events, ``snapshot``, ``audit`` and the state ``live``."""
        return [
            what["Event"] if kind == "event" else "live" if kind == "state" else kind
            for kind, what in self.reported
            if kind != "state" or what is LinkState.LIVE
        ]

    def find_problem(self, code: ProblemCode) -> LinkProblem | None:
        return next((problem for problem in self.problems if problem.code is code), None)

    def lives(self) -> int:
        return self.states.count(LinkState.LIVE)

    async def stop(self) -> None:
        """Cancel the link and wait for its end."""
        assert self.running is not None
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running

    async def until(self, true: Callable[["Recorded"], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not true(self):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pytest.fail(f"it never came to that; states {self.states}, problems {self.problems}")


LinkMaker = Callable[..., tuple[AmiClient, Recorded]]


@pytest.fixture
async def open_link() -> AsyncIterator[LinkMaker]:
    """A running link to a server and the desk behind it; cancelled after the test."""
    recordings: list[Recorded] = []

    def start(server: SpeakingServer, **options: Any) -> tuple[AmiClient, Recorded]:
        recorded = Recorded()
        kept = ("wanted", "most_waiting", "clock", "chance")
        reported = {name: options.pop(name) for name in kept if name in options}
        quick = replace(QUICK, **options.pop("timing", {}))
        link = AmiClient(
            address_of(server, quick, **options),
            on_messages=recorded.on_messages,
            on_snapshot=recorded.on_snapshot,
            on_state=recorded.on_state,
            **{"wanted": None, **reported},
        )
        recorded.running = asyncio.create_task(link.run())
        recordings.append(recorded)
        return link, recorded

    yield start
    for recorded in recordings:
        await recorded.stop()


ManagerMaker = Callable[..., tuple[AmiManager, Ear]]


@pytest.fixture
async def make_manager() -> AsyncIterator[ManagerMaker]:
    """A door to a server and the ear behind it; closed after the test."""
    doors: list[AmiManager] = []

    def make(server: SpeakingServer, **options: Any) -> tuple[AmiManager, Ear]:
        ear = Ear()
        reported = {
            name: options.pop(name) for name in ("wanted", "most_waiting") if name in options
        }
        door = AmiManager(
            address_of(server, **options),
            loop=asyncio.get_running_loop(),
            on_batch=ear.on_batch,
            on_end=ear.on_end,
            **{"wanted": None, **reported},
        )
        doors.append(door)
        return door, ear

    yield make
    for door in doors:
        door.close()
