"""From ring to frame at one rate after the other: floor, product, the obvious design, floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import servers
from benchmarks.bench import Bench, Measured
from benchmarks.browsers import Seat
from benchmarks.ratios import Spread, is_noisy, spread
from benchmarks.servers import ServerError

JUDGED = (50, 200)
"""The rates at which the floors must agree: below there are too few calls, above too much else."""
OBVIOUS_RATE = 4
"""pyst2's transport reads about a thousand events a second, which is a few calls."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Calls a second → how many calls."""

    floor: Mapping[int, int]
    obvious: int
    """How many calls at ``OBVIOUS_RATE``; 0 leaves that design out."""


@dataclass(frozen=True, slots=True)
class Repetition:
    before: Mapping[int, Measured]
    product: Mapping[int, Measured]
    obvious: Measured | None
    after: Mapping[int, Measured]

    def floor_p50(self, rate: int) -> float:
        return (self.before[rate].latency.p50 + self.after[rate].latency.p50) / 2

    def noisy(self) -> bool:
        return any(
            is_noisy(self.before[rate].latency.p50, self.after[rate].latency.p50)
            for rate in JUDGED
            if rate in self.before
        )


@dataclass(slots=True)
class Ladder:
    repetitions: list[Repetition] = field(default_factory=list)
    noisy: list[Repetition] = field(default_factory=list)
    """Repeated, unless the machine never was quiet; kept to be told."""
    skipped: str = ""
    """Why the obvious design was left out."""

    @property
    def rates(self) -> tuple[int, ...]:
        return tuple(self.repetitions[0].product)

    def ratio(self, rate: int) -> Spread:
        """Product to floor, of the p50s."""
        return spread(r.product[rate].latency.p50 / r.floor_p50(rate) for r in self.repetitions)

    def p50(self, rate: int) -> Spread:
        return spread(r.product[rate].latency.p50 for r in self.repetitions)

    def p99(self, rate: int) -> Spread:
        return spread(r.product[rate].latency.p99 for r in self.repetitions)

    def floor(self, rate: int) -> tuple[Spread, Spread]:
        """p50 and p99."""
        floors = [one[rate].latency for r in self.repetitions for one in (r.before, r.after)]
        return spread(floor.p50 for floor in floors), spread(floor.p99 for floor in floors)

    def cpu_a_call(self, rate: int) -> Spread:
        repetitions = [r.product[rate] for r in self.repetitions]
        return spread(one.cpu_s / one.latency.calls for one in repetitions)

    def obvious(self) -> tuple[Spread, Spread] | None:
        """Its p50, and how many times quicker the product is."""
        both = [(r.obvious, r.product[OBVIOUS_RATE]) for r in self.repetitions]
        pairs = [(theirs.latency.p50, ours.latency.p50) for theirs, ours in both if theirs]
        if not pairs:
            return None
        return spread(t for t, _ in pairs), spread(t / o for t, o in pairs)


def climb(
    bench: Bench, data: Path, seats: Sequence[Seat], steps: Steps, repetitions: int, spare: int
) -> Ladder:
    """So many repetitions; up to ``spare`` noisy ones are repeated."""
    ladder = Ladder()
    while len(ladder.repetitions) < repetitions:
        repetition = _repeat(bench, data, seats, steps, ladder)
        if repetition.noisy() and len(ladder.noisy) < spare:
            ladder.noisy.append(repetition)
            print("  the machine was not quiet: once more", flush=True)
        else:
            ladder.repetitions.append(repetition)
    return ladder


def _repeat(
    bench: Bench, data: Path, seats: Sequence[Seat], steps: Steps, ladder: Ladder
) -> Repetition:
    database = data / "screenpop.db"
    phones = [seat.phone for seat in seats]
    bare = [Seat(phone, f"/ws/{phone}") for phone in phones]

    def floor() -> Mapping[int, Measured]:
        with servers.floor(bench.pbx.port, database) as server:
            bench.pbx.expect(lists=False)
            with bench.seated(server, bare, talk=False):
                bench.warm_up(server, phones, talk=False)
                return _rates(bench, "floor", server, phones, steps.floor, talk=False)

    def product() -> Mapping[int, Measured]:
        with servers.product(bench.pbx.port, data) as server:
            bench.pbx.expect(lists=True)
            with bench.seated(server, seats, talk=True):
                bench.warm_up(server, phones, talk=True)
                rates = {**({OBVIOUS_RATE: steps.obvious} if steps.obvious else {}), **steps.floor}
                return _rates(bench, "product", server, phones, rates, talk=True)

    def obvious() -> Measured | None:
        if not steps.obvious or ladder.skipped:
            return None
        try:
            with servers.obvious_design(bench.pbx.port, database) as server:
                bench.pbx.expect(lists=False)
                with bench.seated(server, bare, talk=False):
                    rates = {OBVIOUS_RATE: steps.obvious}
                    _rates(bench, "obvious", server, phones, {OBVIOUS_RATE: 8}, talk=False)
                    return _rates(bench, "obvious", server, phones, rates, talk=False)[OBVIOUS_RATE]
        except ServerError as error:
            ladder.skipped = str(error).strip().splitlines()[-1]
            print(f"  the obvious design is left out: {ladder.skipped}", flush=True)
            return None

    return Repetition(floor(), product(), obvious(), floor())


def _rates(
    bench: Bench,
    who: str,
    server: servers.Server,
    phones: Sequence[str],
    rates: Mapping[int, int],
    *,
    talk: bool,
) -> dict[int, Measured]:
    measured: dict[int, Measured] = {}
    for rate, count in rates.items():
        what = f"{who} at {rate} calls/s"
        measured[rate] = one = bench.measure(
            what, server, phones, count=count, rate=rate, talk=talk
        )
        latency = one.latency
        print(
            f"  {what}: p50 {latency.p50 * 1e3:.2f} ms, p99 {latency.p99 * 1e3:.2f} ms,"
            f" {one.cpu_s / count * 1e3:.2f} ms CPU a call",
            flush=True,
        )
    return measured
