"""``python -m benchmarks``: measure, print the tables, and say whether nothing went wrong."""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import conditions, machine
from benchmarks.bench import Bench
from benchmarks.browsers import Browsers
from benchmarks.budget import guards, unjudged
from benchmarks.conditions import Place
from benchmarks.customers import customer_database, draw_callers, work_copy
from benchmarks.form import LONG, SHORT, Form
from benchmarks.importing import import_speed
from benchmarks.ingestion import ingest
from benchmarks.ladder import climb
from benchmarks.lookups import look_up
from benchmarks.pbx import Pbx
from benchmarks.people import seat_agents
from benchmarks.postgres import on_postgres
from benchmarks.results import Results
from benchmarks.searches import Searches, search
from benchmarks.tables import markdown, print_tables, tables
from tests.store.throwaway_postgres import NoPostgresError

_CALLERS = 20_000
_SEED = 1404


def main() -> int:
    options = _options()
    form = SHORT if options.short else LONG
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as folder:
        results = run(form, Path(folder))
    results.took_s = time.monotonic() - began
    made = tables(results)
    print_tables(made)
    if options.json is not None:
        options.json.write_bytes(results.as_json())
    if options.into is not None:
        put_into(options.into, results, markdown(made))
    return _verdict(results, short=options.short)


def run(form: Form, folder: Path) -> Results:
    """All measurements of a form, in a folder for the databases that are written to."""
    commit, of_machine, of_versions = machine.commit(), machine.machine(), machine.versions()
    place = _place(form.customers, form.many_agents or form.agents, folder / "main")
    few = Place(place.data, place.seats[: form.agents])
    with Pbx() as pbx, Browsers() as browsers:
        callers = draw_callers(place.data / "screenpop.db", _CALLERS, _SEED)
        bench = Bench(pbx, browsers, callers)
        _say("Reading AMI")
        ingestion = ingest(pbx, form.floods, form.repetitions)
        _say("From ring to frame")
        seats = few.seats
        ladder = climb(bench, few.data, seats, form.steps, form.repetitions, form.spare)
        _say("A burst")
        burst = conditions.burst(bench, few, form.burst)
        results = Results(form, commit, of_machine, of_versions, ladder, burst, ingestion)
        if form.conditions:
            _measure_conditions(bench, place, few, folder, results)
        results.faults = bench.faults
    return results


def _measure_conditions(
    bench: Bench, place: Place, few: Place, folder: Path, results: Results
) -> None:
    form = results.form
    _say("Stages")
    results.watched = conditions.stages(bench, few, 1_000)
    _say("Many browsers")
    results.sockets = conditions.many_sockets(bench, place, form.agents, 500, 3)
    _say("Memory after 100 cards")
    results.bytes_after_cards = conditions.after_cards(bench, _some(place, 20), 100)
    _say("A browser that reads nothing")
    results.asleep = conditions.one_asleep(bench, few, 1_500)
    if form.few_customers is not None:
        _say("Few and many customers")
        small = _place(form.few_customers, form.agents, folder / "small")
        results.sizes = conditions.sizes(bench, small, few, 500, 3)
        for size in (form.few_customers, form.customers):
            results.lookups[size] = look_up(customer_database(size), 3_000, _SEED)
        for data, size in ((small.data, form.few_customers), (few.data, form.customers)):
            results.searches[f"{size:,}"] = search(data / "screenpop.db", 300, _SEED)
        _say("Searches on PostgreSQL")
        results.searches |= _searches_on_postgres(few.data / "screenpop.db", form.customers)
    _say("A cold cache")
    results.cold = conditions.cold(bench, few, 200)
    _say("An import beside")
    results.beside_import = conditions.beside_import(bench, few, 100_000, 50, 500)
    _say("From CSV to customers")
    results.importing = import_speed(100_000, 3)


def _searches_on_postgres(database: Path, size: int) -> dict[str, Searches]:
    try:
        with on_postgres(database) as url:
            return {f"{size:,} on PostgreSQL": search(database, 300, _SEED, url)}
    except NoPostgresError as missing:
        print(f"  left out: {missing}", flush=True)
        return {}


def put_into(page: Path, results: Results, text: str) -> None:
    """Write the tables between the marks of a Markdown page."""
    told = results.machine
    head = (
        f"Commit {results.commit}, {told['processor']}, {told['cores']} cores,"
        f" {told['memory_gb']} GB, {told['system']}; Python {results.versions['python']},"
        f" SQLite {results.versions['sqlite']}. {results.took_s / 60:.0f} minutes."
    )
    block = f"<!-- figures -->\n{head}\n\n{text}<!-- end of figures -->"
    marks = re.compile("<!-- figures -->.*<!-- end of figures -->", re.DOTALL)
    page.write_text(marks.sub(lambda _: block, page.read_text(encoding="utf-8")), encoding="utf-8")


def _place(customers: int, agents: int, data: Path) -> Place:
    return Place(data, seat_agents(work_copy(customers, data), agents))


def _some(place: Place, browsers: int) -> Place:
    return Place(place.data, place.seats[:browsers])


def _say(what: str) -> None:
    print(what, flush=True)


def _verdict(results: Results, *, short: bool) -> int:
    wrong = list(results.faults)
    if short:
        wrong += [
            f"{line.what}: {line.figure:.2f}{line.unit}, allowed {line.limit:.2f}{line.unit}"
            for line in guards(results)
            if not line.met
        ]
        for rung in unjudged(results):
            print(f"not held: p50 to floor at {rung}; other programs kept the processor busy")
    for fault in wrong:
        print(f"FAILED  {fault}", file=sys.stderr)
    print(f"{results.took_s:.0f} s; {'failed' if wrong else 'nothing lost, nothing misrouted'}")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="under four minutes, for each change")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="renew the tables of a page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
