"""What the figures are held against."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ladder import OBVIOUS_RATE
from benchmarks.results import Results

NOISE = 1.4
"""In the short form a ratio may be so much worse: it is there to catch mistakes, not to judge."""
HELD_RATE = 50
HELD_RATIO = 3.5
"""p50 to the floor at that rate, as docs/benchmarks.md shows it: further from the budget than this
no change may take it. Beyond that rate the figure says how many cores the machine has to spare."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget. ``most`` says whether ``limit`` is a ceiling or the least."""

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
    return [*_ring_to_frame(results), *_reading(results), *_growth(results), *_sheets(results)]


def guards(results: Results) -> list[Line]:
    """What fails the short form, with a margin for noise. Judged is the best repetition: a busy
    neighbour of a virtual machine spoils some of them, a slower program all."""
    ladder, ingestion = results.ladder, results.ingestion
    held = ladder.ratio(HELD_RATE).least
    lines = [Line(f"p50 to floor at {HELD_RATE} calls/s", held, HELD_RATIO * NOISE, None, "×")]
    if {"messages", "panoramisk"} <= ingestion.readings.keys():
        faster = ingestion.ratio("messages", "panoramisk").most
        lines.append(Line("reading AMI to panoramisk", faster, 4 / NOISE, None, "×", most=False))
    return lines


def _ring_to_frame(results: Results) -> Iterator[Line]:
    ladder = results.ladder
    for rate in (50, 200):
        yield Line(f"p50 to floor at {rate} calls/s", ladder.ratio(rate).median, 2.0, 1.5, "×")
    for rate in (50, 200):
        yield Line(f"p99 at {rate} calls/s", ladder.p99(rate).median * 1e3, 5.0, 3.0, "ms")
    yield Line("p99 at 1,000 calls/s", ladder.p99(1_000).median * 1e3, 15.0, 8.0, "ms")
    obvious = ladder.obvious()
    if obvious is not None and OBVIOUS_RATE in ladder.rates:
        what = f"quicker than the obvious design at {OBVIOUS_RATE} calls/s"
        yield Line(what, obvious[1].median, 20, 30, "×", most=False)


def _reading(results: Results) -> Iterator[Line]:
    ingestion = results.ingestion
    speed = ingestion.speed("messages").median
    yield Line("AMI events read a second", speed, 150_000, 250_000, "", most=False)
    if "panoramisk" in ingestion.readings:
        faster = ingestion.ratio("messages", "panoramisk").median
        yield Line("reading AMI to panoramisk", faster, 4, 6, "×", most=False)


def _growth(results: Results) -> Iterator[Line]:
    sockets = results.sockets
    if sockets is not None:
        yield Line("an idle browser", sockets.bytes_idle / 1e3, 45, 36, "kB")
        what = f"p50 with {sockets.many:,} browsers to {sockets.few}"
        yield Line(what, sockets.ratio.median, 1.3, None, "×")
    if results.sizes is not None:
        many, few = results.form.customers, results.form.few_customers
        what = f"p50 with {many:,} customers to {few:,}"
        yield Line(what, results.sizes.median, 1.5, None, "×")


def _sheets(results: Results) -> Iterator[Line]:
    if results.importing is not None:
        speed = results.importing.known.median
        what = "rows a second from CSV to customers and phones"
        yield Line(what, speed, 10_000, 30_000, "", most=False)
    if results.beside_import is not None:
        ratio = results.beside_import.ratio
        yield Line("p99 beside an import to p99 without", ratio, 1.5, None, "×")
