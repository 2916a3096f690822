"""One browser reads nothing: when it is cut, and what the others notice of it.

    python -m benchmarks.slow_browser

Calls ring at all agents of one ``serve``, in turn with every page reading and with one that reads
nothing. The exit status is 1 when it is not cut within 10 s of its first unread message, when
another page loses a card, when its page is not up to date after it has come back, or when the p99
of the others moves by more than 20 ms where rounds with all pages differ by less.
"""

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from benchmarks import servers
from benchmarks.agents import create_agents
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.customers import customer_database, draw_callers, work_copy
from benchmarks.pbx import Pbx
from benchmarks.ratios import route
from tests.whole_office.agent_logins import AgentLogin

CUT_WITHIN_S = 10.0
MOST_MOVED_S = 0.020
_CUSTOMERS = 2_000
_SLOW = 'screenpop_browsers_closed_total{reason="slow"}'


@dataclass(frozen=True, slots=True)
class Round:
    """The others' latency, in seconds, from the ring to the frame at the page."""

    p50: float
    p99: float
    lost: int
    cut_after_s: float | None = None
    """From the first message that the stalled page did not read; None where all read."""


@dataclass
class _CutWatch:
    """Asks a server how many slow browsers it has cut, and keeps the time of the next one."""

    port: int
    at: float | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "_CutWatch":
        before = self._count()
        self._thread = threading.Thread(target=self._watch, args=(before,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self, before: float) -> None:
        while self.at is None and not self._over.wait(0.1):
            if self._count() > before:
                self.at = time.monotonic()

    def _count(self) -> float:
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(_SLOW)), 0.0)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--agents", type=int, default=100)
    words.add_argument("--rate", type=float, default=50.0, help="calls a second")
    words.add_argument("--seconds", type=float, default=16.0, help="of calls in each round")
    words.add_argument("--rounds", type=int, default=4)
    given = words.parse_args()
    callers = draw_callers(customer_database(_CUSTOMERS), 500, seed=3)
    count = int(given.rate * given.seconds)
    with tempfile.TemporaryDirectory() as folder, Pbx() as pbx, Browsers() as browsers:
        data = Path(folder) / "data"
        logins = create_agents(work_copy(_CUSTOMERS, data), given.agents)
        bench = Bench(pbx, browsers, callers)
        with servers.product(pbx.port, data) as server:
            pbx.expect(lists=True)
            browsers.open(server.port, logins, talk=True)
            bench.warm_up(server, [login.phone for login in logins], talk=True)
            whole: list[Round] = []
            stalled: list[Round] = []
            for _ in range(given.rounds):
                whole.append(_play(bench, server, logins, count, given.rate, stalls=False))
                stalled.append(_play(bench, server, logins, count, given.rate, stalls=True))
    return _print(whole, stalled)


def _play(
    bench: Bench,
    server: servers.Server,
    logins: tuple[AgentLogin, ...],
    count: int,
    rate: float,
    *,
    stalls: bool,
) -> Round:
    phones, slow = [login.phone for login in logins], logins[0]
    away = frozenset({slow.phone}) if stalls else frozenset()
    if stalls:
        bench.browsers.stall(slow.phone)
    with _CutWatch(server.port) as watch:
        played, collected = bench.play(phones, count=count, rate=rate, settled=not stalls)
    rang = [ring for ring in played.rang if ring.phone not in away]
    seen = [card for card in collected.seen if card.phone not in away]
    routed = route(rang, seen)
    if routed.latency is None:
        raise RuntimeError("no card arrived")
    cut_after_s = None
    if stalls:
        first = min(ring.at for ring in played.rang if ring.phone == slow.phone)
        cut_after_s = float("inf") if watch.at is None else watch.at - first
        bench.browsers.resume(slow.phone)
        # Until its snapshot is there.
        bench.browsers.open(server.port, (slow,), talk=True)
    return Round(routed.latency.p50, routed.latency.p99, len(routed.lost), cut_after_s)


def _print(whole: list[Round], stalled: list[Round]) -> int:
    p99_whole, p99_stalled = (median(one.p99 for one in rounds) for rounds in (whole, stalled))
    cuts = [one.cut_after_s for one in stalled if one.cut_after_s is not None]
    lost = sum(one.lost for one in (*whole, *stalled))
    moved_s = p99_stalled - p99_whole
    # Between rounds in which all read the p99 must differ by less than what is to be found.
    is_quiet = max(one.p99 for one in whole) - min(one.p99 for one in whole) < MOST_MOVED_S
    lines = [
        "| others, ring to card | p50 | p99 of each round |",
        "| --- | --- | --- |",
        *(
            f"| {what} | {median(one.p50 for one in rounds) * 1e3:.1f} ms |"
            f" {', '.join(f'{one.p99 * 1e3:.1f}' for one in rounds)} ms |"
            for what, rounds in (("all pages read", whole), ("one reads nothing", stalled))
        ),
        f"p99 moved by {moved_s * 1e3:+.1f} ms" + ("" if is_quiet else " on a machine not quiet"),
        f"cut after {', '.join(f'{one:.1f}' for one in cuts)} s; {lost} cards of others lost",
    ]
    print("\n".join(lines))
    is_good = max(cuts) <= CUT_WITHIN_S and not lost
    return 0 if is_good and (moved_s <= MOST_MOVED_S or not is_quiet) else 1


if __name__ == "__main__":
    sys.exit(main())
