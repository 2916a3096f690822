"""The fake PBX: an AMI server in its own process that plays calls and stamps them at the send.

Stamps are ``time.monotonic()``, which all processes of a machine share.
"""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import NamedTuple

from benchmarks.ami_session import END, AmiSession
from benchmarks.head_start import head_starts
from benchmarks.recorded import any_call, call_agent_recordings, ringing_call
from tests.whole_office.child_process import ChildProcess

USERNAME, SECRET = "bench", "bench-secret"
RINGING_AFTER_S = 0.02
"""From ``DialBegin`` to the report that the phone rings."""
LAST = b"Event: Hangup\r\nChannel: last\r\nUniqueid: last\r\nCause: 0" + END
"""Ends a flood, so that a reader knows that it has read everything."""
_MARGIN_S = 0.2


class Arrival(StrEnum):
    """How the events before ``DialBegin`` reach the server."""

    ONE_WRITE = "one write"
    """Together with it: the server learns of a call when its phone rings. The worst case."""
    AS_RECORDED = "as recorded"
    """Each in a write of its own, with the gaps of a recording (``head_start``)."""


@dataclass(frozen=True, slots=True)
class Life:
    """When a call is answered and over, in seconds after its ``DialBegin``."""

    answered_s: float
    over_s: float


SHORT_LIFE = Life(0.6, 1.2)
LONG_LIFE = Life(1.0, 4.0)
"""At 50 calls a second 200 calls are up at any time, at 200 calls a second 800: two and eight on
each of a hundred phones."""


@dataclass(frozen=True, slots=True)
class Play:
    """Calls to random phones. ``rate``: calls a second, Poisson; 0: as fast as the client reads,
    all rings first."""

    callers: tuple[str, ...]
    phones: tuple[str, ...]
    count: int
    rate: float
    seed: int
    arrival: Arrival = Arrival.ONE_WRITE
    life: Life = SHORT_LIFE


@dataclass(frozen=True, slots=True)
class Rang:
    """One call as it was sent."""

    call: str
    phone: str
    at: float
    """When its ``DialBegin`` was sent."""


@dataclass(frozen=True, slots=True)
class Played:
    rang: tuple[Rang, ...]
    longest_write_s: float
    """Asterisk disconnects a client that blocks a write for 0.1 s."""
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


class Pbx(ChildProcess):
    """The fake PBX process. ``port`` is its AMI port."""

    def __init__(self) -> None:
        super().__init__("pbx", serve)
        self.port: int = self.receive()

    def play(self, play: Play) -> Played:
        played = self.request(play)
        assert isinstance(played, Played)
        return played

    def flood(self, flood: Flood) -> None:
        """Begins a flood; ``flooded`` waits for its end."""
        self.send(flood)

    def flooded(self) -> Flooded:
        answer = self.receive()
        assert isinstance(answer, Flooded)
        return answer

    def expect(self, *, lists: bool, within_s: float = 30.0) -> None:
        """Wait for a new client. Raises TimeoutError."""
        if not self.request(Expect(lists, within_s)):
            raise TimeoutError(f"no client logged in at the fake PBX within {within_s:g} s")


# -- in the process ----------------------------------------------------------------------------


class _Call(NamedTuple):
    first_id: int
    caller: str
    phone: str


class _Write(NamedTuple):
    """Parts ``start`` to ``end`` (exclusive) of the call ``number``, sent at once."""

    due: float
    number: int
    start: int
    end: int


class _FakePbx:
    """Accepts AMI clients; calls are played to the newest one."""

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
        rng = random.Random(play.seed)
        starts = head_starts() if play.arrival is Arrival.AS_RECORDED else ()
        calls: list[_Call] = []
        writes: list[_Write] = []
        due = 0.0
        for number in range(play.count):
            phone, caller = rng.choice(play.phones), rng.choice(play.callers)
            calls.append(_Call(self._take_ids(self._direct.ids), caller, phone))
            due += rng.expovariate(play.rate) if play.rate else 0.0
            offsets = rng.choice(starts).offsets_s if starts else (0.0,)
            writes += self._writes(number, due, offsets, play)
        writes.sort()
        return self._send_all(writes, calls, paced=bool(play.rate))

    def _writes(
        self, number: int, due: float, offsets: Sequence[float], play: Play
    ) -> Iterator[_Write]:
        """The writes of a call: its events up to ``DialBegin`` at ``offsets`` after ``due``, all
        of them in the last write where there is only one, then ringing, answer and end."""
        ring, life = self._direct.ring, play.life
        *before, lead = offsets
        for part, offset in enumerate(before):
            yield _Write(due + offset, number, part, part + 1)
        rings = due + lead
        yield _Write(rings, number, len(before), ring + 1)
        for index, after in enumerate((RINGING_AFTER_S, life.answered_s, life.over_s), 1):
            # Without a pace: every call rings before any is answered.
            part = ring + index
            yield _Write(rings + after if play.rate else index, number, part, part + 1)

    def _send_all(self, writes: Sequence[_Write], calls: Sequence[_Call], *, paced: bool) -> Played:
        session, clock, direct = self._session(), time.monotonic, self._direct
        stamps = [0.0] * len(calls)
        values: dict[int, list[bytes]] = {}
        longest, began = 0.0, clock() + _MARGIN_S
        for due, number, start, end in writes:
            if start == 0:
                values[number] = direct.values(*calls[number])
            data = b"".join([part.render(values[number]) for part in direct.parts[start:end]])
            wait = began + due - clock()
            if paced and wait > 0:
                time.sleep(wait)
            now = clock()
            if start <= direct.ring < end:
                stamps[number] = now
            session.send(data)
            longest = max(longest, clock() - now)
            if end == len(direct.parts):
                del values[number]
        rang = [
            Rang(direct.linkedid(call.first_id), call.phone, at)
            for call, at in zip(calls, stamps, strict=True)
        ]
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
            raise ConnectionError("no client is logged in at the fake PBX")
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
    """Run in the process: carry out one order after the other."""
    pbx = _FakePbx()
    pipe.send(pbx.port)
    while True:
        order: Order = pipe.recv()
        match order:
            case Play():
                pipe.send(pbx.play(order))
            case Flood():
                pipe.send(pbx.flood(order))
            case Expect():
                pipe.send(pbx.expect(order))
