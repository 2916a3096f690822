"""The bus on Redis and the bus of one process answer alike, whatever happens."""

from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screenpop.accounts.users import UserId
from screenpop.bus import memory, redis_publisher
from screenpop.bus.memory import MemoryBus
from screenpop.bus.published_stream import PublishedStream
from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.bus.redis_streams import RedisStreams
from screenpop.protocol.server_messages import Position, Resumed, Start
from screenpop.protocol.user_stream import HistoryLimits, UserStream
from tests.bus.redis_office import Page, RedisOffice, thing, until
from tests.bus.test_memory import Timer

pytestmark = pytest.mark.anyio

LIMITS = HistoryLimits(entries=4, bytes=90)
users = count(1000)

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["publish", "gone"]),
            st.sampled_from(["card", "call", "pbx"]),
            st.integers(0, 3),
        ),
        st.tuples(st.just("join"), st.sampled_from([0, 1]), st.integers(-1, 7)),
        st.tuples(st.just("later"), st.just("-"), st.just(0)),
    ),
    max_size=25,
)


class Running(NamedTuple):
    publisher: RedisPublisher
    webs: list[RedisStreams]
    timer: Timer


@pytest.fixture
def running() -> list[Running]:
    """What the first example starts."""
    return []


@dataclass(eq=False)
class Frames:
    """A reader that keeps numbers and objects."""

    frames: list[tuple[int, bytes]] = field(default_factory=list)
    room: int = 1000

    def deliver(self, seq: int, frame: bytes) -> None:
        message = orjson.loads(frame)
        del message["epoch"]
        self.frames.append((seq, orjson.dumps(message)))

    def lost(self) -> None:
        raise AssertionError("nothing was lost")


class BothBuses:
    """The same user on both; ``later`` runs when the test wants it."""

    def __init__(self, running: Running) -> None:
        self.user = UserId(next(users))
        self.publisher, self.webs, self.redis_timer = running
        self.timer = Timer()
        self.memory = MemoryBus(self.timer.later)
        self.readers = (Frames(), Frames())

    @property
    def head(self) -> int:
        return self.memory.head(self.user).seq

    async def settle(self) -> None:
        publisher, reader = self.publisher, self.readers[1]
        await until(lambda: not publisher._due and not publisher._in_flight)
        assert publisher._streams[self.user].seq == self.head
        expected = self.readers[0].frames
        await until(lambda: len(reader.frames) == len(expected))
        assert reader.frames == expected

    async def join(self, web: int, back: int) -> None:
        """Join both as a browser whose position is so far back; -1: it has none."""
        seq = self.head - back
        starts = []
        for bus, epoch in (
            (self.memory, self.memory.head(self.user).epoch),
            (self.webs[web], self.publisher.epoch or ""),
        ):
            page = Page()
            last = None if back < 0 or seq < 0 else Position(epoch, seq)
            starts.append(_parts(await bus.join(self.user, last, page)))
            bus.leave(self.user, page)
        assert starts[0] == starts[1]


def _parts(start: Start) -> tuple[object, ...]:
    if isinstance(start, Resumed):
        return "resumed", start.position.seq, start.entries
    return start.position.seq, start.cards, start.calls, start.pbx, start.agents


@given(STEPS)
@example([("publish", "call", 1), ("publish", "call", 1), ("later", "-", 0), ("join", 0, 1)])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_same_entries_same_snapshots_and_the_same_decision_to_resume(
    office: RedisOffice,
    monkeypatch: pytest.MonkeyPatch,
    running: list[Running],
    steps: list[tuple[str, str | int, int]],
) -> None:
    monkeypatch.setattr(memory, "UserStream", partial(UserStream, limits=LIMITS))
    monkeypatch.setattr(redis_publisher, "PublishedStream", partial(PublishedStream, LIMITS))
    if not running:  # one for all examples
        timer = Timer()
        publisher = await office.listener(later=timer.later)
        running.append(Running(publisher, [await office.web(), await office.web()], timer))
    both = BothBuses(running[0])
    await both.memory.join(both.user, None, both.readers[0])
    await both.webs[0].join(both.user, None, both.readers[1])
    for rev, step in enumerate(steps, start=1):
        match step:
            case ("publish" | "gone" as change, str(kind), key):
                for bus in (both.memory, both.publisher):
                    payload = thing(f"{kind}{key}", rev)
                    bus.publish([both.user], kind, str(key), payload, gone=change == "gone")
                await both.settle()
            case ("join", int(web), back):
                await both.join(web, back)
            case _:
                both.timer.come()
                both.redis_timer.come()
                await both.settle() if both.head else None
    for streams in (both.memory, both.webs[0]):
        for reader in both.readers:
            streams.leave(both.user, reader)
