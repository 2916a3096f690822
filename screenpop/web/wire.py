"""uvicorn's websocket protocol with two things an ASGI application cannot ask for.

A frame that is UTF-8 already goes out as a text message without being decoded and encoded again
for each browser; and a connection whose other side takes nothing more can be aborted, where a
close would wait for buffers that never drain.
"""

from collections.abc import MutableMapping
from typing import Any, cast

from typing_extensions import override
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.http11 import Request

EXTENSION = "screenpop.wire"


class Wire(WebSocketsSansIOProtocol):
    """Tells the application about itself as ``scope["extensions"]["screenpop.wire"]``."""

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            # The application's task exists by now but runs only after this.
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self

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


def wire_of(scope: MutableMapping[str, Any]) -> Wire | None:
    """None under another server than ours."""
    wire = scope.get("extensions", {}).get(EXTENSION)
    return wire if isinstance(wire, Wire) else None
