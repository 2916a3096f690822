"""Requests through Redis: each is taken once, in order, and answered."""

import asyncio
from collections.abc import Mapping

import orjson
import pytest

from screenpop.bus import redis_requests
from screenpop.bus.redis_connection import BusUnreachableError
from screenpop.bus.redis_entries import BusKeys
from screenpop.bus.redis_requests import (
    AT_ONCE,
    MAX_AGE_S,
    MAX_WAITING,
    RequestReceiver,
    RequestSender,
)
from screenpop.bus.redis_scripts import ADD_REQUESTS
from screenpop.service.ports import FencedOutError
from tests.bus.redis_office import RedisOffice, lose_next_reply, until

pytestmark = pytest.mark.anyio


class Listener:
    """Keeps what it was asked, and answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    async def handle(self, kind: str, body: Mapping[str, object]) -> Mapping[str, object] | None:
        if kind == "takes a turn":
            await asyncio.sleep(0)
        self.heard.append((kind, body.get("n")))
        if kind == "fails":
            raise ValueError("as this test wants it")
        if kind == "no JSON":
            return {"value": object()}
        return None if kind == "nothing" else {"n": body.get("n"), "by": "listener"}


def sender_of(office: RedisOffice, name: str = "web") -> RequestSender:
    sender = RequestSender(office.config, name)
    office.start(sender.run())
    return sender


def receiver_of(office: RedisOffice, listener: Listener, fence: int = 1) -> RequestReceiver:
    receiver = RequestReceiver(office.config, fence)
    office.start(receiver.run(listener.handle))
    return receiver


async def test_each_request_is_answered_to_the_process_that_asks(office: RedisOffice) -> None:
    listener = Listener()
    receiver_of(office, listener)
    first, second = sender_of(office), sender_of(office)
    answers = await asyncio.gather(
        *(one.ask("call", {"n": n}) for n in (1, 2) for one in (first, second))
    )
    assert [answer["n"] for answer in answers] == [1, 1, 2, 2]
    assert await first.ask("nothing", {}) == {}
    assert sorted(map(str, listener.heard)) == sorted(
        ["('call', 1)", "('call', 1)", "('call', 2)", "('call', 2)", "('nothing', None)"]
    )


async def test_requests_without_answers_are_handled_in_order(office: RedisOffice) -> None:
    listener, sender = Listener(), sender_of(office)
    count = AT_ONCE + 1
    for n in range(count):
        sender.send("receipt", {"n": n})
    receiver_of(office, listener)
    await until(lambda: len(listener.heard) == count)
    assert listener.heard == [("receipt", n) for n in range(count)]


async def test_a_request_begins_after_those_that_its_process_sent_before(
    office: RedisOffice,
) -> None:
    listener, sender = Listener(), sender_of(office)
    receiver_of(office, listener)
    for n in range(5):
        sender.send("takes a turn", {"n": n})
    await sender.ask("call", {"n": 5})
    assert [n for _, n in listener.heard] == list(range(6))


async def test_a_request_is_taken_once_also_when_the_reply_to_its_sender_was_lost(
    office: RedisOffice,
) -> None:
    listener, sender = Listener(), sender_of(office)
    receiver_of(office, listener)
    lose_next_reply(sender._writing, ADD_REQUESTS)
    sender.send("receipt", {"n": 1})
    sender.send("receipt", {"n": 2})
    await sender.ask("call", {"n": 3})
    await until(lambda: not sender._in_flight)
    await sender.ask("call", {"n": 4})
    sender.send("receipt", {"n": 5})
    await until(lambda: ("receipt", 5) in listener.heard)
    assert sorted(str(number) for _, number in listener.heard) == list("12345")


async def test_a_failure_is_answered_and_the_next_ones_are_handled(
    office: RedisOffice, caplog: pytest.LogCaptureFixture
) -> None:
    listener, sender = Listener(), sender_of(office)
    receiver_of(office, listener)
    assert await sender.ask("fails", {}) == {"error": "failed"}
    assert await sender.ask("no JSON", {}) == {"error": "failed"}
    sender.send("fails", {"card": "office/1795315000.7/3"})
    sender.send("after", {})
    await until(lambda: ("after", None) in listener.heard)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3
    assert getattr(caplog.records[-1], "call", "") == "1795315000.7"


async def test_without_a_listener_an_error_has_the_remedy_and_the_request_is_not_taken_later(
    office: RedisOffice,
) -> None:
    listener, sender = Listener(), sender_of(office)
    for kind in ("late", "a while after it"):
        with pytest.raises(BusUnreachableError, match="screenpop listen"):
            await sender.ask(kind, {}, timeout_s=0.05)
    sender.send("kept", {})
    receiver = receiver_of(office, listener)
    await until(lambda: ("kept", None) in listener.heard)
    assert ("late", None) not in listener.heard
    assert receiver.outdated >= 1


@pytest.mark.parametrize(("age_s", "is_taken"), [(MAX_AGE_S - 5, True), (MAX_AGE_S + 1, False)])
async def test_what_a_previous_listener_left_is_taken_unless_it_is_old(
    office: RedisOffice, age_s: float, is_taken: bool
) -> None:
    keys, listener = BusKeys(office.config.prefix, office.config.database), Listener()
    time = await office.redis.call("TIME")
    assert isinstance(time, list)
    id = f"{int((int(time[0]) - age_s) * 1000)}-1"
    request = orjson.dumps({"from": "w", "kind": "left", "ask": 0, "within_s": 30, "body": {}})
    await office.redis.call("XADD", keys.requests, id, "request", request)
    await office.redis.call("XADD", keys.requests, "*", "request", request)
    receiver_of(office, listener)
    await until(lambda: len(listener.heard) == 1 + is_taken)
    assert await office.redis.call("XLEN", keys.requests) == 0


async def test_a_receiver_ends_when_a_newer_listener_has_taken_over(
    office: RedisOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_requests, "BLOCK_MS", 20)
    old, new, sender = Listener(), Listener(), sender_of(office)
    receiver_of(office, new, fence=8)
    await sender.ask("call", {})
    with pytest.raises(FencedOutError):
        await RequestReceiver(office.config, 7).run(old.handle)
    assert old.heard == []
    assert len(new.heard) == 1


async def test_rubbish_of_other_programs_is_skipped_and_counted(office: RedisOffice) -> None:
    keys, listener = BusKeys(office.config.prefix, office.config.database), Listener()
    await office.redis.call("SET", keys.requests, "no stream")
    receiver, sender = receiver_of(office, listener), sender_of(office)
    answers = keys.answers(sender._sender)
    await office.redis.call("LPUSH", answers, "no stream")
    await office.redis.call("SET", keys.fence, "rubbish")
    assert (await sender.ask("call", {"n": 1}))["n"] == 1
    for value in (b"{", b"\xff", b"[]", b'{"kind":1}'):
        await office.redis.call("XADD", keys.requests, "*", "request", value)
        await office.redis.call("XADD", answers, "*", "answer", value)
    assert (await sender.ask("call", {"n": 2}))["n"] == 2
    assert (receiver.skipped, sender.skipped) == (4, 4)


async def test_the_oldest_of_too_many_waiting_requests_is_dropped_and_counted(
    office: RedisOffice,
) -> None:
    sender = RequestSender(office.config, "web")
    asked = asyncio.create_task(sender.ask("first", {}))
    await asyncio.sleep(0)
    for n in range(MAX_WAITING - 1):
        sender.send("receipt", {"n": n})
    assert sender.dropped == 0
    sender.send("receipt", {"n": MAX_WAITING})
    assert sender.dropped == 1
    with pytest.raises(BusUnreachableError, match="too many"):
        await asked
