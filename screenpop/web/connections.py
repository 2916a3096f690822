"""Limits the connections of the server: in all and from one address.

asyncio's own accept loop retries 2,048 times at once when no descriptor is left, and logs each
attempt (CPython ``asyncio/selector_events.py``, ``_accept_connection``). This one waits a second,
logs once a minute, and leaves descriptors for the database, the PBX links and the log.
"""

import asyncio
import contextlib
import logging
import os
import resource
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from uvicorn.server import ServerState

DESCRIPTORS_KEPT = 128
"""Descriptors reserved for the database, the PBX links, open files and the log."""

ACCEPT_RETRY_S = 1.0
LOG_INTERVAL_S = 60.0
_ACCEPTS_AT_ONCE = 16
"""New connections a turn of the loop: while ten thousand browsers come back, those that are
connected get their heartbeats in time."""
MOST_BUSY = 100
"""Pages and requests that wait for their first answer, above which few connections are accepted:
the others wait in the kernel, where one whose browser gives up costs nothing."""
BUSY_RETRY_S = 0.5
"""Seconds until the next few are accepted all the same: with a database that does not answer
``/healthz`` must."""
_CLOSE_WAIT = 8
"""``tcpi_state`` of a connection whose other side sends no more (Linux ``net/tcp_states.h``): it
has closed it, or only its own half."""
_LONGEST_HEAD = 4096
"""Bytes of a request that are looked at before it is accepted."""
_OF_A_PAGE = (b"\r\ncookie:", b"\r\nupgrade:")
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)

