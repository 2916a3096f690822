"""Many simulated browsers in one process; each frame is stamped when it is read."""

import select
import socket
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks.frames import CLOSE, TEXT, check_handshake, handshake, take_frames
from benchmarks.page import FRAME_S, HELLO, Page, Seen
from tests.whole_office.agent_logins import AgentLogin
from tests.whole_office.child_process import ChildProcess

_READS = 262_144
_READY_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Open:
    port: int
    logins: tuple[AgentLogin, ...]
    talk: bool
    """Whether they use Screenpop's protocol."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Request the cards since the last time, after ``calls`` calls or ``quiet_s`` without data."""

    calls: int
    quiet_s: float
    settled: bool = False
    """Also wait until each call is over on its page."""


@dataclass(frozen=True, slots=True)
class Stall:
    """The browser at this phone reads nothing from now on."""

    phone: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Read what a stalled browser was sent; answer whether its connection is still open."""

    phone: str


@dataclass(frozen=True, slots=True)
class CloseAll:
    pass


Order = Open | Collect | Stall | Resume | CloseAll


@dataclass(frozen=True, slots=True)
class Collected:
    seen: tuple[Seen, ...]
    """Each card once: the time of its first frame, its last state."""
    lost_lines: tuple[str, ...]
    """Browsers that were disconnected, with the reason."""
    frames: int


class Browsers(ChildProcess):
    def __init__(self) -> None:
        super().__init__("browsers", serve)

    def open(self, port: int, logins: tuple[AgentLogin, ...], *, talk: bool) -> None:
        """Connect a browser for each login and wait until all are ready."""
        self.request(Open(port, logins, talk))

    def collect(self, calls: int, quiet_s: float = 3.0, *, settled: bool = False) -> Collected:
        collected = self.request(Collect(calls, quiet_s, settled))
        assert isinstance(collected, Collected)
        return collected

    def stall(self, phone: str) -> None:
        self.request(Stall(phone))

    def resume(self, phone: str) -> bool:
        """Return whether the connection of a stalled browser is still open, and close it."""
        is_open = self.request(Resume(phone))
        assert isinstance(is_open, bool)
        return is_open

    def close_all(self) -> None:
        self.request(CloseAll())


# -- in the process ----------------------------------------------------------------------------

OVER = frozenset({"wrap_up", "gone", "missed"})
"""The states of a card whose call is over."""


class _Browser:
    def __init__(self, login: AgentLogin, connection: socket.socket, *, talk: bool) -> None:
        self.page = Page(login.phone, talks=talk)
        self.connection = connection
        self.rest = b""


class _BrowserLoop:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._poll = select.epoll()
        self._poll.register(pipe.fileno(), select.EPOLLIN)
        self._browsers: dict[int, _Browser] = {}
        self._delayed: deque[tuple[float, _Browser, bytes]] = deque()
        self._seen: list[Seen] = []
        self._first: dict[tuple[str, str], Seen] = {}
        self._earlier: set[tuple[str, str]] = set()
        self._last: dict[str, str] = {}
        """Call → the state that its newest card has."""
        self._open_calls: set[str] = set()
        self._lost: list[str] = []
        self._frames = 0
        self._last_data_at = 0.0
        self._collect: Collect | None = None

    def run(self) -> None:
        while True:
            self._run_once()
            if self._collect is not None and self._is_complete(self._collect):
                self._collect = None
                self._pipe.send(self._take_collected())

    def _run_once(self) -> None:
        wait = 0.05
        if self._delayed:
            wait = max(0.0, min(wait, self._delayed[0][0] - time.monotonic()))
        for number, _ in self._poll.poll(wait):
            if number == self._pipe.fileno():
                self._carry_out(self._pipe.recv())
            else:
                self._read(number)
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            _, browser, data = self._delayed.popleft()
            self._send(browser, data)

    def _carry_out(self, order: Order) -> None:
        match order:
            case Open():
                self._open(order)
                self._pipe.send(None)
            case Collect():
                self._collect = order
                self._last_data_at = time.monotonic()
            case Stall(phone):
                self._poll.unregister(self._number_of(phone))
                self._pipe.send(None)
            case Resume(phone):
                browser = self._browsers.pop(self._number_of(phone))
                self._pipe.send(_is_open(browser.connection))
                browser.connection.close()
            case CloseAll():
                for number in list(self._browsers):
                    self._drop(number)
                self._delayed.clear()
                self._take_collected()
                self._pipe.send(None)

    def _open(self, order: Open) -> None:
        for login in order.logins:
            connection = _connect(order.port, login)
            connection.setblocking(False)
            browser = _Browser(login, connection, talk=order.talk)
            self._browsers[connection.fileno()] = browser
            self._poll.register(connection.fileno(), select.EPOLLIN)
            if order.talk:
                connection.send(HELLO)
        deadline = time.monotonic() + _READY_WITHIN_S
        while not all(browser.page.ready for browser in self._browsers.values()):
            self._run_once()
            if self._lost or time.monotonic() > deadline:
                raise TimeoutError(f"browsers that got no snapshot; lost: {self._lost[:3]}")

    def _read(self, number: int) -> None:
        browser = self._browsers.get(number)
        if browser is None:
            return
        try:
            data = browser.connection.recv(_READS)
        except BlockingIOError:
            return
        except OSError as error:
            data = b""
            browser.page.bye = browser.page.bye or str(error)
        at = time.monotonic()
        if not data:
            self._drop(number)
            return
        frames, browser.rest = take_frames(browser.rest + data)
        self._last_data_at = at
        for kind, payload in frames:
            if kind == TEXT:
                self._handle_message(browser, payload, at)
            elif kind == CLOSE:
                self._drop(number)

    def _handle_message(self, browser: _Browser, payload: bytes, at: float) -> None:
        self._frames += 1
        answer = browser.page.receive(payload, at, self._seen)
        now, next_frame = answer.frames()
        if now:
            self._send(browser, now)
        if next_frame:
            self._delayed.append((at + FRAME_S, browser, next_frame))
        while self._seen:
            seen = self._seen.pop()
            if (seen.call, seen.phone) not in self._earlier:
                self._first.setdefault((seen.call, seen.phone), seen)
                self._last[seen.call] = seen.state
                if seen.state in OVER:
                    self._open_calls.discard(seen.call)
                else:
                    self._open_calls.add(seen.call)

    def _send(self, browser: _Browser, data: bytes) -> None:
        try:
            browser.connection.send(data)
        except OSError as error:
            browser.page.bye = browser.page.bye or str(error)

    def _number_of(self, phone: str) -> int:
        return next(n for n, browser in self._browsers.items() if browser.page.phone == phone)

    def _drop(self, number: int) -> None:
        browser = self._browsers.pop(number)
        self._lost.append(f"{browser.page.phone}: {browser.page.bye or 'closed'}")
        browser.connection.close()

    def _is_complete(self, collect: Collect) -> bool:
        if time.monotonic() - self._last_data_at > collect.quiet_s:
            return True
        if len(self._last) < collect.calls:
            return False
        return not (collect.settled and self._open_calls)

    def _take_collected(self) -> Collected:
        seen = [card._replace(state=self._last[card.call]) for card in self._first.values()]
        collected = Collected(tuple(seen), tuple(self._lost), self._frames)
        # A card may leave the page much later; it does not count for the next calls.
        self._earlier.update(self._first)
        self._first, self._last, self._frames, self._lost = {}, {}, 0, []
        self._open_calls.clear()
        return collected


def _is_open(connection: socket.socket) -> bool:
    try:
        while connection.recv(_READS):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _connect(port: int, login: AgentLogin) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request, key = handshake(login.path, f"127.0.0.1:{port}", login.cookie)
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = connection.recv(1)  # not a byte of the first frame
        if not data:
            break
        answer += data
    check_handshake(answer, key)
    return connection


def serve(pipe: Connection) -> None:
    _BrowserLoop(pipe).run()
