"""One browser connection: a protocol session, a bounded queue, and one writer task.

All frames go through the queue, which keeps their order. Only the writer waits for the browser.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Receive
from starlette.types import Send as AsgiSend

from screenpop.accounts.users import Role, UserId
from screenpop.protocol import server_messages
from screenpop.protocol.close_codes import CloseCode
from screenpop.protocol.session import Action, Close, Request, Send, Session
from screenpop.web.websocket.uvicorn_protocol import WebSocketProtocol

MAX_QUEUED = 512
"""Frames in the queue: more than a session allows without an ack."""

CLOSE_TIMEOUT_S = 3.0
SLOW_CLOSE_TIMEOUT_S = 0.5
"""A client that reads nothing is not going to read the bye either."""

IdleCallback = Callable[["BrowserConnection", Request], None]
"""Performs the actions that the session requests from other packages."""


class BrowserConnection:
    """Implements ``ports.Reader``."""

    __slots__ = (
        "_abort_timer",
        "_closing",
        "_outbox",
        "_reader",
        "_rest",
        "_send",
        "_wake",
        "_wire",
        "expires_at",
        "gone",
        "opened_at",
        "role",
        "session",
        "token",
        "user",
        "writer",
    )

    def __init__(
        self,
        *,
        user: UserId,
        token: str,
        expires_at: float,
        role: Role | None,
        opened_at: float,
        session: Session,
        send: AsgiSend,
        wire: WebSocketProtocol | None,
        rest: IdleCallback,
    ) -> None:
        self.user = user
        self.token = token
        self.expires_at = expires_at
        self.role = role
        """None: a wall screen, which only reads."""
        self.opened_at = opened_at
        self.session = session
        self.gone = False
        self._send = send
        self._wire = wire
        self._rest = rest
        self._outbox: list[bytes] = []
        self._wake: asyncio.Future[None] | None = None
        self._closing: Close | None = None
        self._abort_timer: asyncio.TimerHandle | None = None
        self._reader = asyncio.current_task()
        self.writer = asyncio.create_task(self._write())

    @property
    def room(self) -> int:
        return self.session.room

    @property
    def closed_for(self) -> CloseCode | None:
        """Return why we close it; None while it is open, or if the browser left."""
        return None if self._closing is None else self._closing.code

    def deliver(self, seq: int, frame: bytes) -> None:
        self.do(self.session.published(seq, frame, now()))

    def lost(self) -> None:
        self.end(CloseCode.RESTART, "the stream cannot be continued")

    def hear(self, text: str) -> None:
        """Handle a message of the browser."""
        self.do(self.session.received(text, now()))

    def do(self, outputs: tuple[Action, ...]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self._put(output.frame)
            elif isinstance(output, Close):
                self._close(output)
            else:
                self._rest(self, output)

    def end(self, code: CloseCode, detail: str = "") -> None:
        self.do(self.session.end(code, detail))

    async def _write(self) -> None:
        """Write queued frames until the bye is sent or the browser is gone."""
        try:
            while self._closing is None or self._outbox:
                await self._write_waiting()
                await self._something_new()
            await self._say_bye(self._closing)
        except OSError:
            return  # gone; the reading side gets the disconnect and cleans up

    def stop(self) -> None:
        """Handle that the connection is gone."""
        self.gone = True
        self.writer.cancel()
        if self._abort_timer is not None:
            self._abort_timer.cancel()

    async def _write_waiting(self) -> None:
        while self._outbox:
            frames, self._outbox = self._outbox, []
            for frame in frames:
                if self._dropping:
                    break
                await self._write_frame(frame)

    async def _write_frame(self, frame: bytes) -> None:
        if self._wire is not None:
            await self._wire.send_utf8(frame)
        else:
            await self._send({"type": "websocket.send", "text": frame.decode()})

    async def _something_new(self) -> None:
        if self._outbox or self._closing is not None:
            return
        self._wake = asyncio.get_running_loop().create_future()
        try:
            await self._wake
        finally:
            self._wake = None

    async def _say_bye(self, close: Close) -> None:
        await self._write_frame(server_messages.bye(close.code, close.detail))
        await self._send(
            {"type": "websocket.close", "code": int(close.code), "reason": close.detail}
        )

    @property
    def _idle(self) -> bool:
        """Return whether the writer waits with an empty queue, so a frame may be sent directly."""
        return self._wake is not None and not self._wake.done() and not self._outbox

    @property
    def _dropping(self) -> bool:
        """Return whether queued frames are dropped before the bye, for a slow client."""
        return self._closing is not None and self._closing.code is CloseCode.SLOW

    def _put(self, frame: bytes) -> None:
        if self._closing is not None:
            return
        if self._idle and self._wire is not None and self._wire.send_now(frame):
            return
        self._outbox.append(frame)
        if len(self._outbox) > MAX_QUEUED:
            self.end(CloseCode.SLOW, "too many unread messages")
        self._wake_writer()

    def _close(self, close: Close) -> None:
        self._closing = close
        if self._dropping:
            self._outbox = []
        within_s = SLOW_CLOSE_TIMEOUT_S if self._dropping else CLOSE_TIMEOUT_S
        self._abort_timer = asyncio.get_running_loop().call_later(within_s, self._abort)
        self._wake_writer()

    def _abort(self) -> None:
        if self._wire is not None:
            self._wire.abort()
        elif self._reader is not None:
            self._reader.cancel()

    def _wake_writer(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


async def read_messages(socket: BrowserConnection, receive: Receive) -> None:
    """Handle what the browser sends until it has left."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:
            socket.end(CloseCode.PROTOCOL, "text messages only")
        else:
            socket.hear(text)


def now() -> float:
    """Return monotonic seconds."""
    return asyncio.get_running_loop().time()
