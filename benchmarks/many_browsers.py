"""Ten thousand browsers that lose their connection at once: how long until all are live again.

    python -m benchmarks.many_browsers                # ``serve``, SQLite
    python -m benchmarks.many_browsers --web 3        # ``listen`` and ``web``, PostgreSQL

The browsers are real websockets with the messages of our pages, from many addresses of 127.0.0.0/8.
While calls ring, what serves the pages is killed (kill -9) and started again, then all connections
are reset at once with the server running; with ``--web`` the active listener is killed too. The
exit status is 1 unless all pages are back within 60 s after each, with every card that rang, no
number of a stream left out or twice, and at the position of the server's streams.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from benchmarks.agents import create_agents
from benchmarks.customers import TIMEZONE, customer_database, draw_callers, work_copy
from benchmarks.page_orders import Break, OpenPages, PageCounts, ReceivedCards
from benchmarks.postgres import on_postgres
from benchmarks.ratios import latency_of
from benchmarks.scale_agents import ScaleAgents
from benchmarks.scale_result import ScaleResult, judge
from benchmarks.scale_servers import start_proxy
from tests.whole_office.agent_logins import AgentLogin, add_agents_now, phones
from tests.whole_office.processes import Office, Part, office, office_settings, start_redis
from tests.whole_office.simulated_pbx import OfficePbx, PlayCalls

BACK_WITHIN_S = 60.0
PAGES_OF_AN_ADDRESS = 400
"""With their requests below the limit of connections of one address."""
_PROCESSES = 3
_CUSTOMERS = 2_000
_SECONDS_A_CUT = 40.0
"""Calls ring for so long on average around each cut."""
_RING_S, _TALK_S = 3.0, 4.0
_OPENS_WITHIN_S, _GIVES_UP_S = 400.0, 150.0
_SETTLES_S = 12.0
"""Two heartbeats: after these every page knows whether it is behind."""


@dataclass(frozen=True, slots=True)
class Options:
    browsers: int
    web: int
    rate: float
    """Calls a second."""


@dataclass(frozen=True, slots=True)
class Cut:
    """All connections were lost at once."""

    what: str
    first_back_s: float
    """Seconds from the cut until the first page had its state again: a server has started."""
    all_back_s: float
    """Seconds from the cut until the last page had its state again."""
    away: Sequence[float]
    """Seconds that each page was away."""
    cpu_s: float
    """Processor time of what serves the pages from the cut until all were back."""


@dataclass
class Floor:
    """The servers, the pages and what was measured so far."""

    options: Options
    here: Office
    groups: Sequence[ScaleAgents]
    cuts: list[Cut] = field(default_factory=list)
    serving: list[Part] = field(default_factory=list)
    """The processes with the sockets."""
    listeners: list[Part] = field(default_factory=list)
    killed_at: float | None = None
    """When what owns the calls was killed."""

    def counts(self) -> PageCounts:
        each = [group.counts() for group in self.groups]
        return PageCounts(*(sum(one) for one in zip(*map(_numbers, each), strict=True)))

    def cpu_s(self) -> float:
        """Return the processor time of all processes with sockets, those killed included."""
        return sum(part.cpu_s() for part in self.here.parts if part.command in {"serve", "web"})

    def cut(self, what: str, act: Callable[[], None]) -> None:
        """Cut all connections and wait until every page is back."""
        before, cpu_s, at = self.counts().breaks, self.cpu_s(), time.monotonic()
        act()
        deadline = at + _GIVES_UP_S
        while True:
            counts = self.counts()
            if counts.breaks - before >= self.options.browsers and not counts.away:
                break
            if time.monotonic() > deadline:
                _progress(f"{what}: {counts}")
                break
            time.sleep(0.5)
        breaks = [one for one in self.breaks() if one.since >= at]
        ends = [one.until for one in breaks if one.until is not None]
        first_back_s = min(ends, default=deadline) - at
        all_back_s = max(ends, default=deadline) - at if not counts.away else float("inf")
        away = [one.until - one.since for one in breaks if one.until is not None]
        self.cuts.append(Cut(what, first_back_s, all_back_s, away, self.cpu_s() - cpu_s))
        _progress(f"{what}: all back after {all_back_s:.1f} s")

    def breaks(self) -> Iterator[Break]:
        for group in self.groups:
            yield from group.report().breaks

    def kill_serving(self) -> None:
        """Kill what serves the pages and start it again at the same ports."""
        for part in self.serving:
            at = part.kill()
            self.killed_at = self.killed_at if self.options.web else at
        self.serving = [self.here.again(part) for part in self.serving]

    def reset(self) -> None:
        for group in self.groups:
            group.reset_all()

    def kill_listener(self) -> None:
        self.killed_at = self.listeners.pop(0).kill()


def main() -> int:
    options = _options()
    with ExitStack() as closing_:
        every = phones(options.browsers)
        pbx = closing_.enter_context(OfficePbx(every))
        groups = [closing_.enter_context(ScaleAgents()) for _ in range(_PROCESSES)]
        here = closing_.enter_context(office())
        floor = Floor(options, here, groups)
        logins, port = _start(floor, pbx, closing_)
        return _measure(floor, pbx, logins, port)


def _measure(floor: Floor, pbx: OfficePbx, logins: Sequence[AgentLogin], port: int) -> int:
    options, empty_bytes, cpu_s = floor.options, _memory(floor.serving), floor.cpu_s()
    opened_s = _open(floor, logins, port)
    opened_cpu_s = floor.cpu_s() - cpu_s
    _progress(f"{len(logins)} pages are connected after {opened_s:.1f} s")
    time.sleep(_SETTLES_S)
    bytes_a_page = (_memory(floor.serving) - empty_bytes) / len(logins)
    idle_at, idle_cpu_s = time.monotonic(), floor.cpu_s()
    time.sleep(_SETTLES_S)
    idle = (floor.cpu_s() - idle_cpu_s) / (time.monotonic() - idle_at)
    callers = draw_callers(customer_database(_CUSTOMERS), 500, seed=3)
    seconds = _SECONDS_A_CUT * (2 + bool(options.web))
    play = PlayCalls(callers, int(options.rate * seconds), options.rate, _RING_S, _TALK_S, seed=5)
    pbx.begin(play)
    time.sleep(_RING_S)
    name = f"{options.web} web processes" if options.web else "serve"
    floor.cut(f"kill -9 of {name}, started again", floor.kill_serving)
    floor.cut("all connections reset", floor.reset)
    if floor.listeners:
        floor.cut("kill -9 of the active listener", floor.kill_listener)
    played = pbx.played(within_s=seconds + 120.0)
    time.sleep(_SETTLES_S)
    counts = floor.counts()
    received = _together([group.report() for group in floor.groups])
    result = judge(played.rings, received, floor.killed_at)
    sockets = sum(_sockets(part) for part in floor.serving)
    lines = [
        *_table(floor, opened_s, opened_cpu_s, bytes_a_page, idle),
        *_findings(result, received, counts, sockets),
    ]
    print("\n".join(lines))
    is_good = (
        result.is_good
        and not (received.gaps or received.repeated or counts.stale or counts.away)
        and sockets == options.browsers
        and all(cut.all_back_s <= BACK_WITHIN_S for cut in floor.cuts)
    )
    return 0 if is_good else 1


def _start(floor: Floor, pbx: OfficePbx, closing_: ExitStack) -> tuple[Sequence[AgentLogin], int]:
    """Start all processes; return the sessions and the port that the pages connect to."""
    options, here = floor.options, floor.here
    if not options.web:
        database = work_copy(_CUSTOMERS, here.folder / "database")
        logins = create_agents(database, options.browsers)
        here.settings = office_settings(
            here.folder, pbx.account, f"sqlite:///{database}", "", TIMEZONE
        )
        floor.serving = [here.screenpop("serve", "serve")]
        floor.serving[0].wait_until_ready()
        return logins, floor.serving[0].port
    url = closing_.enter_context(on_postgres(customer_database(_CUSTOMERS), connections=200))
    logins = add_agents_now(url, options.browsers)
    here.settings = office_settings(here.folder, pbx.account, url, start_redis(here), TIMEZONE)
    floor.listeners = [here.screenpop("listener 1", "listen")]
    floor.listeners[0].wait_until_ready()
    floor.serving = [here.screenpop(f"web {number}", "web") for number in range(options.web)]
    floor.listeners.append(here.screenpop("listener 2", "listen"))
    for part in (*floor.serving, *floor.listeners):
        part.wait_until_ready()
    return logins, start_proxy(here, floor.serving, workers=4).port


def _open(floor: Floor, logins: Sequence[AgentLogin], port: int) -> float:
    began = time.monotonic()
    orders = Counter[int]()
    for number, start in enumerate(range(0, len(logins), PAGES_OF_AN_ADDRESS)):
        part = tuple(logins[start : start + PAGES_OF_AN_ADDRESS])
        group = number % len(floor.groups)
        source = "" if floor.options.web else f"127.0.1.{number + 1}"
        floor.groups[group].begin(OpenPages(port, part, _OPENS_WITHIN_S, source, reads_lists=True))
        orders[group] += 1
    for group, count in orders.items():
        for _ in range(count):
            floor.groups[group].opened(_OPENS_WITHIN_S)
    return time.monotonic() - began


def _together(each: Sequence[ReceivedCards]) -> ReceivedCards:
    refused, lists = Counter[str](), Counter[str]()
    for one in each:
        refused.update(one.refused)
        lists.update(one.lists)
    return ReceivedCards(
        tuple(seen for one in each for seen in one.first),
        sum(one.repeated for one in each),
        tuple(broken for one in each for broken in one.breaks),
        sum(one.frames for one in each),
        refused,
        sum(one.gaps for one in each),
        lists,
    )


def _table(
    floor: Floor, opened_s: float, opened_cpu_s: float, bytes_a_page: float, idle: float
) -> Iterator[str]:
    many = floor.options.browsers
    yield f"{many:,} pages: first connected within {opened_s:.1f} s, {opened_cpu_s:.1f} s of CPU"
    yield f"one idle page: {bytes_a_page / 1e3:.1f} kB; all of them: {idle:.2f} s of CPU a second"
    yield "| cut | first page, all pages back | a page away, p50 / p99 / longest | CPU a page |"
    yield "| --- | --- | --- | --- |"
    for cut in floor.cuts:
        times = "none" if not cut.away else _seconds(cut.away)
        cpu_ms = cut.cpu_s / many * 1e3
        back = f"{cut.first_back_s:.1f}, {cut.all_back_s:.1f} s"
        yield f"| {cut.what} | {back} | {times} | {cpu_ms:.1f} ms |"


def _seconds(away: Sequence[float]) -> str:
    latency = latency_of(away)
    return f"{latency.p50:.1f} / {latency.p99:.1f} / {latency.longest:.1f} s"


def _findings(
    result: ScaleResult, received: ReceivedCards, counts: PageCounts, sockets: int
) -> Iterator[str]:
    yield (
        f"{result.rings} phones rang, {result.seen} cards there; {len(result.lost)} lost,"
        f" {result.misrouted} at another phone, {received.repeated} twice, {received.gaps} gaps"
    )
    if result.takeover is not None:
        takeover = result.takeover
        yield f"{takeover.rings_unheard} rang unheard, {takeover.shown_later} of these shown later"
    if result.usual is not None:
        usual = result.usual
        yield f"ring to card p50 {usual.p50 * 1e3:.0f} ms, p99 {usual.p99 * 1e3:.0f} ms"
    yield f"at the end {counts.away} pages away, {counts.stale} stale, {sockets} sockets"
    yield f"tries that failed: {dict(received.refused)}; lists: {dict(received.lists)}"


def _numbers(counts: PageCounts) -> tuple[int, int, int]:
    return counts.breaks, counts.away, counts.stale


def _memory(parts: Sequence[Part]) -> int:
    """Return the resident bytes of all processes."""
    total = 0
    for part in parts:
        for line in Path(f"/proc/{part.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def _sockets(part: Part) -> int:
    """Return how many browsers a process has, by its metrics."""
    with urlopen(f"http://127.0.0.1:{part.port}/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("screenpop_browsers "):
                return int(float(line.split()[1]))
    return 0


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> Options:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--browsers", type=int, default=10_000)
    words.add_argument("--web", type=int, default=0, help="web processes; 0: screenpop serve")
    words.add_argument("--rate", type=float, default=5.0, help="calls a second")
    given = words.parse_args()
    return Options(given.browsers, given.web, given.rate)


if __name__ == "__main__":
    sys.exit(main())
