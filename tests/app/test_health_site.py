"""Monitoring on a port of its own, beside the one of the pages."""

import asyncio

import pytest

from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.web import connections
from screenpop.web.listen_socket import ListeningError
from tests.app.running_app import simulating
from tests.redis_server import free_port
from tests.web.running_server import plain_client

pytestmark = pytest.mark.anyio


async def test_health_is_answered_on_its_own_port_while_browsers_wait_to_be_accepted(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with a hundred requests in progress: each port accepts once, then holds for an hour.
    monkeypatch.setattr(connections, "MOST_BUSY", 0)
    monkeypatch.setattr(connections, "BUSY_RETRY_S", 3600.0)
    monkeypatch.setattr(connections, "_ACCEPTS_AT_ONCE", 1)
    port = free_port()
    settings = simulating(app.settings.data_dir, health_port=port)
    async with running(settings) as second, plain_client(second.url) as first:
        assert (await first.get("/healthz")).text == "ok\n"
        _, waiting = await asyncio.open_connection("127.0.0.1", second.url.rpartition(":")[2])
        waiting.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        async with plain_client(f"http://127.0.0.1:{port}") as watcher:
            assert (await watcher.get("/healthz")).text == "ok\n"
            assert (await watcher.get("/readyz")).json()["ready"] is True
            assert "screenpop_ready 1.0" in (await watcher.get("/metrics")).text
            assert [(await watcher.get(page)).status_code for page in ("/", "/login")] == [404] * 2
        waiting.close()
        with pytest.raises(ListeningError, match=f"port {port} is already taken"):
            async with running(settings):
                pass
