"""The product under conditions: many sockets, other sizes, a sleeper, an import, a burst ..."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from benchmarks import servers
from benchmarks.bench import Bench, Measured
from benchmarks.browsers import Seat
from benchmarks.pbx import LONG_LIFE, SHORT_LIFE, Arrival, Life
from benchmarks.ratios import Latency, Spread, latency_of, spread
from benchmarks.servers import Server
from benchmarks.sheet import write_sheet
from benchmarks.watched import FILE_VARIABLE, STAGES

RATE = 50
"""Calls a second. One core carries them with room to spare, so the figures speak of the condition
and not of a queue."""
STEADY_RATE = 200
_SETTLES_S = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder with a database, and the browsers of its agents."""

    data: Path
    seats: tuple[Seat, ...]

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple([seat.phone for seat in self.seats])


@dataclass(frozen=True, slots=True)
class Sockets:
    few: int
    many: int
    ratio: Spread
    """p50 with many browsers to p50 with few."""
    p99_many: Spread
    bytes_idle: float
    """What one more idle browser takes."""


@dataclass(frozen=True, slots=True)
class BesideImport:
    rows: int
    idle: Measured
    """The same calls in the same server, before the import."""
    beside: Measured
    took_s: float
    """From the start of the command to its end, or to the last call where that came later."""

    @property
    def ratio(self) -> float:
        """p99 beside the import to p99 without."""
        return self.beside.latency.p99 / self.idle.latency.p99


@dataclass(frozen=True, slots=True)
class Pauses:
    """How often and how long something kept the loop, in seconds."""

    count: int
    median_s: float
    longest_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Watched:
    stages: Mapping[str, Latency]
    """Each from the end of the stage before; the first from the PBX's send, the last one to the
    browser's read."""
    collections: Mapping[int, Pauses]
    """By generation."""
    pauses: Mapping[str, Pauses]
    """Of ``PAUSE_S`` and longer, by what ran; the longest in all first."""
    rooms: Mapping[str, float]
    """Of the server's processor time from the first ring on, the share of each package."""


@contextlib.contextmanager
def served(bench: Bench, place: Place) -> Iterator[Server]:
    """The product with all its browsers, warm."""
    with servers.product(bench.pbx.port, place.data) as server:
        bench.pbx.expect(lists=True)
        with bench.seated(server, place.seats, talk=True):
            bench.warm_up(server, place.phones, talk=True)
            yield server


def many_sockets(bench: Bench, place: Place, few: int, calls: int, repetitions: int) -> Sockets:
    """Few browsers, then the rest beside them, in one server."""
    first, rest = Place(place.data, place.seats[:few]), place.seats[few:]
    ratios: list[float] = []
    tails: list[float] = []
    grown: list[float] = []
    for _ in range(repetitions):
        with served(bench, first) as server:
            small = _play(bench, f"{few} browsers", server, first.phones, calls)
            before = server.usage().rss
            bench.browsers.open(server.port, rest, talk=True)
            time.sleep(_SETTLES_S)
            grown.append((server.usage().rss - before) / len(rest))
            large = _play(bench, f"{len(place.seats)} browsers", server, first.phones, calls)
        ratios.append(large.latency.p50 / small.latency.p50)
        tails.append(large.latency.p99)
    idle = spread(grown).median
    return Sockets(few, len(place.seats), spread(ratios), spread(tails), idle)


def sizes(bench: Bench, small: Place, large: Place, calls: int, repetitions: int) -> Spread:
    """p50 with the larger database to p50 with the smaller one."""
    ratios: list[float] = []
    for _ in range(repetitions):
        p50s: list[float] = []
        for place in (small, large):
            with served(bench, place) as server:
                measured = _play(bench, place.data.name, server, place.phones, calls)
                p50s.append(measured.latency.p50)
        ratios.append(p50s[1] / p50s[0])
    return spread(ratios)


def burst(bench: Bench, place: Place, calls: int) -> Measured:
    """So many calls as quick as the server reads: all ring before any is answered."""
    with served(bench, place) as server:
        what = f"a burst of {calls} calls"
        return bench.measure(what, server, place.phones, count=calls, rate=0)


def after_cards(bench: Bench, place: Place, cards: int) -> float:
    """Bytes that one browser more than at the start takes, after so many cards each."""
    with served(bench, place) as server:
        before = server.usage().rss
        calls = cards * len(place.phones)
        _play(bench, f"{cards} cards each", server, place.phones, calls)
        time.sleep(_SETTLES_S)
        return (server.usage().rss - before) / len(place.phones)


