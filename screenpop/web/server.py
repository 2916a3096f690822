"""uvicorn configured for long-lived sockets and for clients that stop reading."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from typing import Protocol, cast

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from screenpop.protocol.client_messages import MAX_MESSAGE_LENGTH
from screenpop.web.connections import Acceptor, ConnectionLimits, CountingState
from screenpop.web.http_protocol import BadRequestFilter, TimedHttp
from screenpop.web.websocket.uvicorn_protocol import WebSocketProtocol

_WITHOUT_BODY = frozenset({"GET", "HEAD"})


class Site(Protocol):
    """An application to serve, such as ``web.application.Web``."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    async def restart(self) -> None:
        """Notify all browsers that the server stops."""


class Server(uvicorn.Server):
    """Serves a ``Site``; notifies browsers of a restart before it stops."""

    def __init__(
        self,
        web: Site,
        trusted_proxies: Sequence[str] = (),
        limits: ConnectionLimits | None = None,
    ) -> None:
        self.counts = CountingState(limits, trusted_proxies)
        super().__init__(server_config(_CountsWork(web, self.counts), trusted_proxies))
        self._web = web
        self.server_state = self.counts

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept connections from ``sockets``."""
        quiet = logging.getLogger("uvicorn.error")
        if not any(isinstance(kept, BadRequestFilter) for kept in quiet.filters):
            quiet.addFilter(BadRequestFilter())
        await super().startup([])  # without asyncio's accept loop; see ``connections.Acceptor``
        for listening in sockets or ():
            acceptor = Acceptor(listening, self._create_protocol, self.counts)
            acceptor.start()
            self.servers.append(cast(asyncio.Server, acceptor))

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._web.restart()
        await super().shutdown(sockets)

    def _create_protocol(self, address: str) -> asyncio.Protocol:
        protocol = TimedHttp(self.config, self.counts, self.lifespan.state)
        protocol.peer_address = address
        return protocol


class _CountsWork:
    """Counts what the application has begun and not answered yet.

    Requests with a body are not counted: their sender decides how long they take.
    """

    def __init__(self, app: ASGIApp, counts: CountingState) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" and scope.get("method") not in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        is_counted = True
        self._counts.begins_work()

        async def send_and_count(message: Message) -> None:
            nonlocal is_counted
            if is_counted:
                is_counted = False
                self._counts.ends_work()
            await send(message)

        try:
            await self._app(scope, receive, send_and_count)
        finally:
            if is_counted:
                self._counts.ends_work()


def server_config(app: ASGIApp, trusted_proxies: Sequence[str] = ()) -> uvicorn.Config:
    """Return the config. ``trusted_proxies``: addresses whose forwarding headers are used."""
    return uvicorn.Config(
        app,
        http=TimedHttp,
        ws=WebSocketProtocol,
        ws_max_size=MAX_MESSAGE_LENGTH * 4,  # up to four bytes per character
        ws_per_message_deflate=False,  # 300 kB per socket, for messages of a few kB
        ws_ping_interval=None,  # the protocol has its own heartbeats
        lifespan="on",
        loop="asyncio",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        h11_max_incomplete_event_size=32 * 1024,
        timeout_graceful_shutdown=5,
    )
