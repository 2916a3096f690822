"""``/ws/v1`` over real sockets: who comes in, what they hear, and who is sent away."""

import pytest

from tests.web.running import Running

pytestmark = pytest.mark.anyio


async def test_an_agent_says_hello_and_gets_the_whole_picture(server: Running) -> None:
    server.bus.publish([server.id("alice")], "card", "c1", b'{"id":"c1","rev":1}')
    async with server.socket("alice") as alice:
        welcome, snapshot = await alice.greet()
        assert welcome["mode"] == "snapshot"
        assert snapshot["cards"] == [{"id": "c1", "rev": 1}]