def one_asleep(bench: Bench, place: Place, calls: int) -> tuple[Measured, bool]:
    """One browser reads nothing: what the others see, and whether it still is connected."""
    sleeper = place.seats[0].phone
    with served(bench, place) as server:
        bench.browsers.sleep(sleeper)
        measured = bench.measure(
            "one browser asleep",
            server,
            place.phones,
            count=calls,
            rate=RATE,
            asleep=frozenset({sleeper}),
        )
        return measured, bench.browsers.wake(sleeper)


def beside_import(bench: Bench, place: Place, rows: int, rate: int, calls: int) -> BesideImport:
    """Calls while ``screenpop import`` brings a sheet in, and the same calls before it does."""
    sheet = place.data / "sheet.csv"
    write_sheet(sheet, rows)
    with served(bench, place) as server:
        idle = bench.measure("no import beside", server, place.phones, count=calls, rate=rate)
        began = time.monotonic()
        with servers.command(place.data, "import", str(sheet)) as importing:
            measured = bench.measure(
                "an import beside", server, place.phones, count=calls, rate=rate
            )
            if importing.wait():
                bench.fault("the import failed")
        return BesideImport(rows, idle, measured, time.monotonic() - began)


def cold(bench: Bench, place: Place, calls: int) -> tuple[Measured, int]:
    """No byte of the database is in the machine's memory. Also gives what came from the disk."""
    with servers.product(bench.pbx.port, place.data) as server:
        bench.pbx.expect(lists=True)
        with bench.seated(server, place.seats, talk=True):
            forget(place.data)
            before = server.usage().read
            measured = bench.measure("a cold cache", server, place.phones, count=calls, rate=20)
            return measured, server.usage().read - before


def forget(folder: Path) -> None:
    """Have the kernel drop what it holds of the files in a folder."""
    for file in folder.iterdir():
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
                os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def stages(bench: Bench, place: Place, calls: int) -> Watched:
    """One write at 50 calls/s, with a stop-watch in the server."""
    return watch(bench, place, calls, RATE, Arrival.ONE_WRITE, SHORT_LIFE)


def steady(bench: Bench, place: Place, calls: int) -> Watched:
    """As recorded at 200 calls/s with many calls up at once, with a stop-watch in the server."""
    return watch(bench, place, calls, STEADY_RATE, Arrival.AS_RECORDED, LONG_LIFE)


def watch(
    bench: Bench, place: Place, calls: int, rate: int, arrival: Arrival, life: Life
) -> Watched:
    """Play calls to a server with a stop-watch in it."""
    report = place.data / "watched.json"
    start, more = ("-m", "benchmarks.watched", "serve"), {FILE_VARIABLE: str(report)}
    with servers.product(bench.pbx.port, place.data, start, more) as server:
        bench.pbx.expect(lists=True)
        with bench.seated(server, place.seats, talk=True):
            bench.warm_up(server, place.phones, talk=True)
            played, collected = bench.play(
                place.phones, count=calls, rate=rate, arrival=arrival, life=life
            )
    watched = orjson.loads(report.read_bytes())
    sent = {ring.call: ring.at for ring in played.rang}
    times = {one.call: (sent[one.call], one.at) for one in collected.seen}
    pauses = {what: _pauses(took) for what, took in watched["pauses"].items()}
    return Watched(
        _stages(times, watched["stamps"]),
        {int(level): _pauses(took) for level, took in sorted(watched["collections"].items())},
        dict(sorted(pauses.items(), key=lambda each: -each[1].total_s)),
        _shares(watched["rooms"]),
    )


def _pauses(took: Sequence[float]) -> Pauses:
    return Pauses(len(took), median(took), max(took), sum(took))


def _shares(looks: Mapping[str, int]) -> dict[str, float]:
    """The largest first."""
    ordered = sorted(looks.items(), key=lambda each: -each[1])
    return {room: count / sum(looks.values()) for room, count in ordered}


def _stages(
    times: Mapping[str, tuple[float, float]], stamps: Mapping[str, Mapping[str, float]]
) -> dict[str, Latency]:
    spans: dict[str, list[float]] = {stage: [] for stage in (*STAGES, "seen")}
    for call, (sent, seen) in times.items():
        edges = [sent, *(stamps[call][stage] for stage in STAGES), seen]
        for stage, start, end in zip(spans, edges, edges[1:], strict=False):
            # A browser may have read what is still being said to be written.
            spans[stage].append(max(0.0, end - start))
    return {stage: latency_of(seconds) for stage, seconds in spans.items()}


def _play(bench: Bench, what: str, server: Server, phones: Sequence[str], calls: int) -> Measured:
    return bench.measure(what, server, phones, count=calls, rate=RATE)
