"""Measures ring to frame at increasing rates: floor, product, other designs, floor again.

Two ladders of rates are measured with the same servers: *one write*, where all events up to
``DialBegin`` are sent at once, and *as recorded*, where they have the gaps of a real PBX.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import servers
from benchmarks.bench import Bench, Measured
from benchmarks.pbx import SHORT_LIFE, Arrival, Life
from benchmarks.ratios import Spread, is_calm, is_noisy, spread
from benchmarks.servers import Server
from tests.whole_office.agent_logins import AgentLogin
from tests.whole_office.processes import ServerError

JUDGED = (50, 200)
"""The rates at which the floors must agree; others have too few calls or too much load."""
CONVENTIONAL_RATE = 4
"""pyst2's transport reads about a thousand events a second, which is a few calls."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Calls a second → how many calls, in one repetition of one ladder."""

    product: Mapping[int, int]
    floor: Mapping[int, int]
    answering: Mapping[int, int]
    """Of the floor that also answers; empty leaves it out."""
    conventional: int
    """How many calls at ``CONVENTIONAL_RATE``; 0 leaves that design out."""
    life: Life
    """Of the calls of the product and of the floor that answers."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rate of one ladder."""

    arrival: Arrival
    rate: int

    @property
    def key(self) -> str:
        return f"{self.rate} calls/s, {self.arrival}"


Rungs = Mapping[str, Measured]
"""By ``Rung.key``."""


@dataclass(frozen=True, slots=True)
class Repetition:
    before: Rungs
    product: Rungs
    conventional: tuple[Measured, Measured] | None
    """The conventional design and the product, both at ``CONVENTIONAL_RATE``."""
    answering: Rungs
    after: Rungs

    def floor_p50(self, rung: Rung) -> float:
        key = rung.key
        return (self.before[key].latency.p50 + self.after[key].latency.p50) / 2

    def ratio(self, rung: Rung) -> float:
        """Product to floor, of the p50s."""
        return self.product[rung.key].latency.p50 / self.floor_p50(rung)

    def is_quiet(self, rung: Rung) -> bool:
        """Return whether both floors were calm and equal, so nothing else ran meanwhile."""
        before, after = self.before[rung.key].latency, self.after[rung.key].latency
        return is_calm(before) and is_calm(after) and not is_noisy(before.p50, after.p50)

    def noisy(self) -> bool:
        judged = [Rung(arrival, rate).key for arrival in Arrival for rate in JUDGED]
        return any(
            is_noisy(self.before[key].latency.p50, self.after[key].latency.p50)
            for key in judged
            if key in self.before
        )


@dataclass(slots=True)
class Ladder:
    """Both ladders."""

    repetitions: list[Repetition] = field(default_factory=list)
    noisy: list[Repetition] = field(default_factory=list)
    """Repeated, unless ``spare`` was used up."""
    skipped: str = ""
    """Why the conventional design was left out."""
    rates: tuple[int, ...] = ()

    def ratio(self, rung: Rung) -> Spread:
        """Product to floor, of the p50s."""
        return spread(r.ratio(rung) for r in self.repetitions)

    def quiet_ratios(self, rung: Rung) -> list[float]:
        """Product to floor in the repetitions, also those made anew, in which it was quiet."""
        return [r.ratio(rung) for r in (*self.repetitions, *self.noisy) if r.is_quiet(rung)]

    def p50(self, rung: Rung) -> Spread:
        return spread(self._p50(r.product, rung) for r in self.repetitions)

    def p99(self, rung: Rung) -> Spread:
        return spread(r.product[rung.key].latency.p99 for r in self.repetitions)

    def floor(self, rung: Rung) -> tuple[Spread, Spread]:
        """p50 and p99."""
        floors = [
            rungs[rung.key].latency for r in self.repetitions for rungs in (r.before, r.after)
        ]
        return spread(floor.p50 for floor in floors), spread(floor.p99 for floor in floors)

    def answering_p50(self, rung: Rung) -> Spread | None:
        return _spread_or_none(
            self._p50(r.answering, rung) for r in self.repetitions if rung.key in r.answering
        )

    def calls(self, rung: Rung) -> int:
        """How many calls of the product the figures are from."""
        return sum(r.product[rung.key].latency.calls for r in self.repetitions)

    def cpu_a_call(self, rung: Rung) -> Spread:
        """Of the product, in seconds."""
        return spread(r.product[rung.key].cpu_a_call for r in self.repetitions)

    def cpu_to_answering(self, rung: Rung) -> Spread | None:
        """CPU of a whole call to that of the floor that answers."""
        key = rung.key
        pairs = [(r.product[key], r.answering[key]) for r in self.repetitions if key in r.answering]
        return _spread_or_none(product.cpu_a_call / floor.cpu_a_call for product, floor in pairs)

    def conventional(self) -> tuple[Spread, Spread, Spread] | None:
        """Return its p50, that of the product, and how many times faster the product is."""
        pairs = [
            (design.latency.p50, product.latency.p50)
            for r in self.repetitions
            if r.conventional
            for design, product in [r.conventional]
        ]
        if not pairs:
            return None
        faster = spread(design / product for design, product in pairs)
        return spread(d for d, _ in pairs), spread(p for _, p in pairs), faster

    @staticmethod
    def _p50(rungs: Rungs, rung: Rung) -> float:
        return rungs[rung.key].latency.p50


