"""The fake PBX: an AMI server in its own process that plays calls and stamps them at the send.

Stamps are ``time.monotonic()``, which all processes of a machine share.
"""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks.ami_session import END, AmiSession
from benchmarks.children import Child
from benchmarks.recorded import any_call, call_agent_recordings, ringing_call

USERNAME, SECRET = "bench", "bench-secret"
AFTER_RING_S = (0.0, 0.02, 0.6, 1.2)
"""When the parts of a call are sent: its burst up to DialBegin, ringing, answer, end."""
LAST = b"Event: Hangup\r\nChannel: last\r\nUniqueid: last\r\nCause: 0" + END
"""Ends a flood, so that a reader knows that it has seen everything."""
_MARGIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Play:
    """Calls to the phones in turn of a seeded die. ``rate``: calls a second, Poisson; 0: as quick
    as the other side reads, all rings first."""

    callers: tuple[str, ...]
    phones: tuple[str, ...]
    count: int
    rate: float
    seed: int


@dataclass(frozen=True, slots=True)
class Rang:
    """One call as it was sent."""

    call: str
    phone: str
    at: float


@dataclass(frozen=True, slots=True)
class Played:
    rang: tuple[Rang, ...]
    longest_write_s: float
    """Asterisk cuts off a reader that lets it wait for 0.1 s."""
    began_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Flood:
    """About so many events at full speed: ringing calls only, or all that was recorded."""

    events: int
    mixed: bool


@dataclass(frozen=True, slots=True)
class Flooded:
    events: int
    bytes: int
    began_at: float


@dataclass(frozen=True, slots=True)
class Expect:
    """Wait for the next client: until it has logged in, or also asked for all lists."""

    lists: bool
    within_s: float


Order = Play | Flood | Expect


class Pbx(Child):
    """The handle on the process. ``port`` is where it speaks AMI."""

    def __init__(self) -> None:
        super().__init__("pbx", serve)
        self.port: int = self.hear()

    def play(self, play: Play) -> Played:
        played = self.ask(play)
        assert isinstance(played, Played)
        return played

    def flood(self, flood: Flood) -> None:
        """Begins a flood; ``flooded`` waits for its end."""
        self.tell(flood)

    def flooded(self) -> Flooded:
        answer = self.hear()
        assert isinstance(answer, Flooded)
        return answer

    def expect(self, *, lists: bool, within_s: float = 30.0) -> None:
        """A fresh client is there. Raises TimeoutError."""
        if not self.ask(Expect(lists, within_s)):
            raise TimeoutError(f"nobody logged in at the fake PBX within {within_s:g} s")


# -- in the process ----------------------------------------------------------------------------


class _Exchange:
    """Takes one client after the other; the newest is the one that is played to."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._newest: AmiSession | None = None
        self._new = threading.Condition()
        self._next_id = 1
        self._direct = ringing_call()
        threading.Thread(target=self._accept, daemon=True).start()

    def expect(self, expect: Expect) -> bool:
        deadline = time.monotonic() + expect.within_s
        with self._new:
            while self._newest is None or self._newest.over.is_set():
                if not self._new.wait(max(0.0, deadline - time.monotonic())):
                    return False
        session = self._newest
        there = session.listed if expect.lists else session.logged_in
        return there.wait(max(0.0, deadline - time.monotonic()))

    def play(self, play: Play) -> Played:
        dice = random.Random(play.seed)
        calls: list[tuple[str, str]] = []
        writes: list[tuple[float, int, bytes]] = []
        due = 0.0
        for number in range(play.count):
            phone, caller = dice.choice(play.phones), dice.choice(play.callers)
            first_id = self._take_ids(self._direct.ids)
            calls.append((self._direct.linkedid(first_id), phone))
            due += dice.expovariate(play.rate) if play.rate else 0.0
            parts = self._direct.render(first_id, caller, phone)
            for place, (after, data) in enumerate(zip(AFTER_RING_S, parts, strict=True)):
                ring = number if place == 0 else -1
                writes.append((due + after if play.rate else float(place), ring, data))
        writes.sort(key=lambda write: write[0])
        return self._send_all(writes, calls, paced=bool(play.rate))

    def _send_all(
        self,
        writes: Iterable[tuple[float, int, bytes]],
        calls: list[tuple[str, str]],
        *,
        paced: bool,
    ) -> Played:
        session, clock = self._session(), time.monotonic
        stamps = [0.0] * len(calls)
        longest, began = 0.0, clock() + _MARGIN_S
        for due, ring, data in writes:
            wait = began + due - clock()
            if paced and wait > 0:
                time.sleep(wait)
            now = clock()
            if ring >= 0:
                stamps[ring] = now
            session.send(data)
            longest = max(longest, clock() - now)
        rang = [Rang(call, phone, at) for (call, phone), at in zip(calls, stamps, strict=True)]
        return Played(tuple(rang), longest, began, clock())

    def flood(self, flood: Flood) -> Flooded:
        files = call_agent_recordings() if flood.mixed else []
        recordings = [any_call(file) for file in files] or [self._direct]
        pieces: list[bytes] = []
        events = 0
        while events < flood.events:
            for recorded in recordings:
                pieces += recorded.render(self._take_ids(recorded.ids), "+989120000000", "1001")
                events += recorded.events
        data = b"".join(pieces) + LAST
        session, began = self._session(), time.monotonic()
        with contextlib.suppress(OSError):  # a reader that failed hangs up
            session.send(data)
        return Flooded(events + 1, len(data), began)

    def _session(self) -> AmiSession:
        if self._newest is None or self._newest.over.is_set():
            raise ConnectionError("nobody is logged in at the fake PBX")
        return self._newest

    def _take_ids(self, many: int) -> int:
        first, self._next_id = self._next_id, self._next_id + many
        return first

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with self._new:
                self._newest = AmiSession(connection)
                self._new.notify_all()


def serve(pipe: Connection) -> None:
    """The process: one order after the other."""
    exchange = _Exchange()
    pipe.send(exchange.port)
    while True:
        order: Order = pipe.recv()
        match order:
            case Play():
                pipe.send(exchange.play(order))
            case Flood():
                pipe.send(exchange.flood(order))
            case Expect():
                pipe.send(exchange.expect(order))
