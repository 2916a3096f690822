"""How long before the ring a PBX reports a call comes from the recordings alone."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from statistics import median

import pytest

from benchmarks.ami_session import END
from benchmarks.head_start import head_start_of, head_starts, median_lead_s
from benchmarks.pbx import Arrival, Life, Pbx, Play
from benchmarks.recorded import header, name_of, read_events, ringing_call

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
CALLERS = ("+989120000000",)


def test_each_head_start_is_of_a_recording_with_timestamps_and_ends_at_its_ring() -> None:
    starts = head_starts()
    assert len(starts) >= 20
    for start in starts:
        events = read_events(SCENARIOS / start.recording)
        ring = next(event for event in events if name_of(event) == "DialBegin")
        first = next(event for event in events if name_of(event) == "Newchannel")
        lead = float(header(ring, "Timestamp")) - float(header(first, "Timestamp"))
        assert start.lead_s == pytest.approx(lead, abs=1e-6)
        assert list(start.offsets_s) == sorted(start.offsets_s)
        assert len(start.offsets_s) == ringing_call().ring + 1


def test_the_median_head_start_is_about_five_milliseconds() -> None:
    assert 0.004 <= median_lead_s(head_starts()) <= 0.007


def test_a_clock_of_the_pbx_that_steps_back_gives_no_negative_gap() -> None:
    events = [b"Timestamp: 10.5\r\n", b"Timestamp: 10.25\r\n", b"Timestamp: 10.75\r\n"]
    start = head_start_of(SCENARIOS / "22" / "direct_answered.ami", events)
    assert start.offsets_s == (0.0, 0.0, 0.25)


def test_as_recorded_the_events_before_the_ring_come_at_their_gaps_and_the_stamp_is_the_rings(
    pbx: Pbx,
) -> None:
    with Listener(pbx) as listener:
        play = Play(CALLERS, ("1001",), 8, 20.0, 3, Arrival.AS_RECORDED, Life(0.02, 0.04))
        played = pbx.play(play)
        came = listener.until(8, "Hangup")
    leads = []
    for ring in played.rang:
        events = [(at, event) for at, event in came if f"{ring.call}\r\n".encode() in event]
        at_first = events[0][0]
        at_ring = next(at for at, event in events if name_of(event) == "DialBegin")
        assert abs(at_ring - ring.at) < 0.05
        leads.append(at_ring - at_first)
    assert median(leads) > 0.001


def test_both_arrivals_send_the_same_events_of_a_call_in_the_same_order(pbx: Pbx) -> None:
    names = {}
    for arrival in Arrival:
        with Listener(pbx) as listener:
            pbx.play(Play(CALLERS, ("1001",), 1, 100.0, 3, arrival, Life(0.02, 0.04)))
            names[arrival] = [name_of(event) for _, event in listener.until(1, "Hangup")]
    assert names[Arrival.AS_RECORDED] == names[Arrival.ONE_WRITE]
    assert len(names[Arrival.ONE_WRITE]) == ringing_call().events


class Listener:
    """A logged-in AMI client that notes when each event came."""

    def __init__(self, pbx: Pbx) -> None:
        self._socket = socket.create_connection(("127.0.0.1", pbx.port), timeout=10)
        self._socket.sendall(b"Action: Login\r\nActionID: 1\r\nUsername: b\r\nSecret: b" + END)
        pbx.expect(lists=False)
        self._came: list[tuple[float, bytes]] = []
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def until(self, calls: int, last: str) -> list[tuple[float, bytes]]:
        """The events of so many calls, each with two channels that end with the event ``last``."""
        with self._more:
            assert self._more.wait_for(lambda: self._count(last) == 2 * calls, timeout=10)
            return list(self._came)

    def _count(self, name: str) -> int:
        return sum(name_of(event) == name for _, event in self._came)

    def _read(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := self._socket.recv(65536):
                now = time.monotonic()
                *messages, rest = (rest + data).split(END)
                events = [message + END for message in messages if message.startswith(b"Event: ")]
                with self._more:
                    self._came += [(now, e) for e in events if name_of(e) != "FullyBooted"]
                    self._more.notify_all()