def measure_ladder(
    bench: Bench,
    data: Path,
    logins: Sequence[AgentLogin],
    steps: Steps,
    repetitions: int,
    spare: int,
) -> Ladder:
    """Measure ``repetitions`` times; up to ``spare`` noisy repetitions are repeated."""
    ladder = Ladder(rates=tuple(steps.product))
    ladder_run = _LadderRun(bench, data, logins, steps)
    while len(ladder.repetitions) < repetitions:
        repetition = ladder_run.repeat(ladder)
        if repetition.noisy() and len(ladder.noisy) < spare:
            ladder.noisy.append(repetition)
            print("  the machine was not quiet: once more", flush=True)
        else:
            ladder.repetitions.append(repetition)
    return ladder


class _LadderRun:
    """Measures both ladders with one server after the other."""

    def __init__(
        self, bench: Bench, data: Path, logins: Sequence[AgentLogin], steps: Steps
    ) -> None:
        self._bench, self._data, self._logins, self._steps = bench, data, logins, steps
        self._database = data / "screenpop.db"
        self._phones = [login.phone for login in logins]
        self._bare = [AgentLogin(phone, f"/ws/{phone}") for phone in self._phones]

    def repeat(self, ladder: Ladder) -> Repetition:
        before = self._floor()
        product, slow = self._product()
        conventional = self._conventional(ladder) if slow is not None else None
        answering = self._answering() if self._steps.answering else {}
        pair = (conventional, slow) if conventional is not None and slow is not None else None
        return Repetition(before, product, pair, answering, self._floor())

    def _floor(self) -> Rungs:
        with self._serving(servers.floor, self._bare, talk=False) as server:
            self._bench.warm_up(server, self._phones, talk=False)
            return self._rungs("floor", server, self._steps.floor, talk=False, life=SHORT_LIFE)

    def _answering(self) -> Rungs:
        def start(port: int, database: Path) -> AbstractContextManager[Server]:
            return servers.floor(port, database, answering=True)

        life = self._steps.life
        with self._serving(start, self._bare, talk=True) as server:
            self._bench.warm_up(server, self._phones, talk=True)
            rates = self._steps.answering
            return self._rungs("answering floor", server, rates, talk=True, life=life)

    def _product(self) -> tuple[Rungs, Measured | None]:
        """Measure the product, also at ``CONVENTIONAL_RATE`` where that design is measured."""
        with servers.product(self._bench.pbx.port, self._data) as server:
            self._bench.pbx.expect(lists=True)
            with self._bench.connected(server, self._logins, talk=True):
                self._bench.warm_up(server, self._phones, talk=True)
                slow, steps = None, self._steps
                if steps.conventional:
                    rung = Rung(Arrival.ONE_WRITE, CONVENTIONAL_RATE)
                    slow = self._measure("product", server, rung, steps.conventional, talk=True)
                rungs = self._rungs("product", server, steps.product, talk=True, life=steps.life)
                return rungs, slow

    def _conventional(self, ladder: Ladder) -> Measured | None:
        if ladder.skipped:
            return None
        rung = Rung(Arrival.ONE_WRITE, CONVENTIONAL_RATE)
        try:
            with self._serving(servers.conventional_design, self._bare, talk=False) as server:
                self._measure("conventional", server, rung, 8, talk=False)
                return self._measure(
                    "conventional", server, rung, self._steps.conventional, talk=False
                )
        except ServerError as error:
            ladder.skipped = str(error).strip().splitlines()[-1]
            print(f"  the conventional design is left out: {ladder.skipped}", flush=True)
            return None

    @contextmanager
    def _serving(
        self,
        start: Callable[[int, Path], AbstractContextManager[Server]],
        logins: Sequence[AgentLogin],
        *,
        talk: bool,
    ) -> Iterator[Server]:
        with start(self._bench.pbx.port, self._database) as server:
            self._bench.pbx.expect(lists=False)
            with self._bench.connected(server, logins, talk=talk):
                yield server

    def _rungs(
        self, server_name: str, server: Server, rates: Mapping[int, int], *, talk: bool, life: Life
    ) -> Rungs:
        return {
            rung.key: self._measure(server_name, server, rung, count, talk=talk, life=life)
            for rate, count in rates.items()
            for rung in [Rung(arrival, rate) for arrival in Arrival]
        }

    def _measure(
        self,
        server_name: str,
        server: Server,
        rung: Rung,
        count: int,
        *,
        talk: bool,
        life: Life = SHORT_LIFE,
    ) -> Measured:
        what = f"{server_name} at {rung.key}"
        measured = self._bench.measure(
            what,
            server,
            self._phones,
            count=count,
            rate=rung.rate,
            talk=talk,
            arrival=rung.arrival,
            life=life,
        )
        latency = measured.latency
        print(
            f"  {what}: p50 {latency.p50 * 1e3:.2f} ms, p99 {latency.p99 * 1e3:.2f} ms,"
            f" {measured.cpu_a_call * 1e3:.2f} ms CPU a call",
            flush=True,
        )
        return measured


def _spread_or_none(figures: Iterable[float]) -> Spread | None:
    values = list(figures)
    return spread(values) if values else None
