"""A request that was sent again runs once, through whichever process and at whichever listener."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screenpop.bus.redis_connection import BusUnreachableError
from screenpop.bus.redis_entries import BusKeys
from screenpop.bus.redis_requests import RequestReceiver, RequestSender
from screenpop.bus.redis_scripts import ADD_ANSWERS
from screenpop.bus.request_dedup import (
    LONG_BYTES,
    LONG_ONCE_S,
    MAX_RECENT,
    NOT_KNOWN,
    ONCE_S,
    RequestDedup,
    kept_s,
)
from tests.bus.redis_office import RedisOffice, lose_next_reply, until

pytestmark = pytest.mark.anyio
names = count(1)


@dataclass
class Office:
    """Web processes and one listener after the other; what they ran."""

    office: RedisOffice
    senders: list[RequestSender] = field(default_factory=list)
    receiver: RequestReceiver | None = None
    ran: Counter[str] = field(default_factory=Counter)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    fence: int = 0
    _listening: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.may_end.set()
        self.senders = [RequestSender(self.office.config, f"web{n}") for n in range(3)]
        for sender in self.senders:
            self.office.start(sender.run())

    async def handle(self, kind: str, body: Mapping[str, object]) -> Mapping[str, object]:
        name, fence = str(body["name"]), self.fence
        self.ran[name] += 1
        await self.may_end.wait()
        return {"by": fence, "text": kind}

    async def take_over(self) -> None:
        """End the listener, whatever it is doing, and start the next one."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self.fence += 1
        self.receiver = RequestReceiver(self.office.config, self.fence)
        self._listening = asyncio.create_task(self.receiver.run(self.handle))

    async def ask(self, web: int, name: str, kind: str = "note") -> Mapping[str, object]:
        return await self.senders[web].ask(kind, {"name": name}, 20.0, once=name)

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)


def key_of(office: RedisOffice, name: str) -> str:
    return BusKeys(office.config.prefix, office.config.database).once(name)


async def test_request_sent_again_to_another_process_runs_once_and_has_the_same_answer(
    office: RedisOffice,
) -> None:
    here = Office(office)
    here.may_end.clear()
    await here.take_over()
    first = asyncio.create_task(here.ask(0, "1:a"))
    await until(lambda: here.ran["1:a"] == 1)
    while_it_runs = asyncio.create_task(here.ask(1, "1:a"))
    assert here.receiver is not None
    lose_next_reply(here.receiver._writing, ADD_ANSWERS)
    here.may_end.set()
    answer = {"by": 1, "text": "note"}
    assert [await first, await while_it_runs, await here.ask(2, "1:a")] == [answer] * 3
    await here.ask(0, "2:a")
    assert here.ran == {"1:a": 1, "2:a": 1}

    await office.redis.call("DEL", key_of(office, "1:a"))  # A Redis that lost its data.
    assert await here.ask(1, "1:a") == answer
    await here.take_over()
    assert [await here.ask(web, "1:a") for web in (0, 1)] == [answer] * 2
    assert here.ran["1:a"] == 1
    await here.stop()


async def test_request_that_a_listener_began_before_it_ended_is_not_begun_again(
    office: RedisOffice,
) -> None:
    here = Office(office)
    here.may_end.clear()
    await here.take_over()
    lost = asyncio.create_task(here.ask(0, "1:a"))
    await until(lambda: here.ran["1:a"] == 1)
    await here.take_over()
    here.may_end.set()
    assert await here.ask(1, "1:a") == NOT_KNOWN
    lost.cancel()
    for odd in (b"{", b'{"ask":1}'):
        await office.redis.call("SET", key_of(office, "1:b"), odd)
        assert await here.ask(1, "1:b") == NOT_KNOWN
    await office.redis.call("DEL", key_of(office, "1:b"))
    await office.redis.call("LPUSH", key_of(office, "1:b"), "no text")
    assert (await here.ask(1, "1:b"))["by"] == 2
    await here.stop()