_log = logging.getLogger("screenpop.web.connections")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of connections and of unfinished requests."""

    most: int = 16_000
    """Connections in all; fewer where the process may open fewer files."""
    most_per_address: int = 1000
    """Connections of one address (an office behind one router); trusted proxies are exempt."""
    header_s: float = 10.0
    """From the first wait for a request to the end of its headers."""
    stall_window_s: float = 20.0
    """Window in seconds for the minimum rate of bodies and answers."""
    stall_bytes_per_s: int = 256
    """Minimum average rate in that window, in bytes per second."""

    def within_descriptors(self) -> int:
        """Return ``most``, or how many the limit of open files allows if these are fewer."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.most
        # At most half of a very small table, so that the server can work at all.
        return min(self.most, max(soft - DESCRIPTORS_KEPT, soft // 2))


def too_few_descriptors(most: int) -> str:
    """Raise the limit of open files as far as ``most`` connections need; return a sentence with
    the remedy where the system allows fewer, else an empty text."""
    wanted = most + DESCRIPTORS_KEPT
    limit = raise_descriptor_limit(wanted)
    if limit == resource.RLIM_INFINITY or limit >= wanted:
        return ""
    return (
        f"This process may open {limit} files: it accepts"
        f" {ConnectionLimits(most).within_descriptors()} connections, not the {most} of"
        f" most_connections. Set LimitNOFILE={wanted} in its unit (without systemd: ulimit -Hn), or"
        " lower most_connections."
    )


def raise_descriptor_limit(wanted: int) -> int:
    """Raise the soft limit of open files to ``wanted`` if allowed; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        with contextlib.suppress(OSError, ValueError):  # a sandbox may forbid it
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class LogLimiter:
    """Passes one message per minute and counts the suppressed ones."""

    def __init__(
        self, interval_s: float = LOG_INTERVAL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._next_at = float("-inf")
        self._suppressed = 0

    def suppressed_if_due(self) -> int | None:
        """Return how many were suppressed since the last message; None if it is too soon."""
        now = self._clock()
        if now < self._next_at:
            self._suppressed += 1
            return None
        self._next_at = now + self._interval_s
        suppressed, self._suppressed = self._suppressed, 0
        return suppressed


class Droppable(Protocol):
    """A connection that can be dropped to make room."""

    def drop(self) -> None:
        """Abort the connection; its address is released at once."""


class CountingState(ServerState):
    """uvicorn's shared state, with the number of open connections per address."""

    def __init__(
        self, limits: ConnectionLimits | None = None, exempt: Collection[str] = ()
    ) -> None:
        super().__init__()
        self.limits = limits or ConnectionLimits()
        self.open = 0
        self.by_address = Counter[str]()
        self.busy = 0
        """Sockets that are not accepted and requests without a body that have no answer yet."""
        self.less_busy = asyncio.Event()
        """Set whenever ``busy`` falls below ``MOST_BUSY``."""
        self._exempt = frozenset(exempt)
        self._waiting = dict[Droppable, str]()
        """Connections without a request at work, the longest waiting first, and their address."""
        self._waiting_of = defaultdict[str, dict[Droppable, None]](dict)

    def begins_work(self) -> None:
        """Count a socket or a request that the application has begun with."""
        self.busy += 1

    def ends_work(self) -> None:
        """Count one fewer: its answer has begun."""
        self.busy -= 1
        if self.busy == MOST_BUSY - 1:
            self.less_busy.set()

    def most(self) -> int:
        """Return how many connections may be open in all under the limit of open files."""
        return self.limits.within_descriptors()

    def refusal(self, address: str) -> str | None:
        """Return why one more connection from this address is refused; None if it is not."""
        most = self.most()
        if self.open >= most:
            return (
                f"{most} connections are open, which is all the server accepts;"
                " raise most_connections, or the limit of open files (LimitNOFILE)"
            )
        if self._is_crowded(address):
            return (
                f"{address} has {self.by_address[address]} connections open,"
                " which is all one address gets;"
                " a proxy belongs into trusted_proxies, a large office raises"
                " most_connections_per_address"
            )
        return None

    def _is_crowded(self, address: str) -> bool:
        # A quarter is reserved for others even if few files may be open.
        most = min(self.limits.most_per_address, max(1, self.most() * 3 // 4))
        return address not in self._exempt and self.by_address[address] >= most

    def make_room(self, address: str) -> str | None:
        """Drop the connections idle for longest to accept one more from this address.

        Return why it must be refused; None if there is room.
        """
        refusal = self.refusal(address)
        while refusal is not None:
            # Over the limit of this address: only its own connections are dropped.
            crowd = self._waiting_of.get(address) if self._is_crowded(address) else self._waiting
            oldest = next(iter(crowd or ()), None)
            if oldest is None:
                return refusal
            self.stops_waiting(oldest)
            oldest.drop()
            refusal = self.refusal(address)
        return None

    def waits(self, connection: Droppable, address: str) -> None:
        """Mark the connection as idle."""
        if connection not in self._waiting:
            self._waiting[connection] = address
            self._waiting_of[address][connection] = None

    def stops_waiting(self, connection: Droppable) -> None:
        """Mark the connection as active or closed."""
        address = self._waiting.pop(connection, None)
        if address is not None:
            own = self._waiting_of[address]
            del own[connection]
            if not own:
                del self._waiting_of[address]

    def take(self, address: str) -> None:
        """Count one more connection."""
        self.open += 1
        self.by_address[address] += 1

    def release(self, address: str) -> None:
        """Count one fewer."""
        self.open -= 1
        self.by_address[address] -= 1
        if self.by_address[address] <= 0:
            del self.by_address[address]


class Acceptor:
    """Accepts connections of one listening socket; replaces ``asyncio.Server``.

    ``create_protocol`` takes the address of the other side.
    """

    def __init__(
        self,
        listening: socket.socket,
        create_protocol: Callable[[str], asyncio.Protocol],
        state: CountingState,
        *,
        retry_s: float = ACCEPT_RETRY_S,
    ) -> None:
        self._listening = listening
        self._create_protocol = create_protocol
        self._state = state
        self._retry_s = retry_s
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._opening = set[asyncio.Task[None]]()
        self._hold: asyncio.Task[None] | None = None
        self._accept_errors = LogLimiter()
        self._refusals = LogLimiter()

    def start(self) -> None:
        """Accept from now on."""
        self._retry = None
        self._loop.add_reader(self._listening.fileno(), self._accept)

    def close(self) -> None:
        """Accept no more."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening.fileno())

    async def wait_closed(self) -> None:
        """Wait for connections that were accepted but not opened yet."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _accept(self) -> None:
        self._accept_some()
        if self._state.busy >= MOST_BUSY and self._retry is None:
            self._loop.remove_reader(self._listening.fileno())
            self._hold = self._loop.create_task(self._wait_until_less_busy())

    def _accept_some(self) -> None:
        for _ in range(_ACCEPTS_AT_ONCE):
            try:
                accepted, place = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as problem:
                self._pause(problem)
                return
            self._admit(accepted, str(place[0]) if place else "")

    async def _wait_until_less_busy(self) -> None:
        self._state.less_busy.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUSY_RETRY_S):
                await self._state.less_busy.wait()
        self._hold = None
        self.start()

    def _pause(self, problem: OSError) -> None:
        """Stop watching the listening socket for a second, as it stays readable."""
        suppressed = self._accept_errors.suppressed_if_due()
        if suppressed is not None:
            _log.error(
                "Connections cannot be accepted: %s (%d more times since this was last logged)."
                " Trying again each second.",
                os.strerror(problem.errno) if problem.errno else problem,
                suppressed,
            )
        self._loop.remove_reader(self._listening.fileno())
        self._retry = self._loop.call_later(self._retry_s, self.start)

    def _admit(self, accepted: socket.socket, address: str) -> None:
        if _is_closed_by_peer(accepted) and not is_plain_request(_waiting_bytes(accepted)):
            # It waited for longer than its browser did: no work for a page that has gone.
            accepted.close()
            return
        refusal = self._state.make_room(address)
        if refusal is not None:
            self._refuse(accepted, refusal)
            return
        accepted.setblocking(False)
        self._state.take(address)
        task = self._loop.create_task(self._open(accepted, address))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def _refuse(self, accepted: socket.socket, why: str) -> None:
        with accepted, contextlib.suppress(OSError):
            accepted.setblocking(False)
            accepted.send(_TOO_MANY)
        suppressed = self._refusals.suppressed_if_due()
        if suppressed is not None:
            _log.warning(
                "A connection was refused: %s (%d more since this was last logged).",
                why,
                suppressed,
            )

    async def _open(self, accepted: socket.socket, address: str) -> None:
        """The protocol releases the address when its connection is lost."""
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._create_protocol(address), accepted
            )
        except OSError:  # before there was a protocol
            accepted.close()
            self._state.release(address)


def is_plain_request(received: bytes) -> bool:
    """Return whether these bytes begin with the whole head of a request that no page sends.

    A program may close its half of the connection after its request (RFC 9112, 9.6) and wait for
    the answer; a browser closes both, which looks the same from here. Pages send their cookie, or
    ask for a websocket.
    """
    head, end, _ = received.partition(b"\r\n\r\n")
    first_line, _, _ = head.partition(b"\r\n")
    is_request = bool(end) and b" HTTP/1." in first_line
    return is_request and not any(name in head.lower() for name in _OF_A_PAGE)


def _waiting_bytes(accepted: socket.socket) -> bytes:
    """Return the first bytes that can be read now, which stay there to be read."""
    try:
        return accepted.recv(_LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


def _is_closed_by_peer(accepted: socket.socket) -> bool:
    try:
        return accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _CLOSE_WAIT
    except OSError:  # a socket of another kind
        return False
