"""``/healthz``, ``/readyz`` and ``/metrics`` on a port of their own.

Connections to it do not wait behind browsers: each port accepts its own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from screenpop.app.web_server import WebServer
from screenpop.settings import Settings
from screenpop.web.feature_router import FeatureRouter, add_routes
from screenpop.web.listen_socket import open_listening_socket

MOST_CONNECTIONS = 100


@asynccontextmanager
async def serving_health(
    settings: Settings, routes: FeatureRouter, port: int
) -> AsyncIterator[str]:
    """Serve ``routes`` alone until the block is left; yield the URL.

    ``port``: on ``bind_host``; 0 chooses a free one. Raises ``ListeningError``.
    """
    site = _HealthSite()
    add_routes(site.pages, routes)
    listening = open_listening_socket(settings.bind_host, port)
    few = settings.model_copy(update={"most_connections": MOST_CONNECTIONS})
    server = WebServer(site, few)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        await server.up.wait()
        yield f"http://{settings.bind_host}:{listening.getsockname()[1]}"
    finally:
        await server.stop(serving)
        listening.close()


class _HealthSite:
    def __init__(self) -> None:
        self.pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.pages(scope, receive, send)

    async def restart(self) -> None:
        """Do nothing: no browser is connected."""
