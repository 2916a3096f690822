"""One browser's queue and writer, without a server: what happens when it takes nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from starlette.types import Message

from screenpop.accounts.users import Role, UserId
from screenpop.protocol.client_messages import Receipt
from screenpop.protocol.close_codes import CloseCode
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.server_messages import Position, Snapshot
from screenpop.protocol.session import Action, RateLimit, Send, Session
from screenpop.web.websocket import connection
from screenpop.web.websocket.connection import MAX_QUEUED, BrowserConnection

pytestmark = pytest.mark.anyio


@dataclass
class Server:
    """The ASGI server's side: what was sent, and whether the browser takes it."""

    sent: list[Message] = field(default_factory=list)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        if self.gone:
            raise OSError("gone")
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.closed.set()

    def frames(self) -> list[Any]:
        return [orjson.loads(one["text"]) for one in self.sent if "text" in one]


def open_socket(
    server: Server, rest: Callable[[BrowserConnection, Action], None] | None = None
) -> BrowserConnection:
    session = Session("b", CommandDedup(), 0.0, RateLimit())
    session.received('{"type":"hello"}', 0.0)
    session.joined(Snapshot(Position("e", 0), (), (), ()), 0.0, 0.0)
    return BrowserConnection(
        user=UserId(1),
        token="t",
        role=Role.AGENT,
        opened_at=0.0,
        expires_at=1e12,
        session=session,
        send=server.send,
        wire=None,
        rest=rest or (lambda _socket, _output: None),
    )


async def wait_for(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()


async def test_frames_go_out_in_order_and_the_bye_comes_last() -> None:
    server = Server()
    socket = open_socket(server)
    for seq in (1, 2, 3):
        socket.deliver(seq, b'{"seq":%d}' % seq)
    socket.end(CloseCode.RESTART)
    socket.deliver(4, b'{"seq":4}')
    server.takes.set()
    await wait_for(server.closed)
    *frames, bye = server.frames()
    assert frames == [{"seq": 1}, {"seq": 2}, {"seq": 3}]
    assert (bye["type"], bye["code"]) == ("bye", 1012)
    assert server.sent[-1]["code"] == 1012
    socket.stop()


async def test_a_client_that_is_too_slow_is_not_sent_the_rest_but_a_bye() -> None:
    server = Server()
    socket = open_socket(server)
    for seq in range(1, 300):
        socket.deliver(seq, b'{"seq":%d}' % seq)
    server.takes.set()
    await wait_for(server.closed)
    assert server.frames()[-1]["code"] == 4008
    assert len(server.frames()) < 10
    socket.stop()


async def test_the_queue_is_bounded_whatever_is_put_into_it() -> None:
    server = Server()
    socket = open_socket(server)
    socket.do(tuple(Send(b"{}") for _ in range(MAX_QUEUED + 1)))
    server.takes.set()
    await wait_for(server.closed)
    assert server.sent[-1]["code"] == 4008
    socket.stop()


async def test_a_client_that_takes_nothing_at_all_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SLOW_CLOSE_TIMEOUT_S", 0.01)
    opened = asyncio.Event()

    async def serve() -> None:
        socket = open_socket(Server())
        socket.end(CloseCode.SLOW)
        opened.set()
        try:
            await asyncio.Event().wait()
        finally:
            socket.stop()

    serving = asyncio.create_task(serve())
    await wait_for(opened)
    with pytest.raises(asyncio.CancelledError):
        await serving


async def test_a_browser_that_is_gone_ends_the_writer_quietly() -> None:
    server = Server(gone=True)
    server.takes.set()
    socket = open_socket(server)
    socket.deliver(1, b"{}")
    async with asyncio.timeout(10):
        await asyncio.wait([socket.writer])
    assert socket.writer.exception() is None
    socket.deliver(2, b"{}")
    socket.stop()
    assert socket.gone


async def test_what_is_not_about_the_browser_is_handed_on() -> None:
    heard: list[Action] = []
    socket = open_socket(Server(), lambda _, output: heard.append(output))
    socket.do(socket.session.received('{"type":"receipt","card":"c","rev":1,"stage":"seen"}', 0.0))
    assert isinstance(heard[0], Receipt)
    socket.stop()