async def test_request_that_came_too_late_to_be_taken_may_be_sent_again(
    office: RedisOffice,
) -> None:
    here = Office(office)
    with pytest.raises(BusUnreachableError):
        await here.senders[0].ask("note", {"name": "1:a"}, 0.05, once="1:a")
    await here.take_over()
    assert (await here.ask(1, "1:a"))["by"] == 1
    assert here.ran["1:a"] == 1
    assert here.receiver is not None
    assert here.receiver.outdated <= 1  # None where it was not written in time.
    await here.stop()


async def test_long_answers_are_kept_for_a_minute_and_others_for_longer(
    office: RedisOffice,
) -> None:
    assert [kept_s(b"x" * (LONG_BYTES + more)) for more in (0, 1)] == [ONCE_S, LONG_ONCE_S]
    here = Office(office)
    await here.take_over()
    for name, kind, most_s in (("1:a", "x", ONCE_S), ("1:b", "x" * LONG_BYTES, LONG_ONCE_S)):
        await here.ask(0, name, kind)
        left_s = await office.redis.call("TTL", key_of(office, name))
        assert isinstance(left_s, int)
        assert most_s - 30 < left_s <= most_s
    await here.stop()


async def test_so_many_answers_are_kept_in_the_process() -> None:
    dedup, ran = RequestDedup(), list[int]()

    async def work() -> Mapping[str, object]:
        ran.append(1)
        return {}

    for number in range(MAX_RECENT):
        await dedup.answer(str(number), None, work)
    await dedup.answer("0", b"", work)
    assert len(ran) == MAX_RECENT
    await dedup.answer("one more", None, work)
    assert await dedup.answer("1", b"", work) == {}
    assert await dedup.answer("0", b"", work) == NOT_KNOWN
    assert len(ran) == MAX_RECENT + 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.sampled_from(["take over", "hold", "go on", "settle"])),
    ),
    max_size=15,
)


@pytest.fixture
def running() -> list[Office]:
    """What the first example starts."""
    return []


@given(STEPS)
@example([("hold",), ("ask", 0, 0), ("settle",), ("take over",), ("ask", 1, 0), ("go on",)])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_happens_a_request_runs_once_at_most_and_has_one_answer(
    office: RedisOffice, running: list[Office], steps: list[tuple[str | int, ...]]
) -> None:
    if not running:
        running.append(Office(office))
        await running[0].take_over()
    requests = Requests(running[0])
    for step in steps:
        await requests.do(step)
    running[0].may_end.set()
    await requests.check()


@dataclass
class Requests:
    """Those of one example."""

    here: Office
    base: int = field(default_factory=lambda: next(names))
    asked: list[tuple[str, asyncio.Task[Mapping[str, object]]]] = field(default_factory=list)
    unanswered: set[asyncio.Task[Mapping[str, object]]] = field(default_factory=set)
    """Those that a listener may have taken before it ended: their senders would wait in vain."""

    async def do(self, step: tuple[str | int, ...]) -> None:
        match step:
            case ("ask", int(web), int(number)):
                name = f"{self.base}:{number}"
                self.asked.append((name, asyncio.create_task(self.here.ask(web, name))))
            case ("take over",):
                await self.here.take_over()
                self.unanswered |= {task for _, task in self.asked if not task.done()}
            case ("hold",):
                self.here.may_end.clear()
            case ("go on",):
                self.here.may_end.set()
            case _:
                await asyncio.sleep(0.005)

    async def check(self) -> None:
        answers: dict[str, set[str]] = {}
        for name, task in self.asked:
            if task not in self.unanswered and (answer := await task) != NOT_KNOWN:
                answers.setdefault(name, set()).add(str(answer))
        for task in self.unanswered:
            task.cancel()
        await asyncio.gather(*self.unanswered, return_exceptions=True)
        assert max(self.here.ran.values(), default=1) == 1
        assert [found for found in answers.values() if len(found) > 1] == []
