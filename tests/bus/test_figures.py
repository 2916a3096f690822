"""What the bus counts and sees is among the figures of both processes."""

import asyncio
from collections.abc import Iterable, Mapping

import orjson
import pytest
from prometheus_client.core import Metric

from screenpop.app.bus_metrics import listener_bus_metrics, web_bus_metrics
from screenpop.bus.redis_entries import BusKeys
from screenpop.bus.redis_requests import MAX_AGE_S, RequestReceiver, RequestSender
from screenpop.bus.redis_streams import RedisStreams
from tests.bus.redis_office import RedisOffice, until
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio


def read(figures: Iterable[Metric]) -> dict[str, float]:
    return {
        "|".join((sample.name.removeprefix("screenpop_"), *sample.labels.values())): sample.value
        for figure in figures
        for sample in figure.samples
    }


async def answer(_kind: str, _body: Mapping[str, object]) -> Mapping[str, object] | None:
    return {}


async def test_unreadable_and_outdated_messages_are_figures_by_what_they_should_have_been(
    office: RedisOffice,
) -> None:
    keys = BusKeys(office.config.prefix, office.config.database)
    publisher, streams = await office.listener(), await office.web()
    receiver, sender = RequestReceiver(office.config, 1), RequestSender(office.config, "web")
    time = await office.redis.call("TIME")
    assert isinstance(time, list)
    request = orjson.dumps({"from": "w", "kind": "x", "ask": 0, "within_s": 30, "body": {}})
    old_id = f"{(int(time[0]) - int(MAX_AGE_S) - 1) * 1000}-1"
    await office.redis.call("XADD", keys.requests, old_id, "request", request)
    await office.redis.call("XADD", keys.requests, "*", "request", b"[]")
    office.start(receiver.run(answer))
    office.start(sender.run())
    await sender.ask("x", {})
    await office.redis.call("XADD", keys.answers(sender._sender), "*", "answer", b"{")
    await office.redis.call("PUBLISH", keys.beats, b"rubbish")
    await office.redis.call("PUBLISH", keys.presence, b"rubbish")
    await sender.ask("x", {})
    await until(lambda: streams.skipped == 1 and publisher.skipped == 1)
    assert read(web_bus_metrics(streams, sender)) == {
        "bus_live": 1.0,
        "bus_connected": 1.0,
        "bus_requests_dropped_total": 0.0,
        "bus_unreadable_total|stream": 1.0,
        "bus_unreadable_total|answer": 1.0,
    }
    assert read(listener_bus_metrics(publisher, receiver)) == {
        "bus_waiting": 0.0,
        "bus_connected": 1.0,
        "bus_requests_outdated_total": 1.0,
        "bus_unreadable_total|presence": 1.0,
        "bus_unreadable_total|request": 1.0,
    }


async def test_redis_that_is_away_and_a_listener_that_is_away_are_different_figures(
    office: RedisOffice, redis_server: RedisServer
) -> None:
    streams, sender = RedisStreams(office.config, "web"), RequestSender(office.config, "web")
    office.start(streams.run())

    def figures() -> tuple[float, float]:
        found = read(web_bus_metrics(streams, sender))
        return found["bus_connected"], found["bus_live"]

    await until(lambda: figures() == (1.0, 0.0))
    await asyncio.to_thread(redis_server.kill)
    try:
        await until(lambda: figures() == (0.0, 0.0))
    finally:
        await asyncio.to_thread(redis_server.start)
    await office.listener()
    await until(lambda: figures() == (1.0, 1.0))
