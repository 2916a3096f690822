"""uvicorn's websocket protocol with direct sends, direct receives and aborts.

UTF-8 bytes are sent as a text message without decoding and encoding them for each browser, and at
once if the transport accepts them. Received messages are passed on directly, without a queue, a
task and two system calls per message. A connection whose client reads nothing can be aborted; a
close would wait for buffers that never drain.
"""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any, cast

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.http11 import Request
from websockets.protocol import OPEN

from screenpop.web.http_protocol import release

EXTENSION = "screenpop.wire"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Registers itself as ``scope["extensions"]["screenpop.wire"]`` for the application."""

    _hear: Callable[[str], None] | None = None
    peer_address: str | None = None
    """Address whose connections are counted; None if not counted."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._state = server_state

    def listen(self, hear: Callable[[str], None]) -> None:
        """Send text messages to ``hear`` instead of the application's ``receive`` from now on.

        ``hear`` must not block or raise.
        """
        self._hear = hear

    @override
    def send_receive_event_to_app(self) -> None:
        text = self._whole_text() if self._hear is not None and self.queue.empty() else None
        if text is None or self._hear is None:
            super().send_receive_event_to_app()
        elif not self.close_sent:
            self._hear(text)

    def _whole_text(self) -> str | None:
        """Return the received text; None for bytes and invalid text, which ``receive`` handles."""
        if self.curr_msg_data_type != "text":
            return None
        try:
            return b"".join(self.frames).decode()
        except UnicodeDecodeError:
            return None

    def send_now(self, frame: bytes) -> bool:
        """Send a text message; return False without sending if it would have to wait."""
        if self.conn.state is not OPEN or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(_text_frame(frame))
        return True

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            # The application's task exists by now but runs only after this.
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        release(self._state, self.peer_address)

    def abort(self) -> None:
        """Drop the connection and all buffered data."""
        self.transport.abort()

    async def send_utf8(self, frame: bytes) -> None:
        """Send a text message. Waits while the transport's buffer is full."""
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected
        try:
            self.conn.send_text(frame)
        except InvalidState as closed:
            raise ClientDisconnected from closed
        self.transport.write(b"".join(self.conn.data_to_send()))


def _text_frame(payload: bytes) -> bytes:
    """Return an unmasked, unfragmented text frame (RFC 6455, 5.2); no extensions are active."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def protocol_of(scope: MutableMapping[str, Any]) -> WebSocketProtocol | None:
    """Return the protocol of a connection; None under another server."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, WebSocketProtocol) else None
