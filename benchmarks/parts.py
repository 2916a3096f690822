"""The parts of a run, each of which can be run by itself: ``--only ladder,importing``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import conditions
from benchmarks.agents import create_agents
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.capacity import capacity
from benchmarks.conditions import Site
from benchmarks.customers import customer_database, draw_callers, work_copy
from benchmarks.importing import import_speed
from benchmarks.ingestion import ingest
from benchmarks.keep_alive import answers_on_keep_alive_connections
from benchmarks.ladder import measure_ladder
from benchmarks.lookups import look_up
from benchmarks.pbx import Pbx
from benchmarks.postgres import on_postgres
from benchmarks.results import Results
from benchmarks.run_plan import RunPlan
from benchmarks.searches import search
from tests.store.throwaway_postgres import NoPostgresError

_CALLERS = 20_000
_SEED = 1404


@dataclass
class Run:
    """What the parts share. A database is made when the first part needs it."""

    plan: RunPlan
    folder: Path
    """For databases that are written to."""
    pbx: Pbx
    browsers: Browsers
    results: Results

    @cached_property
    def site(self) -> Site:
        """All customers and all agents."""
        agents = self.plan.many_agents or self.plan.agents
        return _make_site(self.plan.customers, agents, self.folder / "main")

    @cached_property
    def few(self) -> Site:
        """All customers and the usual number of agents."""
        return Site(self.site.data, self.site.logins[: self.plan.agents])

    @cached_property
    def bench(self) -> Bench:
        callers = draw_callers(self.site.data / "screenpop.db", _CALLERS, _SEED)
        return Bench(self.pbx, self.browsers, callers, faults=self.results.faults)


def _reading(run: Run) -> None:
    run.results.ingestion = ingest(run.pbx, run.plan.floods, run.plan.readings)


def _ladder(run: Run) -> None:
    plan, few = run.plan, run.few
    run.results.ladder = measure_ladder(
        run.bench, few.data, few.logins, plan.steps, plan.repetitions, plan.spare
    )


def _burst(run: Run) -> None:
    run.results.burst = conditions.burst(run.bench, run.few, run.plan.burst)


def _stages(run: Run) -> None:
    run.results.profile = conditions.stages(run.bench, run.few, 1_000)
    run.results.steady = conditions.steady(run.bench, run.few, 5_000)


def _pages(run: Run) -> None:
    with conditions.served(run.bench, run.few) as server:
        run.results.keep_alive = answers_on_keep_alive_connections(server, run.few.logins[0], 200)


def _capacity(run: Run) -> None:
    run.results.capacity = capacity(run.bench, run.few, 60)


def _browsers(run: Run) -> None:
    results, bench, site = run.results, run.bench, run.site
    results.sockets = conditions.many_sockets(bench, site, run.plan.agents, 500, 2)
    few_logins = Site(site.data, site.logins[:20])
    results.bytes_after_cards = conditions.after_cards(bench, few_logins, 100)
    results.stalled_browser = conditions.one_stalled(bench, run.few, 1_500)


def _customers(run: Run) -> None:
    results, plan, few_customers = run.results, run.plan, run.plan.few_customers
    if few_customers is None:
        return
    small = _make_site(few_customers, plan.agents, run.folder / "small")
    results.sizes = conditions.sizes(run.bench, small, run.few, 500, 2)
    for size in (few_customers, plan.customers):
        results.lookups[size] = look_up(customer_database(size), 3_000, _SEED)
    for data, size in ((small.data, few_customers), (run.few.data, plan.customers)):
        results.searches[f"{size:,}"] = search(data / "screenpop.db", 200, _SEED)


def _postgres(run: Run) -> None:
    database = run.few.data / "screenpop.db"
    try:
        with on_postgres(database) as url:
            found = search(database, 200, _SEED, url)
    except NoPostgresError as missing:
        print(f"  left out: {missing}", flush=True)
        return
    run.results.searches[f"{run.plan.customers:,} on PostgreSQL"] = found


def _cold(run: Run) -> None:
    run.results.cold = conditions.cold(run.bench, run.few, 200)


def _importing(run: Run) -> None:
    results = run.results
    results.beside_import = conditions.beside_import(run.bench, run.few, 100_000, 50, 500)
    results.importing = import_speed(100_000, 3)


def _make_site(customers: int, agents: int, data: Path) -> Site:
    return Site(data, create_agents(work_copy(customers, data), agents))


PARTS: Mapping[str, tuple[str, Callable[[Run], None]]] = {
    "reading": ("Reading AMI", _reading),
    "ladder": ("From ring to frame", _ladder),
    "burst": ("A burst", _burst),
    "stages": ("Stages and pauses", _stages),
    "pages": ("Pages on a keep-alive connection", _pages),
    "capacity": ("What one core carries", _capacity),
    "browsers": ("Many browsers, their memory, one that reads nothing", _browsers),
    "customers": ("Few and many customers", _customers),
    "postgres": ("Searches on PostgreSQL", _postgres),
    "cold": ("A cold cache", _cold),
    "importing": ("An import", _importing),
}
"""By name: what is printed while it runs, and what it measures."""
