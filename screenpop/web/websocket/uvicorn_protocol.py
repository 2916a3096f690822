"""uvicorn's websocket protocol with direct sends, direct receives and aborts.

UTF-8 bytes are sent as a text message without decoding and encoding them for each browser, and at
once if the transport accepts them. Received messages are passed on directly, without a queue, a
task and two system calls per message; short ones are parsed without the library's machinery. A
connection whose client reads nothing can be aborted; a close would wait for buffers that never
drain.
"""

import asyncio
from collections.abc import Callable, MutableMapping
from types import GeneratorType
from typing import Any, cast

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.streams import StreamReader

from screenpop.web.http_protocol import release

try:
    from websockets.speedups import apply_mask
except ImportError:  # built without a compiler
    from websockets.utils import apply_mask

EXTENSION = "screenpop.wire"

MAX_SHORT_BYTES = 4096
"""Payload of the frames that are parsed here; longer ones are rare and go through the library."""
_WHOLE_TEXT = 0x81
"""First byte of a frame that is a whole text message: FIN, no reserved bit, opcode 1."""
_AT_BOUNDARY = StreamReader.at_eof.__code__
"""The generator in which the library's parser waits between two frames."""


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
        if text is not None and self._hear is not None:
            if not self.close_sent:
                self._hear(text)
        elif self.conn.state is OPEN or self._is_valid():
            super().send_receive_event_to_app()

    def _is_valid(self) -> bool:
        """Return whether the message is bytes or valid text.

        For invalid text uvicorn sends a close frame, which raises if the client's own was in the
        same read.
        """
        return self.curr_msg_data_type == "bytes" or self._whole_text() is not None

    @override
    def handle_parser_exception(self) -> None:
        """Handle the frames before the bad one first: they count whatever read they came in."""
        self.handle_events()
        super().handle_parser_exception()

    @override
    def data_received(self, data: bytes) -> None:
        """Parse whole short text frames here, everything else by the library.

        The library's parser takes a generator, a frame object and three queues a message.
        Benchmark: ``python -m benchmarks.browser_messages``.
        """
        if self._hear is not None and data[0] == _WHOLE_TEXT and self._is_between_frames():
            data = data[self._hear_short_texts(data) :]
        if data:
            super().data_received(data)

    def _is_between_frames(self) -> bool:
        """Return whether the next byte begins a frame of a new message on an open connection."""
        conn = self.conn
        if conn.state is not OPEN or conn.current_size is not None or conn.extensions:
            return False
        waits_in = _innermost(conn.parser)
        return waits_in is not None and waits_in.gi_code is _AT_BOUNDARY

    def _hear_short_texts(self, data: bytes) -> int:
        """Handle the short text frames at the beginning of ``data``; return how many bytes these
        are."""
        done, end = 0, len(data)
        while done < end and self._may_hear():
            text, size = _short_text(data, done)
            if text is None or self._hear is None:
                break
            done += size
            self._hear(text)
        return done

    def _may_hear(self) -> bool:
        return self.queue.empty() and not self.close_sent and self.conn.state is OPEN

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


def _short_text(data: bytes, start: int) -> tuple[str | None, int]:
    """Return the text of a whole, masked, short text frame at ``start``, and the frame's size.

    None for anything else: another kind of frame, a part of one, invalid UTF-8.
    """
    head = start + 2
    if len(data) < head + 4 or data[start] != _WHOLE_TEXT:
        return None, 0
    size = data[start + 1] - 0x80  # negative without a mask
    if size == 126:
        size, head = int.from_bytes(data[head : head + 2], "big"), head + 2
    elif size == 127:
        return None, 0
    payload_at = head + 4
    end = payload_at + size
    if not 0 <= size <= MAX_SHORT_BYTES or end > len(data):
        return None, 0
    try:
        return apply_mask(data[payload_at:end], data[head:payload_at]).decode(), end - start
    except UnicodeDecodeError:
        return None, 0


def _innermost(generator: object) -> "GeneratorType[object, object, object] | None":
    """Return the generator in which this one waits; None if it waits in none."""
    innermost = None
    while isinstance(generator, GeneratorType):
        innermost, generator = generator, generator.gi_yieldfrom
    return innermost


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
