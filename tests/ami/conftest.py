import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from screenpop.ami.address import AmiAddress, LinkTiming
from screenpop.ami.door import AmiDoor
from screenpop.ami.handover import Batch
from screenpop.ami.problems import LinkProblem
from screenpop.asterisk.message import AmiMessage
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


def address_of(server: SpeakingServer, timing: LinkTiming | None = None, **more: Any) -> AmiAddress:
    fields = {"host": server.host, "port": server.port, "username": "pop", "secret": "secret"}
    return AmiAddress(pbx=PbxId("office"), timing=timing or LinkTiming(), **{**fields, **more})


class Ear:
    """Keeps what a door hands over, and lets a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.ended: LinkProblem | None = None
        self._news = asyncio.Event()

    def on_batch(self, batch: Batch) -> None:
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


DoorMaker = Callable[..., tuple[AmiDoor, Ear]]


@pytest.fixture
async def make_door() -> AsyncIterator[DoorMaker]:
    """A door to a server and the ear behind it; closed after the test."""
    doors: list[AmiDoor] = []

    def make(server: SpeakingServer, **options: Any) -> tuple[AmiDoor, Ear]:
        ear = Ear()
        told = {name: options.pop(name) for name in ("wanted", "most_waiting") if name in options}
        door = AmiDoor(
            address_of(server, **options),
            loop=asyncio.get_running_loop(),
            on_batch=ear.on_batch,
            on_end=ear.on_end,
            **{"wanted": None, **told},
        )
        doors.append(door)
        return door, ear

    yield make
    for door in doors:
        door.close()
