"""Listeners and web processes of one office, in this process, with a real Redis between them."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import orjson
import pytest

from screenpop.accounts.users import UserId
from screenpop.bus import redis_publisher, redis_requests, redis_streams, redis_subscription
from screenpop.bus.redis_connection import (
    Argument,
    BusUnreachableError,
    RedisConfig,
    RedisConnection,
)
from screenpop.bus.redis_publisher import Later, RedisPublisher
from screenpop.bus.redis_scripts import Script
from screenpop.bus.redis_streams import RedisStreams
from screenpop.protocol.server_messages import (
    Position,
    Snapshot,
    Start,
    encode_entry,
    snapshot,
)
from tests.protocol.client import Client

ALICE, BOB = UserId(1), UserId(2)
WITHIN_S = 20.0
"""No test waits longer for an event."""


def thing(id: str, rev: int = 1) -> bytes:
    return orjson.dumps({"id": id, "rev": rev})


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that other tasks of the loop bring about."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110 -- many tasks bring it about
            await asyncio.sleep(0.001)


@dataclass(eq=False)
class Page:
    """A browser of one user that applies what it receives."""

    user: UserId = ALICE
    client: Client = field(default_factory=Client)
    seqs: list[int] = field(default_factory=list)
    is_lost: bool = False
    room: int = 1000

    def deliver(self, seq: int, frame: bytes) -> None:
        assert not self.is_lost
        assert orjson.loads(frame)["seq"] == seq
        self.seqs.append(seq)
        self.client.hear(frame)

    def lost(self) -> None:
        self.is_lost = True

    async def join(self, streams: RedisStreams) -> Start:
        client = self.client
        last = Position(client.epoch, client.seq) if client.started else None
        start = await streams.join(self.user, last, self)
        self.is_lost = False
        if isinstance(start, Snapshot):
            client.hear(snapshot(start))
        else:
            for entry in start.entries:
                client.hear(encode_entry(start.position.epoch, entry))
        return start


class RedisOffice:
    """Runs what it makes until it is left."""

    unreachable = RedisConfig("redis://127.0.0.1:1/0")

    def __init__(self, config: RedisConfig) -> None:
        self.config = config
        self.redis = RedisConnection(config)
        self._tasks: list[asyncio.Task[None]] = []
        self._count = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.redis.close()

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Run it until the end of the test."""
        self._tasks.append(asyncio.create_task(work))

    async def listener(self, fence: int = 1, later: Later | None = None) -> RedisPublisher:
        """Return a publisher that has begun its epoch."""
        publisher = RedisPublisher(self.config, fence, later)
        self.start(publisher.run())
        await until(lambda: publisher.is_connected)
        return publisher

    async def web(self) -> RedisStreams:
        """Return the streams of a further web process, once it knows of the listener."""
        self._count += 1
        streams = RedisStreams(self.config, f"web{self._count}")
        self.start(streams.run())
        await until(lambda: streams.is_live)
        return streams


def shorten_intervals(patch: pytest.MonkeyPatch) -> None:
    """Let beats, checks and attempts follow each other quickly."""
    patch.setattr(redis_publisher, "BEAT_S", 0.05)
    patch.setattr(redis_streams, "CHECK_S", 0.1)
    for module in (redis_publisher, redis_requests, redis_streams, redis_subscription):
        patch.setattr(module, "RETRY_S", 0.02)


async def published(publisher: RedisPublisher, kind: str, key: str, rev: int = 1) -> None:
    """Publish to Alice and wait until it is in Redis."""
    publisher.publish([ALICE], kind, key, thing(key, rev))
    await publisher.drain(WITHIN_S)


def lose_next_reply(connection: RedisConnection, lost: Script) -> None:
    """Let Redis run a script once of which the caller never has the reply."""
    run = connection.run

    async def losing(script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> object:
        reply = await run(script, keys, arguments)
        if script is not lost:
            return reply
        connection.run = run  # type: ignore[method-assign]
        raise BusUnreachableError("the reply was lost")

    connection.run = losing  # type: ignore[method-assign]
