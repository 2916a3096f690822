"""How the server is set up, as a browser meets it."""

import pytest
from websockets.asyncio.client import connect

from tests.web.running_server import Running

pytestmark = pytest.mark.anyio


async def test_messages_are_not_compressed_whatever_a_browser_offers(shared: Running) -> None:
    """Deflate keeps 300 kB a socket; the messages are a few kB, and few."""
    async with connect(
        f"ws://{shared.host}/ws/v1",
        additional_headers={"Cookie": await shared.log_in("alice")},
        compression="deflate",
        proxy=None,
    ) as line:
        assert line.response is not None
        assert "Sec-WebSocket-Extensions" not in line.response.headers
        assert "Server" not in line.response.headers


@pytest.mark.defends("forwarded-address")
async def test_a_forwarded_address_of_a_stranger_is_not_believed(shared: Running) -> None:
    forwarded = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    async with shared.browser(**forwarded) as mallory:
        assert (await mallory.get("/metrics")).status_code == 403
        assert "strict-transport-security" not in (await mallory.get("/login")).headers
