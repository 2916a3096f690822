"""uvicorn's HTTP protocol with time limits for unfinished requests and stalled answers.

uvicorn closes only connections that are idle between two requests; a client that sends half a
header, or a byte of a body now and then, keeps a connection for ever. A limit on the total time
would cut off slow but valid uploads, so bodies and answers need a minimum rate instead.
"""

import asyncio
import logging
from typing import Any

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from screenpop.web.connections import ConnectionLimits, CountingState, LogLimiter

_TIMEOUT_ANSWER = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class TimedHttp(H11Protocol):
    """One HTTP connection; a websocket takes over its transport and has its own limits."""

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
        self._counts = server_state if isinstance(server_state, CountingState) else None
        self._limits = self._counts.limits if self._counts is not None else ConnectionLimits()
        self._header_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._received_bytes = 0
        """In this window."""
        self._reading_paused = False
        """Whether we ourselves did not read at some time in this window."""
        self._unsent_bytes = 0
        """Not taken by the other side when this window began; 0 when nothing was in the way."""
        self._writing_changed = False
        """Whether writing was paused or went on within this window."""
        self._has_ended = False
        """Whether the other side has closed its half of the connection and waits for the answer."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_header()

    @override
    def data_received(self, data: bytes) -> None:
        self._received_bytes += len(data)
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # a websocket has taken over
        self._reading_paused = self._reading_paused or self.flow.read_paused
        self._watch_header()
        self._watch_stall()

    @override
    def eof_received(self) -> bool:  # type: ignore[override]
        """Return whether the connection stays open until the request under way is answered: that
        of a program. A page that closes its half has gone, and its work is stopped."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or self._is_receiving():
            return False
        self._has_ended = all(name != b"cookie" for name, _ in cycle.scope["headers"])
        return self._has_ended

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._has_ended and self.cycle.response_complete:
            self.transport.close()
        self._set_waiting(self.conn.their_state is h11.IDLE and not self.transport.is_closing())

    @override
    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_timers()
        self._set_waiting(False)
        super().handle_websocket_upgrade(event)
        pass_on_address(self.transport.get_protocol(), self.peer_address)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        self._set_waiting(False)
        super().connection_lost(exc)
        release(self.server_state, self.peer_address)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing_changed = True
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._watch_stall()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._writing_changed = True
        self._unsent_bytes = 0

    # -- headers: a limit on the whole -----------------------------------------------------------

    def _watch_header(self) -> None:
        """Run the timer while a request's headers are awaited.

        Between two requests uvicorn's own timer runs until the first byte.
        """
        is_waiting = self.conn.their_state is h11.IDLE
        self._set_waiting(is_waiting)
        if not is_waiting:
            _cancel(self._header_timer)
            self._header_timer = None
        elif self._header_timer is None:
            self._header_timer = self.loop.call_later(self._limits.header_s, self._header_late)

    def _header_late(self) -> None:
        self._header_timer = None
        if self.conn.their_state is h11.IDLE:
            self._give_up(answer=bool(self.conn.trailing_data[0]))

    # -- bodies and answers: a minimum rate ------------------------------------------------------

    def _watch_stall(self) -> None:
        if not self._is_receiving() and not self._unsent_bytes:
            _cancel(self._stall_timer)
            self._stall_timer = None
        elif self._stall_timer is None:
            self._begin_window()

    def _begin_window(self) -> None:
        self._received_bytes = 0
        self._reading_paused = self.flow.read_paused
        self._writing_changed = False
        if self._unsent_bytes:
            self._unsent_bytes = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(self._limits.stall_window_s, self._window_ends)

    def _window_ends(self) -> None:
        self._stall_timer = None
        if self._is_slow_body():
            self._give_up(answer=True)
        elif self._is_slow_answer():
            self._give_up(answer=False)
        else:
            self._watch_stall()

    def _is_receiving(self) -> bool:
        """Return whether a request has begun whose body is not complete."""
        return self.conn.their_state is h11.SEND_BODY

    def _is_slow_body(self) -> bool:
        is_slow = self._received_bytes < self._least_bytes()
        return self._is_receiving() and is_slow and not self._reading_paused

    def _is_slow_answer(self) -> bool:
        sent = self._unsent_bytes - self.transport.get_write_buffer_size()
        was_waiting = bool(self._unsent_bytes) and not self._writing_changed
        return was_waiting and sent < self._least_bytes()

    def _least_bytes(self) -> float:
        return self._limits.stall_bytes_per_s * self._limits.stall_window_s

    def _give_up(self, *, answer: bool) -> None:
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            answer = answer and not cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
        if answer:
            self.transport.write(_TIMEOUT_ANSWER)
            self.transport.close()
        else:
            self.transport.abort()

    def drop(self) -> None:
        """Abort the connection to make room for another."""
        release(self.server_state, self.peer_address)
        self.peer_address = None
        self.transport.abort()

    def _set_waiting(self, is_waiting: bool) -> None:
        if self._counts is None or self.peer_address is None:
            return
        if is_waiting:
            self._counts.waits(self, self.peer_address)
        else:
            self._counts.stops_waiting(self)

    def _stop_timers(self) -> None:
        _cancel(self._header_timer)
        _cancel(self._stall_timer)
        self._header_timer = self._stall_timer = None


class BadRequestFilter(logging.Filter):
    """Passes uvicorn's log message about invalid requests once a minute."""

    _TEXTS = (
        "Invalid HTTP request received.",
        "Unsupported upgrade request.",
        "No supported WebSocket library detected.",
    )

    def __init__(self) -> None:
        super().__init__()
        self._limiters = {text: LogLimiter() for text in self._TEXTS}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        for text, limiter in self._limiters.items():
            if str(record.msg).startswith(text):
                return limiter.suppressed_if_due() is not None
        return True


def release(state: ServerState, address: str | None) -> None:
    """Decrease the connection count of this address, if it is counted."""
    if isinstance(state, CountingState) and address is not None:
        state.release(address)


def pass_on_address(protocol: asyncio.BaseProtocol, address: str | None) -> None:
    """Pass the client address to a protocol that releases it later."""
    if hasattr(protocol, "peer_address"):
        protocol.peer_address = address


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
