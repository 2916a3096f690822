"""The HTTP server of a running server."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
from typing_extensions import override

from screenpop.settings import Settings
from screenpop.web.connections import ConnectionLimits, too_few_descriptors
from screenpop.web.server import Server, Site

_log = structlog.get_logger()


class WebServer(Server):
    """Reports when it is up. The app handles signals: the log is written after browsers left."""

    def __init__(self, web: Site, settings: Settings) -> None:
        limits = ConnectionLimits(
            most=settings.most_connections, most_per_address=settings.most_connections_per_address
        )
        shortage = too_few_descriptors(settings.most_connections)
        if shortage:
            _log.warning(shortage)
        super().__init__(web, settings.trusted_proxies, limits)
        self.up = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def stop(self, serving: asyncio.Task[None]) -> None:
        self.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
