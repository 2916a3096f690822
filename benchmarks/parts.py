"""The parts of a run, each of which can be run by itself: ``--only ladder,importing``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import conditions
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.capacity import capacity
from benchmarks.conditions import Place
from benchmarks.customers import customer_database, draw_callers, work_copy
from benchmarks.form import Form
from benchmarks.importing import import_speed
from benchmarks.ingestion import ingest
from benchmarks.kept import answers_on_kept_connections
from benchmarks.ladder import climb
from benchmarks.lookups import look_up
from benchmarks.pbx import Pbx
from benchmarks.people import seat_agents
from benchmarks.postgres import on_postgres
from benchmarks.results import Results
from benchmarks.searches import search
from tests.store.throwaway_postgres import NoPostgresError

_CALLERS = 20_000
_SEED = 1404


@dataclass
class Run:
    """What the parts share. The databases are made when the first part asks for them."""

    form: Form
    folder: Path
    """For databases that are written to."""
    pbx: Pbx
    browsers: Browsers
    results: Results

    @cached_property
    def place(self) -> Place:
        """All customers, and a browser for each of the most agents."""
        agents = self.form.many_agents or self.form.agents
        return _place(self.form.customers, agents, self.folder / "main")

    @cached_property
    def few(self) -> Place:
        """All customers, and the usual number of agents."""
        return Place(self.place.data, self.place.seats[: self.form.agents])

    @cached_property
    def bench(self) -> Bench:
        callers = draw_callers(self.place.data / "screenpop.db", _CALLERS, _SEED)
        return Bench(self.pbx, self.browsers, callers, faults=self.results.faults)


def _reading(run: Run) -> None:
    run.results.ingestion = ingest(run.pbx, run.form.floods, run.form.repetitions)


def _ladder(run: Run) -> None:
    form, few = run.form, run.few
    run.results.ladder = climb(
        run.bench, few.data, few.seats, form.steps, form.repetitions, form.spare
    )


def _burst(run: Run) -> None:
    run.results.burst = conditions.burst(run.bench, run.few, run.form.burst)


def _stages(run: Run) -> None:
    run.results.watched = conditions.stages(run.bench, run.few, 1_000)
    run.results.steady = conditions.steady(run.bench, run.few, 5_000)


def _pages(run: Run) -> None:
    with conditions.served(run.bench, run.few) as server:
        run.results.kept = answers_on_kept_connections(server, run.few.seats[0], 200)


def _capacity(run: Run) -> None:
    run.results.capacity = capacity(run.bench, run.few, 60)


def _browsers(run: Run) -> None:
    results, bench, place = run.results, run.bench, run.place
    results.sockets = conditions.many_sockets(bench, place, run.form.agents, 500, 2)
    few_seats = Place(place.data, place.seats[:20])
    results.bytes_after_cards = conditions.after_cards(bench, few_seats, 100)
    results.asleep = conditions.one_asleep(bench, run.few, 1_500)


def _customers(run: Run) -> None:
    results, form, few_customers = run.results, run.form, run.form.few_customers
    if few_customers is None:
        return
    small = _place(few_customers, form.agents, run.folder / "small")
    results.sizes = conditions.sizes(run.bench, small, run.few, 500, 2)
    for size in (few_customers, form.customers):
        results.lookups[size] = look_up(customer_database(size), 3_000, _SEED)
    for data, size in ((small.data, few_customers), (run.few.data, form.customers)):
        results.searches[f"{size:,}"] = search(data / "screenpop.db", 200, _SEED)


def _postgres(run: Run) -> None:
    database = run.few.data / "screenpop.db"
    try:
        with on_postgres(database) as url:
            found = search(database, 200, _SEED, url)
    except NoPostgresError as missing:
        print(f"  left out: {missing}", flush=True)
        return
    run.results.searches[f"{run.form.customers:,} on PostgreSQL"] = found


def _cold(run: Run) -> None:
    run.results.cold = conditions.cold(run.bench, run.few, 200)


def _importing(run: Run) -> None:
    results = run.results
    results.beside_import = conditions.beside_import(run.bench, run.few, 100_000, 50, 500)
    results.importing = import_speed(100_000, 3)


def _place(customers: int, agents: int, data: Path) -> Place:
    return Place(data, seat_agents(work_copy(customers, data), agents))


PARTS: Mapping[str, tuple[str, Callable[[Run], None]]] = {
    "reading": ("Reading AMI", _reading),
    "ladder": ("From ring to frame", _ladder),
    "burst": ("A burst", _burst),
    "stages": ("Stages and pauses", _stages),
    "pages": ("Pages on a kept connection", _pages),
    "capacity": ("What one core carries", _capacity),
    "browsers": ("Many browsers, their memory, one that reads nothing", _browsers),
    "customers": ("Few and many customers", _customers),
    "postgres": ("Searches on PostgreSQL", _postgres),
    "cold": ("A cold cache", _cold),
    "importing": ("An import", _importing),
}
"""By name: what is printed while it runs, and what it measures."""
