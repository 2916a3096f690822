"""Webhooks from the queue in the database to a real HTTP server."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screenpop.accounts.users import UserId
from screenpop.app import webhook_sender
from screenpop.app.webhook_sender import SenderConfig, WebhookSender
from screenpop.calls.events import Direction
from screenpop.customers.models import CustomerId
from screenpop.customers.retention import LEAP_S
from screenpop.service.ports import CardDelivery
from screenpop.store.customers.hidden_files import hide_file
from screenpop.store.engine.database import Database, open_database
from screenpop.store.privacy.clock_record import look_at_clock
from screenpop.store.webhooks.deliveries import count_waiting, list_deliveries, queue_test
from screenpop.store.webhooks.targets import (
    NewTarget,
    create_target,
    list_targets,
    switch_target,
)
from screenpop.webhooks.addresses import TargetRules, parse_networks
from screenpop.webhooks.events import CHOSEN_TYPES
from screenpop.webhooks.targets import Delivery, Target, TargetShape
from tests.app.webhook_receiver import Receiver, receiver
from tests.store.samples import LALEH, add_customer, add_user, changed, finished_call

pytestmark = pytest.mark.anyio

LOOPBACK = TargetRules(parse_networks(["127.0.0.0/8"]))
FAILS = b"HTTP/1.1 500 Broken\r\n\r\n"
START = time.time() + 86_400
"""After the times that the call log writes."""


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(database: Database) -> Database:
    """A database with one agent, whose call log is written."""
    await add_user(database)
    database.log.start()
    return database


def config(**changes: Any) -> SenderConfig:
    usual = SenderConfig(LOOPBACK, ZoneInfo("UTC"), 5.0, look_every_s=0.01, feed_every_s=0.01)
    return replace(usual, **changes)


@asynccontextmanager
async def sending(
    database: Database, clock: Clock, **changes: Any
) -> AsyncGenerator[WebhookSender]:
    sender = WebhookSender(database, config(**changes), clock)
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def target(database: Database, server: Receiver, **changes: Any) -> Target:
    usual = NewTarget("CRM", server.url, TargetShape.STANDARD, frozenset(CHOSEN_TYPES))
    number, server.secret = await create_target(
        database, replace(usual, **changes), user_id=UserId(1), now=START
    )
    return await current(database, number)


async def current(database: Database, number: int) -> Target:
    return next(one for one in await list_targets(database) if one.id == number)


async def call(
    database: Database, call_id: str = "1.1", customer: CustomerId | None = None
) -> None:
    """Log a call of one agent from ring to end."""
    card = CardDelivery(UserId(1), "101", START, None, None, None, None)
    record = replace(finished_call(call_id, customer=customer), painted=(card,))
    database.log.keep(record)
    await database.log.flush()


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while True:
            if await check():
                return
            await asyncio.sleep(0.01)


async def settled(database: Database, number: int, count: int, state: str) -> None:
    """Wait until so many deliveries of a target are in this state."""

    async def are_settled() -> bool:
        found = await list_deliveries(database, number)
        return sum(one.state == state for one in found) == count

    await until(are_settled)


async def newest(database: Database, number: int) -> Delivery:
    return (await list_deliveries(database, number))[0]


async def test_a_call_arrives_signed_in_order_with_what_the_target_may_know(
    office: Database, clock: Clock
) -> None:
    customer = await add_customer(office, "Karimi", LALEH)
    async with receiver() as server, receiver() as other:
        plain = await target(office, server, with_numbers=False)
        named = await target(office, other, with_names=True)
        async with sending(office, clock):
            await call(office, customer=customer)
            await server.has(3)
            await other.has(3)
            await settled(office, plain.id, 3, "delivered")
            await settled(office, named.id, 3, "delivered")
        assert server.types == ["call.ringing", "call.answered", "call.ended"]
        assert b"98912" not in repr(server.requests).encode()
        assert "Laleh" not in repr(server.requests)
        ended = other.requests[2]["data"]
        assert ended["number"] == "+989123456789"
        assert ended["customer"] == {"id": customer, "name": "Laleh Karimi"}
        assert ended["agents"] == [{"id": 1, "username": "maryam", "name": "Maryam"}]
        # The same record once more, as a late receipt makes one, sends nothing again.
        await call(office, customer=customer)
        assert await count_waiting(office) == {}
    # What was delivered leaves only its id, type, status and time.
    for one in await list_deliveries(office, plain.id):
        assert (one.event.number, one.event.data, one.event.customer) == ("", {}, None)
        assert (one.status, one.attempts) == (204, 1)


@pytest.mark.defends("hidden-files")
async def test_a_customer_with_a_hidden_file_has_no_name_for_programs(
    office: Database, clock: Clock
) -> None:
    customer = await add_customer(office, "Karimi", LALEH)
    await hide_file(office, customer, [], user_id=UserId(1), now=START)
    async with receiver() as server:
        named = await target(office, server, with_names=True)
        async with sending(office, clock):
            await call(office, customer=customer)
            await settled(office, named.id, 3, "delivered")
        assert server.requests[2]["data"]["customer"] == {"id": customer}


@pytest.mark.slow
async def test_a_target_that_fails_for_a_day_delays_no_other_and_receives_all_in_order(
    office: Database, clock: Clock
) -> None:
    async with receiver() as broken, receiver() as good:
        broken.usual = FAILS
        failing = await target(office, broken, name="A")
        await target(office, good, name="B")
        async with sending(office, clock):
            for number in range(3):
                await call(office, f"{number}.1")
            await good.has(9)
            await broken.has(1)
            for hours in range(24):
                clock.now = START + 3600 * (hours + 1)
                await call(office, f"later.{hours}")
            await good.has(9 + 24 * 3)
            # One attempt, then a pause: not one for each event.
            seen = await current(office, failing.id)
            assert seen.failing_since == START
            assert seen.paused_until is not None
            assert len(broken.requests) == seen.failures
            broken.usual = b"HTTP/1.1 200 OK\r\n\r\n"
            sent_before = len(broken.requests)
            clock.now = seen.paused_until + 1
            await settled(office, failing.id, 50, "delivered")
            await broken.has(sent_before + 81)
        first = broken.requests[0]["data"]["call"]["id"]
        received = broken.requests[sent_before:]
        assert [one["type"] for one in received if one["data"]["call"]["id"] == first] == [
            *("call.ringing", "call.answered", "call.ended"),
        ]
        healthy = await current(office, failing.id)
        assert (healthy.failures, healthy.failing_since) == (0, None)


async def test_what_was_not_delivered_is_delivered_by_the_next_run_with_the_same_id(
    sqlite_url: str, clock: Clock
) -> None:
    first = open_database(sqlite_url)
    await add_user(first)
    first.log.start()
    async with receiver(None) as server:
        server.hold = asyncio.Event()
        await target(first, server)
        async with sending(first, clock):
            await call(first)
            await server.has(1)  # the attempt is under way while the process ends
        server.hold.set()
        await first.close()
        server.answers.clear()
        second = open_database(sqlite_url)
        async with sending(second, clock):
            await server.has(4)
        await second.close()
        ids = [one["webhook-id"] for one in server.headers]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3


@pytest.mark.defends("outgoing-redirects")
@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302, "redirect"),
        (b"HTTP/1.1 500 No\r\n\r\n", 500, ""),
        (b"nonsense\r\n", None, "answer"),
        (b"\xff" * 200_000, None, "answer"),
        (None, None, "answer"),
    ],
)
async def test_a_bad_answer_has_its_reason_and_is_tried_again(
    office: Database, clock: Clock, answer: bytes | None, status: int | None, problem: str
) -> None:
    async with receiver(answer) as server:
        made = await target(office, server)
        async with sending(office, clock):
            await queue_test(office, made, START)
            await server.has(1)

            async def has_failed() -> bool:
                return (await current(office, made.id)).failures > 0

            await until(has_failed)
            [one] = await list_deliveries(office, made.id)
            assert (one.status, one.problem, one.attempts) == (status, problem, 1)
            assert 4 <= one.next_at - START <= 6
            clock.now += 7
            await server.has(2)
            await settled(office, made.id, 1, "delivered")


@pytest.mark.defends("webhook-addresses")
async def test_private_addresses_silent_targets_and_removed_hosts_are_refused_with_a_reason(
    office: Database, clock: Clock
) -> None:
    async with receiver() as server:
        made = await target(office, server)
        cases = [
            ("address", {"rules": TargetRules(parse_networks(["10.0.0.0/8"]))}),
            ("needs_https", {"rules": TargetRules()}),
            ("bad_host", {"rules": replace(LOOPBACK, hosts=frozenset({"a.gr"}))}),
        ]
        await queue_test(office, made, START)
        for place, (problem, change) in enumerate(cases, 1):

            async def was_tried(times: int = place) -> bool:
                return (await newest(office, made.id)).attempts >= times

            async with sending(office, clock, **change):
                await until(was_tried)
            assert (await list_deliveries(office, made.id))[0].problem == problem
            clock.now += 20_000
        assert server.requests == []
        server.hold = asyncio.Event()
        async with sending(office, clock, timeout_s=0.05):

            async def is_late() -> bool:
                return (await newest(office, made.id)).problem == "timeout"

            await until(is_late)
        server.hold.set()


async def test_410_switches_the_target_off_and_drops_what_waits(
    office: Database, clock: Clock
) -> None:
    async with receiver(b"HTTP/1.1 410 Gone\r\n\r\n") as server:
        made = await target(office, server)
        await call(office)
        async with sending(office, clock):
            await settled(office, made.id, 3, "gone")
            off = await current(office, made.id)
            assert (off.is_active, off.off_reason) == (False, "gone")
            await call(office, "2.1")
            assert len(await list_deliveries(office, made.id)) == 3
            assert await switch_target(office, made.id, is_on=True)
            await call(office, "3.1")
            await server.has(4)


async def test_an_event_that_a_target_refuses_holds_back_only_its_own_call(
    office: Database, clock: Clock
) -> None:
    async with receiver(b"HTTP/1.1 422 No\r\n\r\n") as server:
        made = await target(office, server)
        await call(office, "1.1")
        await call(office, "2.1")
        async with sending(office, clock):
            await settled(office, made.id, 3, "delivered")
            assert {one["data"]["call"]["id"] for one in server.requests[1:]} == {"2.1"}
            assert not (await current(office, made.id)).failures
            clock.now += 10
            await settled(office, made.id, 6, "delivered")


async def test_an_event_is_given_up_after_its_time_and_finished_ones_are_forgotten(
    office: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sender, "_CLEAN_EVERY_S", 0.0)
    async with receiver() as server:
        server.usual = FAILS
        made = await target(office, server)
        await look_at_clock(office, START - 86_400)  # before there is a call: it is right
        await call(office)
        [*_, oldest] = await list_deliveries(office, made.id)
        clock.now = oldest.made_at
        async with sending(office, clock, give_up_s=100.0, keep_s=1000.0):
            await server.has(1)

            async def have_failed(attempts: int) -> bool:
                return (await current(office, made.id)).failures == attempts

            await until(lambda: have_failed(1))
            clock.now = oldest.made_at + 99
            await until(lambda: have_failed(2))
            clock.now = START + LEAP_S + 100  # the clock leaps: nothing is given up
            await until(lambda: have_failed(3))
            states = [one.state for one in await list_deliveries(office, made.id)]
            assert sorted(states) == ["given_up", "waiting", "waiting"]  # the first one at 99 s
            clock.now = oldest.made_at + 101
            await settled(office, made.id, 3, "given_up")
            clock.now = oldest.made_at + 1100

            async def are_forgotten() -> bool:
                return not await list_deliveries(office, made.id)

            await until(are_forgotten)


async def test_zammad_receives_its_three_events(office: Database, clock: Clock) -> None:
    async with receiver() as server:
        made = await target(office, server, shape=TargetShape.ZAMMAD)
        async with sending(office, clock):
            office.log.keep(changed(finished_call("9.9"), direction=Direction.INTERNAL))
            await call(office)
            await queue_test(office, made, START)
            await server.has(5)
    # The test has an order of its own, beside that of the call.
    of_call = [one for one in server.requests if not one["callId"].startswith("test/")]
    assert [(one["event"], one.get("answeringNumber")) for one in of_call] == [
        ("newCall", None),
        ("answer", "101"),
        ("hangup", None),
    ]
    assert of_call[0]["user"] == ["Maryam"]
    tests = [one["event"] for one in server.requests if one["callId"].startswith("test/")]
    assert tests == ["newCall", "hangup"]


async def test_what_waits_is_measured_every_ten_seconds(
    office: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiver() as server:
        server.usual = FAILS
        await target(office, server)
        await call(office)
        async with sending(office, clock) as sender:
            await until(lambda: waits_more(sender, 0))
            first = sender.queue
            await call(office, "2.1")
            # The next look is ten seconds away, or at once where it is due.
            assert sender.queue is first
            assert first.oldest_at is not None
            monkeypatch.setattr(webhook_sender, "_MEASURE_EVERY_S", 0.0)
            await until(lambda: waits_more(sender, first.waiting))


async def waits_more(sender: WebhookSender, than: int) -> bool:
    return sender.queue.waiting > than
