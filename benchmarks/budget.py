"""The limits and aims for the figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ladder import CONVENTIONAL_RATE, Ladder, Rung
from benchmarks.pbx import Arrival
from benchmarks.results import Results
from benchmarks.searches import SHARED

HELD_RATE = 50
"""Calls a second that one core carries easily. At higher rates the ratio depends on the number of
cores."""
HELD_RATIOS = {Arrival.ONE_WRITE: 5.0, Arrival.AS_RECORDED: 5.0}
"""Limits of p50 to the floor at ``HELD_RATE`` in the short run, about twice the figures of
docs/benchmarks.md. The short run catches mistakes only: the best quiet repetition counts, and
where none was quiet (``Repetition.is_quiet``) the ratio is printed and not held."""
HELD_READING = 2.9
"""Least ratio of reading AMI to panoramisk in the short run."""
HELD_MS = 30.0
"""Limit of the fastest tenth of the answers on a keep-alive connection: an answer whose body
waits for the acknowledgement of its headers takes 40 ms and more (``web.listen_socket``)."""
RATIOS = {
    Rung(Arrival.AS_RECORDED, 50): (1.6, 1.3),
    Rung(Arrival.AS_RECORDED, 200): (1.6, 1.3),
    Rung(Arrival.ONE_WRITE, 50): (2.3, 1.8),
    Rung(Arrival.ONE_WRITE, 200): (3.0, 2.2),
}
"""Limit and aim of p50 to the floor."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget. ``most``: ``limit`` is the maximum, else the minimum."""

    what: str
    figure: float
    limit: float
    aim: float | None
    unit: str
    most: bool = True

    @property
    def met(self) -> bool:
        return self.figure <= self.limit if self.most else self.figure >= self.limit

    @property
    def aim_met(self) -> bool:
        if self.aim is None:
            return self.met
        return self.figure <= self.aim if self.most else self.figure >= self.aim


def budget(results: Results) -> list[Line]:
    """Return the lines that have figures."""
    of_calls = [*_ring_to_frame(results), *_reading(results), *_growth(results)]
    return [*of_calls, *_collections(results), *_pages(results), *_sheets(results)]


def guards(results: Results) -> list[Line]:
    """Return the limits of the short run. The best repetition counts: other virtual machines slow
    down some repetitions, a slower program slows down all."""
    lines: list[Line] = []
    if results.ladder is not None:
        for arrival, limit in HELD_RATIOS.items():
            rung = Rung(arrival, HELD_RATE)
            quiet = results.ladder.quiet_ratios(rung)
            if quiet:
                lines.append(Line(f"p50 to floor at {rung.key}", min(quiet), limit, None, "×"))
    ingestion = results.ingestion
    if ingestion is not None and {"messages", "panoramisk"} <= ingestion.readings.keys():
        faster = ingestion.ratio("messages", "panoramisk").most
        what = "reading AMI to panoramisk"
        lines.append(Line(what, faster, HELD_READING, None, "×", most=False))
    if results.keep_alive is not None:
        for what, quick_s in results.keep_alive.quick_s.items():
            lines.append(
                Line(f"{what}, keep-alive connection", quick_s * 1e3, HELD_MS, None, " ms")
            )
    return lines


def unjudged(results: Results) -> list[str]:
    """Return the rungs that could not be judged because no repetition was quiet."""
    if results.ladder is None:
        return []
    rungs = [Rung(arrival, HELD_RATE) for arrival in HELD_RATIOS]
    return [rung.key for rung in rungs if not results.ladder.quiet_ratios(rung)]


def _ring_to_frame(results: Results) -> Iterator[Line]:
    if results.ladder is not None:
        yield from _ladder(results.ladder)
    if results.capacity is not None:
        rate = results.capacity.rate
        what = "calls a second that one core carries without a backlog"
        yield Line(what, rate, 600, 1_000, "", most=False)


def _ladder(ladder: Ladder) -> Iterator[Line]:
    for rung, (limit, aim) in RATIOS.items():
        yield Line(f"p50 to floor at {rung.key}", ladder.ratio(rung).median, limit, aim, "×")
    quick = Rung(Arrival.AS_RECORDED, 200)
    yield Line(f"p99 at {quick.key}", ladder.p99(quick).median * 1e3, 5.0, 3.0, "ms")
    cost = ladder.cpu_to_answering(quick)
    if cost is not None:
        what = f"CPU of a whole call at {quick.key} to the answering floor"
        yield Line(what, cost.median, 4.0, 3.0, "×")
    conventional = ladder.conventional()
    if conventional is not None:
        what = f"faster than the conventional design at {CONVENTIONAL_RATE} calls/s"
        yield Line(what, conventional[2].median, 20, 30, "×", most=False)


def _reading(results: Results) -> Iterator[Line]:
    ingestion = results.ingestion
    if ingestion is None:
        return
    speed = ingestion.speed("messages").median
    yield Line("AMI events read a second", speed, 150_000, 250_000, "", most=False)
    if "panoramisk" in ingestion.readings:
        faster = ingestion.ratio("messages", "panoramisk").median
        yield Line("reading AMI to panoramisk", faster, 6, 9, "×", most=False)


def _growth(results: Results) -> Iterator[Line]:
    sockets = results.sockets
    if sockets is not None:
        yield Line("an idle browser", sockets.bytes_idle / 1e3, 45, 36, "kB")
        what = f"p50 with {sockets.many:,} browsers to {sockets.few}"
        yield Line(what, sockets.ratio.median, 1.3, None, "×")
    if results.sizes is not None:
        many, few = results.plan.customers, results.plan.few_customers
        what = f"p50 with {many:,} customers to {few:,}"
        yield Line(what, results.sizes.median, 1.3, 1.1, "×")


def _collections(results: Results) -> Iterator[Line]:
    if results.steady is not None:
        for level, took in results.steady.collections.items():
            if level > 0:
                what = f"longest collection of generation {level} while calls are up"
                yield Line(what, took.longest_s * 1e3, 2.0, None, "ms")


def _pages(results: Results) -> Iterator[Line]:
    if results.keep_alive is not None:
        for what in ("a small page", "a small API call"):
            took = results.keep_alive.answers[what].p50 * 1e3
            yield Line(f"{what} on a keep-alive connection", took, 2.0, None, "ms")
    for where, searches in results.searches.items():
        if SHARED in searches.found and "PostgreSQL" in where:
            took = searches.found[SHARED].p50 * 1e3
            yield Line(f"{SHARED}, {where}", took, 15.0, None, "ms")


def _sheets(results: Results) -> Iterator[Line]:
    speed = results.importing
    if speed is not None:
        what = "rows a second from CSV to customers and phones"
        yield Line(what, speed.known.median, 20_000, 30_000, "", most=False)
        if speed.to_bare is not None:
            what = "an import to a bare loop of csv and executemany"
            yield Line(what, speed.to_bare.median, 3.0, None, "×")
    if results.beside_import is not None:
        ratio = results.beside_import.ratio
        yield Line("p99 beside an import to p99 without", ratio, 1.5, None, "×")
