"""A browser that reads nothing: it is cut, others are not, and it comes back to the truth."""

import asyncio
import socket
from pathlib import Path

import orjson
import pytest

from benchmarks.frames import handshake, masked
from screenpop.protocol import session
from screenpop.web.websocket.endpoint import SocketLimits
from tests.web.running_server import Running, running

pytestmark = pytest.mark.anyio

MESSAGES = 400
"""More than a browser may leave unacknowledged."""
PAYLOAD = b'{"id":"c","rev":%d,"text":"' + b"x" * 2000 + b'"}'


async def connect_unread(server: Running, name: str) -> socket.socket:
    """Return the connection of a page that reads nothing after its hello."""
    loop, cookie = asyncio.get_running_loop(), await server.log_in(name)
    request, _ = handshake("/ws/v1", server.host, cookie)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await loop.sock_connect(line, ("127.0.0.1", server.port))
    await loop.sock_sendall(line, request)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += await loop.sock_recv(line, 1)
    await loop.sock_sendall(line, masked(b'{"type":"hello","last":null,"tab":"t"}'))
    return line


async def test_a_browser_that_reads_nothing_is_cut_and_comes_back_to_the_whole_truth(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as server, server.socket("bob") as bob:
        await bob.greet()
        alice, bobs = server.id("alice"), server.id("bob")
        with await connect_unread(server, "alice"):
            async with asyncio.timeout(10):
                while not server.bus.readers(alice):  # noqa: ASYNC110 -- a plain number
                    await asyncio.sleep(0.01)
            for rev in range(1, MESSAGES + 1):
                server.bus.publish([alice], "card", "c", PAYLOAD % rev)
            async with asyncio.timeout(10):
                while server.web.tabs(alice):  # noqa: ASYNC110 -- a plain number
                    await asyncio.sleep(0.01)
            assert server.web.websocket_endpoint.closed["slow"] == 1
        server.bus.publish([bobs], "card", "d", b'{"id":"d"}')
        assert (await bob.hear())["card"] == {"id": "d"}
        async with server.socket("alice") as again:
            welcome, snapshot = await again.greet({"epoch": server.bus.head(alice).epoch, "seq": 0})
            assert (welcome["mode"], snapshot["seq"]) == ("snapshot", MESSAGES)
            assert snapshot["cards"] == [orjson.loads(PAYLOAD % MESSAGES)]


async def test_a_browser_that_acknowledges_nothing_is_cut_between_two_heartbeats(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_UNACKNOWLEDGED_AGE_S", 0.0)
    monkeypatch.setattr(session, "ACK_WITHIN_S", 0.0)
    limits = SocketLimits(heartbeat_s=0.3, slow_check_s=0.01)
    async with (
        running(prepared, tmp_path, limits=limits) as server,
        server.socket("alice") as alice,
    ):
        await alice.greet()
        server.bus.publish([server.id("alice")], "card", "c", b'{"id":"c"}')
        heard = await alice.hear_until("bye")
        kinds = [message["type"] for message in heard]
        assert kinds[kinds.index("card") :] == ["card", "hb", "bye"]
        assert heard[-1]["code"] == 4008
