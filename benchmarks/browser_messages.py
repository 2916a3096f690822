"""``python -m benchmarks.browser_messages``: processor time for the messages of browsers.

Three measurements, in turns: a frame from its bytes to the text of the message, by the websocket
library and directly; the messages of a page about one call, from bytes to the end of the session,
as protocol 1.0 and as 1.1 has them; a receipt in the service, as any other work and at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any, cast

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from benchmarks.frames import handshake, masked
from screenpop.protocol.client_messages import Stage
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.server_messages import Position, Snapshot
from screenpop.protocol.session import RateLimit, Session
from screenpop.simulator.call_script import ScriptedCall
from screenpop.web.websocket.uvicorn_protocol import WebSocketProtocol
from tests.service.runner_under_test import World, world
from tests.service.service_under_test import MARYAM

_REPETITIONS, _MESSAGES = 21, 3_000
_CARD = b'"card":"office/1764570000.71/13","rev":1'
RECEIPT_1_1 = b'{"type":"receipt",%b,"stages":{"received":17,"painted":1,"seen":0},"seq":%d}' % (
    _CARD,
    1,
)
CALL_1_0 = (
    *(
        b'{"type":"receipt",%b,"stage":"%b"}' % (_CARD, stage.encode())
        for stage in Stage
        if stage != "notified"
    ),
    *(b'{"type":"ack","seq":%d}' % seq for seq in (1, 2, 3, 4)),
)
"""A ring, an answer, an end and a card that leaves."""
CALL_1_1 = (RECEIPT_1_1,)
"""The other acknowledgements come with the heartbeat."""

_SERVICE = ("a receipt in the service, as any other work", "a receipt in the service, at once")


class _ByLibrary(WebSocketProtocol):
    @override
    def data_received(self, data: bytes) -> None:
        WebSocketsSansIOProtocol.data_received(self, data)


class _NoTransport(asyncio.Transport):
    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    @override
    def close(self) -> None:
        pass


def _opened(kind: type[WebSocketProtocol], listen: Callable[[str], object]) -> WebSocketProtocol:
    """A connection after the handshake."""

    async def app(_scope: object, _receive: object, _send: object) -> None:
        await asyncio.Event().wait()

    config = Config(cast(Any, app), ws_per_message_deflate=False, log_config=None)
    config.load()
    protocol = kind(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(_NoTransport())
    protocol.data_received(handshake("/ws/v1", "office")[0])
    protocol.conn.send_response(protocol.response)
    protocol.queue.get_nowait()
    protocol.listen(cast(Callable[[str], None], listen))
    return protocol


def _served(kind: type[WebSocketProtocol]) -> WebSocketProtocol:
    """A connection with a session behind it that has sent four messages."""
    session = Session("build", CommandDedup(), 0.0, RateLimit(1e12, 1e12))
    session.received('{"type":"hello","last":null}', 0.0)
    session.joined(Snapshot(Position("e", 0), (), (), ()), 0.0, 0.0)
    for seq in range(1, 5):
        session.published(seq, b"{}", 0.0)
    return _opened(kind, lambda text: session.received(text, 0.0))


def _cpu_us(protocol: WebSocketProtocol, frames: Sequence[bytes], count: int) -> float:
    """Microseconds of processor time for these frames, each in a read of its own."""
    began = time.process_time()
    for _ in range(count):
        for frame in frames:
            protocol.data_received(frame)
    return (time.process_time() - began) / count * 1e6


async def _receipts(world: World, count: int) -> tuple[float, float]:
    """Microseconds of a receipt for the service: as any other work, and at once."""
    call = world.cards()[0]
    card, user = str(call["id"]), MARYAM
    stages = dict.fromkeys((Stage.RECEIVED, Stage.PAINTED, Stage.SEEN), world.now)
    runner = world.task

    def as_other_work(_now: float) -> None:
        runner._screen_pop.receipt(user, card, 1, stages)  # noqa: SLF001 -- as before 1.1

    def at_once() -> None:
        runner.receipt(user, card, 1, stages)

    took = list[float]()
    for do in (partial(runner.put, as_other_work), at_once):
        used = 0.0
        for _ in range(count):
            began = time.process_time()
            do()
            used += time.process_time() - began
            await asyncio.sleep(0)
        took.append(used / count * 1e6)
    return took[0], took[1]


async def main() -> None:
    logging.disable()
    one = [masked(RECEIPT_1_1)]
    calls = {"1.0": list(map(masked, CALL_1_0)), "1.1": list(map(masked, CALL_1_1))}
    ways = {"by the library": _ByLibrary, "directly": WebSocketProtocol}
    figures: dict[str, list[float]] = {}
    for _ in range(_REPETITIONS):
        for way, kind in ways.items():
            silent = _opened(kind, len)
            figures.setdefault(f"a receipt parsed {way}", []).append(
                _cpu_us(silent, one, _MESSAGES)
            )
            for version, frames in calls.items():
                name = f"the messages of a call, protocol {version}, {way}"
                figures.setdefault(name, []).append(_cpu_us(_served(kind), frames, _MESSAGES // 5))
    async with world() as played:
        await played.handles_only_the_ringing(ScriptedCall(number="09123456789", to=("101",)))
        await played.until(played.cards)
        for _ in range(_REPETITIONS):
            for name, took in zip(_SERVICE, await _receipts(played, _MESSAGES // 5), strict=True):
                figures.setdefault(name, []).append(took)
    for name, values in figures.items():
        print(f"{name}: {median(values):.1f} µs ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    asyncio.run(main())
