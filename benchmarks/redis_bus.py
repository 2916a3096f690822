"""``python -m benchmarks.redis_bus``: what the bus on Redis costs, per message.

A listener and a web process, each a thread with its own event loop, and a Redis of the benchmark's
own. Reported are microseconds of processor time of each of the three, commands and bytes of Redis,
and the median milliseconds from the sender to the receiver on this machine. What pauses, beats and
presence cost without messages is subtracted.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from screenpop.accounts.users import UserId
from screenpop.bus.redis_connection import RedisConfig, RedisConnection, parse_info
from screenpop.bus.redis_publisher import RedisPublisher
from screenpop.bus.redis_requests import RequestReceiver, RequestSender
from screenpop.bus.redis_streams import RedisStreams
from tests.redis_server import running_redis

_MESSAGES = 1_500
_PAUSE_S = 0.004
_PAYLOAD = b'{"id":"%d","text":"%b"}'
_CARD_BYTES = 1_500
_SUPERVISORS = 20
_RECEIPT = {"user": 7, "card": "office/1764570000.71/13", "rev": 1, "stages": {"painted": 1.5}}

T = TypeVar("T")


class _Side:
    """A thread with an event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(300)


@dataclass(frozen=True)
class _Used:
    """Of both sides and of Redis, since their start."""

    listener_s: float
    web_s: float
    redis_s: float
    commands: int
    bytes: int

    def minus(self, other: "_Used") -> "_Used":
        return _Used(
            self.listener_s - other.listener_s,
            self.web_s - other.web_s,
            self.redis_s - other.redis_s,
            self.commands - other.commands,
            self.bytes - other.bytes,
        )


class _Page:
    """Keeps when each message arrived."""

    room = 1000

    def __init__(self) -> None:
        self.times: list[float] = []

    def deliver(self, seq: int, frame: bytes) -> None:
        self.times.append(time.perf_counter())

    def lost(self) -> None:
        raise AssertionError("the stream was lost")


class _Bench:
    def __init__(self, config: RedisConfig) -> None:
        self.config = config
        self.listener, self.web, self._observer = _Side(), _Side(), _Side()
        self._redis = RedisConnection(config)
        self.handled: list[float] = []
        self.page = _Page()
        self._tasks: list[asyncio.Task[None]] = []

    async def open_listener(self) -> None:
        self.publisher = RedisPublisher(self.config, 1)
        self.receiver = RequestReceiver(self.config, 1)
        works = (self.publisher.run(), self.receiver.run(self._handle))
        self._tasks += [asyncio.ensure_future(work) for work in works]

    async def open_web(self) -> None:
        self.streams = RedisStreams(self.config, "web")
        self.sender = RequestSender(self.config, "web")
        works = (self.streams.run(), self.sender.run())
        self._tasks += [asyncio.ensure_future(work) for work in works]
        while not self.streams.is_live:  # noqa: ASYNC110 -- a plain number
            await asyncio.sleep(0.01)
        for user in range(1, _SUPERVISORS + 1):
            reader = self.page if user == 1 else _Page()
            await self.streams.join(UserId(user), None, reader)

    async def _handle(self, kind: str, body: Mapping[str, object]) -> Mapping[str, object]:
        self.handled.append(time.perf_counter())
        return {}

    def used(self) -> _Used:
        redis = self._observer.run(self._info())
        used_s = float(redis["used_cpu_user"]) + float(redis["used_cpu_sys"])
        data = int(redis["total_net_input_bytes"]) + int(redis["total_net_output_bytes"])
        return _Used(
            self.listener.run(_thread_s()),
            self.web.run(_thread_s()),
            used_s,
            int(redis["total_commands_processed"]),
            data,
        )

    async def _info(self) -> dict[str, str]:
        stats = parse_info(await self._redis.call("INFO", "stats"))
        return stats | parse_info(await self._redis.call("INFO", "cpu"))


async def _thread_s() -> float:
    return time.thread_time()


async def _paced(action: Callable[[int], object]) -> list[float]:
    """Perform an action for each message, with pauses; return when each began."""
    times = []
    for number in range(_MESSAGES):
        times.append(time.perf_counter())
        result = action(number)
        if asyncio.iscoroutine(result):
            await result
        await asyncio.sleep(_PAUSE_S)
    return times


def _measure(
    bench: _Bench, name: str, side: _Side, action: Callable[[int], object], arrived: list[float]
) -> None:
    """Print one line: the costs of a message less those of as many pauses."""
    before = bench.used()
    side.run(_paced(lambda _: None))
    idle = bench.used().minus(before)
    arrived.clear()
    before = bench.used()
    sent = side.run(_paced(action))
    while len(arrived) < _MESSAGES:
        time.sleep(0.01)
    net = bench.used().minus(before).minus(idle)
    delays = [1000 * (end - start) for start, end in zip(sent, arrived, strict=False)]
    scale = 1e6 / _MESSAGES
    print(
        f"{name:44} {net.listener_s * scale:8.0f} {net.web_s * scale:6.0f} "
        f"{net.redis_s * scale:6.0f} {net.commands / _MESSAGES:9.1f} "
        f"{net.bytes / _MESSAGES:7.0f} {median(delays):6.2f}"
    )


def main() -> None:
    text = b"x" * (_CARD_BYTES - len(_PAYLOAD % (1000, b"")))
    alice = [UserId(1)]
    supervisors = [UserId(user) for user in range(1, _SUPERVISORS + 1)]
    with running_redis() as server:
        bench = _Bench(RedisConfig(server.url, "bench"))
        bench.listener.run(bench.open_listener())
        bench.web.run(bench.open_web())
        publish = bench.publisher.publish
        print(f"{'per message':44} listener    web  redis  commands   bytes     ms")
        print(f"{'':44}    µs CPU µs CPU µs CPU")
        _measure(
            bench,
            f"a card of {_CARD_BYTES} bytes to one browser",
            bench.listener,
            lambda n: publish(alice, "card", str(n % 500), _PAYLOAD % (n, text)),
            bench.page.times,
        )
        _measure(
            bench,
            f"the same to {_SUPERVISORS} users with a browser each",
            bench.listener,
            lambda n: publish(supervisors, "card", str(n % 500), _PAYLOAD % (n, text)),
            bench.page.times,
        )
        _measure(
            bench,
            "a receipt",
            bench.web,
            lambda _: bench.sender.send("receipt", _RECEIPT),
            bench.handled,
        )
        _measure(
            bench,
            "a command with its answer",
            bench.web,
            lambda number: bench.sender.ask("command", _RECEIPT, once=f"1:{number}"),
            bench.handled,
        )


if __name__ == "__main__":
    main()
