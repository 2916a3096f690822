"""uvicorn's websocket protocol with what an ASGI application cannot ask for.

A frame that is UTF-8 already goes out as a text message without being decoded and encoded again
for each browser, and at once where the connection takes it; what a browser says is heard as soon as
it is read, without a queue, a task and two system calls a message; and a connection whose other
side takes nothing more can be aborted, where a close would wait for buffers that never drain.
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
    """Tells the application about itself as ``scope["extensions"]["screenpop.wire"]``."""

    _hear: Callable[[str], None] | None = None
    peer_address: str | None = None
    """Whose connection is counted; None when it is not counted."""

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
        """From now on text messages go to ``hear``, and no longer to the application's
        ``receive``. It must not block or raise."""
        self._hear = hear

    @override
    def send_receive_event_to_app(self) -> None:
        text = self._whole_text() if self._hear is not None and self.queue.empty() else None
        if text is None or self._hear is None:
            super().send_receive_event_to_app()
        elif not self.close_sent:
            self._hear(text)

    def _whole_text(self) -> str | None:
        """The message that has come; None for what is for ``receive``: bytes and broken texts."""
        if self.curr_msg_data_type != "text":
            return None
        try:
            return b"".join(self.frames).decode()
        except UnicodeDecodeError:
            return None

    def send_now(self, frame: bytes) -> bool:
        """Send a text message, or do nothing and say False when it would have to wait."""
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
        """Drop the connection and whatever waits in its buffers."""
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
    """RFC 6455, 5.2: whole, not masked. The connection has no extensions that would change it."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def protocol_of(scope: MutableMapping[str, Any]) -> WebSocketProtocol | None:
    """None under another server than ours."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, WebSocketProtocol) else None
