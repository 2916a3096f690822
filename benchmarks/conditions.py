"""Measures the product with many sockets, other sizes, a stalled browser, an import and so on."""

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
from benchmarks.pbx import LONG_LIFE, SHORT_LIFE, Arrival, Life
from benchmarks.profiled_server import FILE_VARIABLE, STAGES
from benchmarks.ratios import Latency, Spread, latency_of, spread
from benchmarks.servers import Server
from benchmarks.sheet import write_sheet
from tests.whole_office.agent_logins import AgentLogin

RATE = 50
"""Calls a second. One core carries them easily, so the figures show the effect of the condition and
not of a backlog."""
STEADY_RATE = 200
_SETTLES_S = 3.0


@dataclass(frozen=True, slots=True)
class Site:
    """A data folder with a database, and the logins of its agents."""

    data: Path
    logins: tuple[AgentLogin, ...]

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple([login.phone for login in self.logins])


@dataclass(frozen=True, slots=True)
class Sockets:
    few: int
    many: int
    ratio: Spread
    """p50 with many browsers to p50 with few."""
    p99_many: Spread
    bytes_idle: float
    """Memory of one more idle browser."""


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
    """How often and how long something blocked the event loop, in seconds."""

    count: int
    median_s: float
    longest_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class ProfileResult:
    stages: Mapping[str, Latency]
    """Each from the end of the stage before; the first from the PBX's send, the last one to the
    browser's read."""
    collections: Mapping[int, Pauses]
    """By generation."""
    pauses: Mapping[str, Pauses]
    """Of ``PAUSE_S`` and longer, by what ran; the longest in all first."""
    packages: Mapping[str, float]
    """Of the server's processor time from the first ring on, the share of each package."""


@contextlib.contextmanager
def served(bench: Bench, site: Site) -> Iterator[Server]:
    """Run the product with all its browsers, warmed up."""
    with servers.product(bench.pbx.port, site.data) as server:
        bench.pbx.expect(lists=True)
        with bench.connected(server, site.logins, talk=True):
            bench.warm_up(server, site.phones, talk=True)
            yield server


def many_sockets(bench: Bench, site: Site, few: int, calls: int, repetitions: int) -> Sockets:
    """Measure with few browsers, then with all of them, in one server."""
    first, rest = Site(site.data, site.logins[:few]), site.logins[few:]
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
            large = _play(bench, f"{len(site.logins)} browsers", server, first.phones, calls)
        ratios.append(large.latency.p50 / small.latency.p50)
        tails.append(large.latency.p99)
    idle = spread(grown).median
    return Sockets(few, len(site.logins), spread(ratios), spread(tails), idle)


def sizes(bench: Bench, small: Site, large: Site, calls: int, repetitions: int) -> Spread:
    """Return p50 with the larger database to p50 with the smaller one."""
    ratios: list[float] = []
    for _ in range(repetitions):
        p50s: list[float] = []
        for site in (small, large):
            with served(bench, site) as server:
                measured = _play(bench, site.data.name, server, site.phones, calls)
                p50s.append(measured.latency.p50)
        ratios.append(p50s[1] / p50s[0])
    return spread(ratios)


def burst(bench: Bench, site: Site, calls: int) -> Measured:
    """Play calls as fast as the server reads them: all ring before any is answered."""
    with served(bench, site) as server:
        what = f"a burst of {calls} calls"
        return bench.measure(what, server, site.phones, count=calls, rate=0)


def after_cards(bench: Bench, site: Site, cards: int) -> float:
    """Return by how many bytes a browser's memory grew after ``cards`` cards."""
    with served(bench, site) as server:
        before = server.usage().rss
        calls = cards * len(site.phones)
        _play(bench, f"{cards} cards each", server, site.phones, calls)
        time.sleep(_SETTLES_S)
        return (server.usage().rss - before) / len(site.phones)


def one_stalled(bench: Bench, site: Site, calls: int) -> tuple[Measured, bool]:
    """Measure with one browser that reads nothing; also return whether it is still connected."""
    stalled_phone = site.logins[0].phone
    with served(bench, site) as server:
        bench.browsers.stall(stalled_phone)
        measured = bench.measure(
            "one browser stalled",
            server,
            site.phones,
            count=calls,
            rate=RATE,
            stalled=frozenset({stalled_phone}),
        )
        return measured, bench.browsers.resume(stalled_phone)


