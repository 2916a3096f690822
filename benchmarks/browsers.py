"""Many browsers in one process of their own: each frame is stamped when it is read."""

import select
import socket
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks.children import Child
from benchmarks.frames import CLOSE, TEXT, check_handshake, handshake, take_frames
from benchmarks.page import FRAME_S, HELLO, Page, Seen

_READS = 262_144
_READY_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one browser connects: which phone it sits at, and what lets it in."""

    phone: str
    path: str
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    port: int
    seats: tuple[Seat, ...]
    talk: bool
    """Whether they speak Screenpop's protocol."""


@dataclass(frozen=True, slots=True)
class Collect:
    """What was seen since the last time: once so many calls were, or nothing more comes for
    ``quiet_s``."""

    calls: int
    quiet_s: float
    settled: bool = False
    """Wait until each call is over on its page, too."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """The browser at this phone reads nothing from now on."""

    phone: str


@dataclass(frozen=True, slots=True)
class Wake:
    """Read what a sleeper was sent, and return whether its connection is still open."""

    phone: str


@dataclass(frozen=True, slots=True)
class CloseAll:
    pass


Order = Open | Collect | Sleep | Wake | CloseAll


@dataclass(frozen=True, slots=True)
class Collected:
    seen: tuple[Seen, ...]
    """Each card once: when it first came, in the state it came to be in."""
    lost_lines: tuple[str, ...]
    """Browsers that were cut off, and what they were told."""
    frames: int


class Browsers(Child):
    def __init__(self) -> None:
        super().__init__("browsers", serve)

    def open(self, port: int, seats: tuple[Seat, ...], *, talk: bool) -> None:
        """Connect them all; each is ready when this returns."""
        self.ask(Open(port, seats, talk))

    def collect(self, calls: int, quiet_s: float = 3.0, *, settled: bool = False) -> Collected:
        collected = self.ask(Collect(calls, quiet_s, settled))
        assert isinstance(collected, Collected)
        return collected

    def sleep(self, phone: str) -> None:
        self.ask(Sleep(phone))

    def wake(self, phone: str) -> bool:
        """Whether the connection of a sleeper is still open. The sleeper is gone after that."""
        stands = self.ask(Wake(phone))
        assert isinstance(stands, bool)
        return stands

    def close_all(self) -> None:
        self.ask(CloseAll())


# -- in the process ----------------------------------------------------------------------------

OVER = frozenset({"wrap_up", "gone", "missed"})
"""The states of a card whose call is over."""


class _Browser:
    def __init__(self, seat: Seat, connection: socket.socket, *, talk: bool) -> None:
        self.page = Page(seat.phone, talks=talk)
        self.connection = connection
        self.rest = b""


class _Room:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._poll = select.epoll()
        self._poll.register(pipe.fileno(), select.EPOLLIN)
        self._browsers: dict[int, _Browser] = {}
        self._later: deque[tuple[float, _Browser, bytes]] = deque()
        self._seen: list[Seen] = []
        self._first: dict[tuple[str, str], Seen] = {}
        self._earlier: set[tuple[str, str]] = set()
        self._last: dict[str, str] = {}
        """Call → the state that its newest card has."""
        self._open_calls: set[str] = set()
        self._lost: list[str] = []
        self._frames = 0
        self._heard_at = 0.0
        self._collect: Collect | None = None

    def run(self) -> None:
        while True:
            self._turn()
            if self._collect is not None and self._has_all(self._collect):
                self._collect = None
                self._pipe.send(self._take())

    def _turn(self) -> None:
        wait = 0.05
        if self._later:
            wait = max(0.0, min(wait, self._later[0][0] - time.monotonic()))
        for number, _ in self._poll.poll(wait):
            if number == self._pipe.fileno():
                self._obey(self._pipe.recv())
            else:
                self._read(number)
        now = time.monotonic()
        while self._later and self._later[0][0] <= now:
            _, browser, data = self._later.popleft()
            self._say(browser, data)

    def _obey(self, order: Order) -> None:
        match order:
            case Open():
                self._open(order)
                self._pipe.send(None)
            case Collect():
                self._collect = order
                self._heard_at = time.monotonic()
            case Sleep(phone):
                self._poll.unregister(self._number_of(phone))
                self._pipe.send(None)
            case Wake(phone):
                browser = self._browsers.pop(self._number_of(phone))
                self._pipe.send(_stands(browser.connection))
                browser.connection.close()
            case CloseAll():
                for number in list(self._browsers):
                    self._drop(number)
                self._later.clear()
                self._take()
                self._pipe.send(None)

    def _open(self, order: Open) -> None:
        for seat in order.seats:
            connection = _connect(order.port, seat)
            connection.setblocking(False)
            browser = _Browser(seat, connection, talk=order.talk)
            self._browsers[connection.fileno()] = browser
            self._poll.register(connection.fileno(), select.EPOLLIN)
            if order.talk:
                connection.send(HELLO)
        deadline = time.monotonic() + _READY_WITHIN_S
        while not all(browser.page.ready for browser in self._browsers.values()):
            self._turn()
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
        self._heard_at = at
        for kind, payload in frames:
            if kind == TEXT:
                self._take_in(browser, payload, at)
            elif kind == CLOSE:
                self._drop(number)

    def _take_in(self, browser: _Browser, payload: bytes, at: float) -> None:
        self._frames += 1
        answer = browser.page.heard(payload, at, self._seen)
        now, next_frame = answer.frames()
        if now:
            self._say(browser, now)
        if next_frame:
            self._later.append((at + FRAME_S, browser, next_frame))
        while self._seen:
            seen = self._seen.pop()
            if (seen.call, seen.phone) not in self._earlier:
                self._first.setdefault((seen.call, seen.phone), seen)
                self._last[seen.call] = seen.state
                if seen.state in OVER:
                    self._open_calls.discard(seen.call)
                else:
                    self._open_calls.add(seen.call)

    def _say(self, browser: _Browser, data: bytes) -> None:
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

    def _has_all(self, collect: Collect) -> bool:
        if time.monotonic() - self._heard_at > collect.quiet_s:
            return True
        if len(self._last) < collect.calls:
            return False
        return not (collect.settled and self._open_calls)

    def _take(self) -> Collected:
        seen = [one._replace(state=self._last[one.call]) for one in self._first.values()]
        collected = Collected(tuple(seen), tuple(self._lost), self._frames)
        # A card may leave the page much later: that is no card of the next calls.
        self._earlier.update(self._first)
        self._first, self._last, self._frames, self._lost = {}, {}, 0, []
        self._open_calls.clear()
        return collected


def _stands(connection: socket.socket) -> bool:
    try:
        while connection.recv(_READS):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _connect(port: int, seat: Seat) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request, key = handshake(seat.path, f"127.0.0.1:{port}", seat.cookie)
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
    _Room(pipe).run()
