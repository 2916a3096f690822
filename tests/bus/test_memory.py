"""The bus of one process: each user's subscribers get everything once, in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.users import UserId
from screenpop.bus.memory import INTERVAL_S, MemoryBus
from screenpop.protocol.server_messages import (
    Position,
    Resumed,
    Snapshot,
    Start,
    encode_entry,
    snapshot,
)
from screenpop.service.ports import Publisher
from screenpop.web.ports import Streams
from tests.protocol.client import Client

pytestmark = pytest.mark.anyio

ALICE, BOB, SUE, SAM = UserId(1), UserId(2), UserId(3), UserId(4)


@dataclass(eq=False)
class Page:
    """A subscriber that applies what it receives."""

    room: int = 1000
    client: Client = field(default_factory=Client)
    frames: list[bytes] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def lost(self) -> None:
        raise AssertionError("a bus in this process loses nothing")

    def deliver(self, seq: int, frame: bytes) -> None:
        assert orjson.loads(frame)["seq"] == seq
        self.frames.append(frame)
        self.heard.set()
        self.client.hear(frame)

    async def join(self, bus: MemoryBus, user: UserId) -> Start:
        client = self.client
        last = Position(client.epoch, client.seq) if client.started else None
        start = await bus.join(user, last, self)
        if isinstance(start, Snapshot):
            client.hear(snapshot(start))
        else:
            for entry in start.entries:
                client.hear(encode_entry(start.position.epoch, entry))
        return start


@dataclass
class Timer:
    """Keeps what is to happen later until the test runs it."""

    actions: list[Callable[[], None]] = field(default_factory=list)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        assert seconds == INTERVAL_S
        self.actions.append(action)

    def come(self) -> None:
        actions, self.actions = self.actions, []
        for action in actions:
            action()


def thing(id: str, rev: int = 1) -> bytes:
    return orjson.dumps({"id": id, "rev": rev})


def test_it_is_what_the_use_cases_and_the_sockets_expect() -> None:
    bus = MemoryBus()
    publisher: Publisher = bus
    streams: Streams = bus
    publisher.publish([ALICE], "card", "c", thing("c"))
    assert streams.head(ALICE).seq == 1


async def test_each_page_of_a_user_gets_it_and_no_other_page_does() -> None:
    bus, first, second, other = MemoryBus(), Page(), Page(), Page()
    await first.join(bus, ALICE)
    await second.join(bus, ALICE)
    await other.join(bus, BOB)
    bus.publish([ALICE], "card", "c", thing("c"))
    assert first.client.cards == second.client.cards == {"c": {"id": "c", "rev": 1}}
    assert other.frames == []


async def test_a_frame_is_encoded_once_for_all_pages_of_a_user() -> None:
    bus, first, second = MemoryBus(), Page(), Page()
    await first.join(bus, ALICE)
    await second.join(bus, ALICE)
    bus.publish([ALICE], "card", "c", thing("c"))
    assert first.frames[0] is second.frames[0]


async def test_a_page_that_comes_late_sees_what_is_and_not_what_is_gone() -> None:
    bus, page = MemoryBus(), Page()
    bus.publish([ALICE], "card", "stays", thing("stays"))
    bus.publish([ALICE], "card", "leaves", thing("leaves"))
    bus.publish([ALICE], "card", "leaves", thing("leaves", 2), gone=True)
    await page.join(bus, ALICE)
    assert set(page.client.cards) == {"stays"}


async def test_a_page_that_comes_back_hears_only_what_it_missed() -> None:
    bus, page = MemoryBus(), Page()
    await page.join(bus, ALICE)
    bus.leave(ALICE, page)
    bus.publish([ALICE], "card", "c", thing("c"))
    assert page.frames == []
    start = await page.join(bus, ALICE)
    assert isinstance(start, Resumed)
    assert [entry.seq for entry in start.entries] == [1]


async def test_a_page_of_another_process_starts_anew() -> None:
    before, after, page = MemoryBus(), MemoryBus(), Page()
    await page.join(before, ALICE)
    before.publish([ALICE], "card", "c", thing("c"))
    after.publish([ALICE], "card", "d", thing("d"))
    assert isinstance(await page.join(after, ALICE), Snapshot)
    assert set(page.client.cards) == {"d"}


async def test_all_supervisors_share_one_payload() -> None:
    bus = MemoryBus()
    payload = thing("call")
    bus.publish([SUE, SAM], "call", "call", payload)
    starts = [await Page().join(bus, user) for user in (SUE, SAM)]
    assert all(isinstance(start, Snapshot) and start.calls[0] is payload for start in starts)


async def test_leaving_twice_or_without_having_come_is_no_harm() -> None:
    bus, page = MemoryBus(), Page()
    bus.leave(ALICE, page)
    await page.join(bus, ALICE)
    assert bus.readers(ALICE) == 1
    bus.leave(ALICE, page)
    bus.leave(ALICE, page)
    assert bus.readers(ALICE) == 0


async def test_cards_never_wait_but_calls_do_until_a_page_has_capacity() -> None:
    timer = Timer()
    bus, page = MemoryBus(timer.later), Page(room=0)
    await page.join(bus, SUE)
    for rev in (1, 2, 3):
        bus.publish([SUE], "call", "a", thing("a", rev))
        bus.publish([SUE], "call", "b", thing("b", rev))
    bus.publish([SUE], "card", "c", thing("c"))
    assert set(page.client.cards) == {"c"}
    assert page.client.calls == {}
    timer.come()
    assert page.client.calls == {}
    page.room = 1
    timer.come()
    assert page.client.calls == {"a": {"id": "a", "rev": 3}}
    timer.come()
    assert page.client.calls["b"] == {"id": "b", "rev": 3}
    timer.come()
    assert timer.actions == []
    assert page.client.gaps == 0
    assert len(page.frames) == 3


async def test_changes_of_one_interval_are_sent_once_at_its_end() -> None:
    timer = Timer()
    bus, page = MemoryBus(timer.later), Page()
    await page.join(bus, SUE)
    bus.publish([SUE], "call", "a", thing("a", 1))
    assert page.client.calls["a"]["rev"] == 1  # the first of them does not wait
    for rev in (2, 3, 4):
        bus.publish([SUE], "call", "a", thing("a", rev))
        bus.publish([SUE], "call", "b", thing("b", rev))
    assert len(page.frames) == 1
    timer.come()
    assert page.client.calls["a"]["rev"] == 4
    assert len(page.frames) == 3
    bus.publish([SUE], "call", "a", thing("a", 5))
    assert len(page.frames) == 3
    timer.come()
    timer.come()
    assert timer.actions == []
    assert page.client.calls["a"]["rev"] == 5
    bus.publish([SUE], "call", "a", thing("a", 6))
    assert page.client.calls["a"]["rev"] == 6


async def test_the_slowest_page_does_not_hold_the_others_up() -> None:
    bus, slow, quick = MemoryBus(Timer().later), Page(room=0), Page()
    await slow.join(bus, SUE)
    await quick.join(bus, SUE)
    bus.publish([SUE], "call", "a", thing("a"))
    assert set(quick.client.calls) == set(slow.client.calls) == {"a"}


async def test_what_waited_for_a_page_that_left_is_in_the_next_pages_picture() -> None:
    timer = Timer()
    bus, gone, fresh = MemoryBus(timer.later), Page(room=0), Page()
    await gone.join(bus, SUE)
    bus.publish([SUE], "call", "a", thing("a"))
    bus.leave(SUE, gone)
    timer.come()
    await fresh.join(bus, SUE)
    assert set(fresh.client.calls) == {"a"}


async def test_the_running_loop_brings_what_waited() -> None:
    bus, page = MemoryBus(), Page(room=0)
    await page.join(bus, SUE)
    bus.publish([SUE], "call", "a", thing("a"))
    page.room = 5
    async with asyncio.timeout(5):
        await page.heard.wait()
    assert set(page.client.calls) == {"a"}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from(["card", "call", "pbx"]), st.integers(0, 3)),
        st.tuples(st.just("gone"), st.sampled_from(["card", "call"]), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.integers(0, 1)),
        st.tuples(st.just("join"), st.integers(0, 1)),
        st.tuples(st.just("room"), st.integers(0, 1), st.integers(0, 3)),
        st.tuples(st.just("later")),
    ),
    max_size=80,
)


@given(STEPS)
async def test_whatever_happens_all_pages_end_with_the_same_true_picture(
    steps: list[tuple[str, ...]],
) -> None:
    timer = Timer()
    bus, reading = MemoryBus(timer.later), set[int]()
    pages = (Page(room=0), Page(room=0))
    truth: dict[tuple[str, str], int] = {}
    for rev, step in enumerate(steps, start=1):
        match step:
            case ("publish", kind, key):
                truth[kind, str(key)] = rev
                bus.publish([SUE], kind, str(key), thing(str(key), rev))
            case ("gone", kind, key):
                truth.pop((kind, str(key)), None)
                bus.publish([SUE], kind, str(key), thing(str(key), rev), gone=True)
            case ("leave", which):
                reading.discard(int(which))
                bus.leave(SUE, pages[int(which)])
            case ("join", which) if int(which) not in reading:
                reading.add(int(which))
                await pages[int(which)].join(bus, SUE)
            case ("room", which, room):
                pages[int(which)].room = int(room)
            case _:
                timer.come()
    for index, page in enumerate(pages):
        page.room = 1000
        if index not in reading:
            await page.join(bus, SUE)
    timer.come()
    for page in pages:
        assert page.client.gaps == 0
        cards, calls, states = page.client.picture
        known = {("card", key): one["rev"] for key, one in cards.items()}
        known |= {("call", key): one["rev"] for key, one in calls.items()}
        known |= {("pbx", key): one["rev"] for key, one in states.items()}
        assert known == truth