def beside_import(bench: Bench, site: Site, rows: int, rate: int, calls: int) -> BesideImport:
    """Measure calls during a ``screenpop import``, and the same calls before it."""
    sheet = site.data / "sheet.csv"
    write_sheet(sheet, rows)
    with served(bench, site) as server:
        idle = bench.measure("no import beside", server, site.phones, count=calls, rate=rate)
        began = time.monotonic()
        with servers.command(site.data, "import", str(sheet)) as importing:
            measured = bench.measure(
                "an import beside", server, site.phones, count=calls, rate=rate
            )
            if importing.wait():
                bench.fault("the import failed")
        return BesideImport(rows, idle, measured, time.monotonic() - began)


def cold(bench: Bench, site: Site, calls: int) -> tuple[Measured, int]:
    """Measure with a cold page cache; also return the bytes read from disk."""
    with servers.product(bench.pbx.port, site.data) as server:
        bench.pbx.expect(lists=True)
        with bench.connected(server, site.logins, talk=True):
            drop_page_cache(site.data)
            before = server.usage().read
            measured = bench.measure("a cold cache", server, site.phones, count=calls, rate=20)
            return measured, server.usage().read - before


def drop_page_cache(folder: Path) -> None:
    """Drop the files of a folder from the kernel's page cache."""
    for file in folder.iterdir():
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
                os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def stages(bench: Bench, site: Site, calls: int) -> ProfileResult:
    """Profile 50 calls/s in one write."""
    return play_to_profiled_server(bench, site, calls, RATE, Arrival.ONE_WRITE, SHORT_LIFE)


def steady(bench: Bench, site: Site, calls: int) -> ProfileResult:
    """Profile 200 calls/s as recorded, with many concurrent calls."""
    return play_to_profiled_server(bench, site, calls, STEADY_RATE, Arrival.AS_RECORDED, LONG_LIFE)


def play_to_profiled_server(
    bench: Bench, site: Site, calls: int, rate: int, arrival: Arrival, life: Life
) -> ProfileResult:
    """Play calls to a profiled server."""
    report = site.data / "profile.json"
    start, more = ("-m", "benchmarks.profiled_server", "serve"), {FILE_VARIABLE: str(report)}
    with servers.product(bench.pbx.port, site.data, start, more) as server:
        bench.pbx.expect(lists=True)
        with bench.connected(server, site.logins, talk=True):
            bench.warm_up(server, site.phones, talk=True)
            played, collected = bench.play(
                site.phones, count=calls, rate=rate, arrival=arrival, life=life
            )
    profile = orjson.loads(report.read_bytes())
    sent = {ring.call: ring.at for ring in played.rang}
    times = {card.call: (sent[card.call], card.at) for card in collected.seen}
    pauses = {what: _pauses(took) for what, took in profile["pauses"].items()}
    return ProfileResult(
        _stages(times, profile["stamps"]),
        {int(level): _pauses(took) for level, took in sorted(profile["collections"].items())},
        dict(sorted(pauses.items(), key=lambda each: -each[1].total_s)),
        _shares(profile["packages"]),
    )


def _pauses(took: Sequence[float]) -> Pauses:
    return Pauses(len(took), median(took), max(took), sum(took))


def _shares(samples: Mapping[str, int]) -> dict[str, float]:
    """Return each package's share of the samples, the largest first."""
    ordered = sorted(samples.items(), key=lambda each: -each[1])
    return {package: count / sum(samples.values()) for package, count in ordered}


def _stages(
    times: Mapping[str, tuple[float, float]], stamps: Mapping[str, Mapping[str, float]]
) -> dict[str, Latency]:
    spans: dict[str, list[float]] = {stage: [] for stage in (*STAGES, "seen")}
    for call, (sent, seen) in times.items():
        edges = [sent, *(stamps[call][stage] for stage in STAGES), seen]
        for stage, start, end in zip(spans, edges, edges[1:], strict=False):
            # A browser may have read a frame before its write returned.
            spans[stage].append(max(0.0, end - start))
    return {stage: latency_of(seconds) for stage, seconds in spans.items()}


def _play(bench: Bench, what: str, server: Server, phones: Sequence[str], calls: int) -> Measured:
    return bench.measure(what, server, phones, count=calls, rate=RATE)
