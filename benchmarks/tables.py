"""Formats the figures as tables for a terminal and for Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.bench import Measured
from benchmarks.budget import Line, budget
from benchmarks.capacity import Capacity
from benchmarks.conditions import RATE, STEADY_RATE, Pauses, ProfileResult
from benchmarks.importing import ImportSpeed
from benchmarks.ingestion import Ingestion
from benchmarks.keep_alive import KeepAlive
from benchmarks.ladder import CONVENTIONAL_RATE, Ladder, Rung
from benchmarks.pbx import Arrival
from benchmarks.profiled_server import PAUSE_S
from benchmarks.ratios import Latency, Spread
from benchmarks.results import Results

SHARED_TABLES = frozenset({"The budget", "Under conditions", "Finding a customer: a page of 50"})
"""Titles of those that several parts of a run fill, a row each."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(results: Results) -> list[Table]:
    """Return the tables that have figures."""
    made: list[Table] = []
    lines = budget(results)
    if lines:
        made.append(Table("The budget", _BUDGET, tuple([_line(line) for line in lines])))
    if results.ladder is not None:
        made += [_ring_to_frame(results.ladder, arrival) for arrival in Arrival]
    if results.ingestion is not None:
        made.append(_reading(results.ingestion))
    if results.ladder is not None:
        made.append(_cost(results.ladder))
    if results.capacity is not None:
        made.append(_capacity(results.capacity))
    conditions = _conditions(results)
    if conditions.rows:
        made.append(conditions)
    if results.profile is not None:
        made += [_stages(results.profile), _packages(results.profile)]
    if results.steady is not None:
        made += [_collections(results.steady), _pauses(results.steady)]
    return made + _pages_and_sheets(results)


def _pages_and_sheets(results: Results) -> list[Table]:
    made: list[Table] = []
    if results.keep_alive is not None:
        made.append(_keep_alive(results.keep_alive))
    if results.lookups:
        made.append(_lookups(results))
    if results.importing is not None:
        made.append(_importing(results.importing))
    if results.searches:
        made.append(_searches(results))
    return made


def print_tables(made: Iterable[Table]) -> None:
    console = Console()
    for table in made:
        shown = RichTable(title=table.title, title_justify="left")
        for place, column in enumerate(table.columns):
            shown.add_column(column, justify="right" if place else "left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def markdown(made: Iterable[Table], note: str = "") -> str:
    """Return the tables as Markdown, each with the ``note`` above it."""
    blocks: list[str] = []
    for table in made:
        rule = ["---", *["---:"] * (len(table.columns) - 1)]
        rows = [table.columns, tuple(rule), *table.rows]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        above = f"{note}\n\n" if note else ""
        blocks.append(f"### {table.title}\n\n{above}" + "\n".join(lines) + "\n")
    return "\n".join(blocks)


def in_ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


_BUDGET = ("", "measured", "budget", "aim", "met")


def _line(line: Line) -> tuple[str, ...]:
    sign = "≤" if line.most else "≥"
    aim = "" if line.aim is None else f"{sign} {_figure(line.aim, line.unit)}"
    met = ("yes, and the aim" if line.aim_met and aim else "yes") if line.met else "no"
    limit = f"{sign} {_figure(line.limit, line.unit)}"
    return line.what, _figure(line.figure, line.unit), limit, aim, met


def _figure(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
    return f"{number} {unit}".strip() if unit != "×" else f"{number}×"


_LADDERS = {
    Arrival.ONE_WRITE: "From ring to frame, one write: the worst case",
    Arrival.AS_RECORDED: "From ring to frame, as recorded: as a PBX sends it",
}


def _ring_to_frame(ladder: Ladder, arrival: Arrival) -> Table:
    rows: list[tuple[str, ...]] = []
    for rung in [Rung(arrival, rate) for rate in ladder.rates]:
        p50, p99 = ladder.floor(rung)
        answering = ladder.answering_p50(rung)
        rows.append(
            (
                f"{rung.rate:,}",
                f"{ladder.calls(rung):,}",
                in_ms(p50.median),
                in_ms(p99.median),
                in_ms(answering.median) if answering is not None else "",
                in_ms(ladder.p50(rung).median),
                in_ms(ladder.p99(rung).median),
                _times(ladder.ratio(rung)),
            )
        )
    conventional = ladder.conventional()
    if conventional is not None and arrival is Arrival.ONE_WRITE:
        design_p50, product_p50, faster = conventional
        blank = ("", "", "", "")
        rows.append((f"{CONVENTIONAL_RATE}, Screenpop", *blank, in_ms(product_p50.median), "", ""))
        what = f"{CONVENTIONAL_RATE}, the conventional design"
        comparison = f"Screenpop is {_times(faster)} faster"
        rows.append((what, *blank, in_ms(design_p50.median), "", comparison))
    floors = ("floor p50", "floor p99", "answering floor p50")
    columns = ("calls a second", "calls", *floors, "p50", "p99", "p50 to floor")
    return Table(_LADDERS[arrival], columns, tuple(rows))


def _reading(ingestion: Ingestion) -> Table:
    names = {
        "messages": "Screenpop, to messages",
        "changes": "Screenpop, to call events",
        "panoramisk": "panoramisk",
        "pyst2": "plain pyst2",
    }
    rows = [
        (
            names[reader],
            f"{ingestion.speed(reader).median:,.0f}",
            f"{ingestion.cpu(reader).median * 1e6:.1f} µs",
            _times(ingestion.ratio(reader, "panoramisk"))
            if "panoramisk" in ingestion.readings
            else "",
        )
        for reader in ingestion.readings
    ]
    columns = ("reader of AMI", "events a second", "CPU an event", "to panoramisk")
    return Table("Reading AMI", columns, tuple(rows))


def _cost(ladder: Ladder) -> Table:
    """CPU time of a whole call at each rate as recorded, and its share of one core."""
    rows: list[tuple[str, ...]] = []
    for rate in ladder.rates:
        rung = Rung(Arrival.AS_RECORDED, rate)
        cpu, ratio = ladder.cpu_a_call(rung), ladder.cpu_to_answering(rung)
        to_floor = _times(ratio) if ratio is not None else ""
        busy = f"{cpu.median * rate:.1%}"
        rows.append((f"{rate:,}", f"{rate * 3600:,}", in_ms(cpu.median), busy, to_floor))
    columns = ("calls a second", "calls an hour", "CPU a call", "of one core", "to answering floor")
    return Table("What a call costs", columns, tuple(rows))


def _conditions(results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    if results.burst is not None:
        rows.append(_condition(f"a burst of {results.plan.burst:,} calls at once", results.burst))
    if results.sockets is not None:
        sockets = results.sockets
        what = f"{sockets.many:,} browsers instead of {sockets.few}"
        rows.append((what, "", in_ms(sockets.p99_many.median), f"p50 {_times(sockets.ratio)}"))
        rows.append(("one more idle browser", "", "", f"{sockets.bytes_idle / 1e3:.1f} kB"))
    if results.bytes_after_cards is not None:
        kb = f"{results.bytes_after_cards / 1e3:.0f} kB"
        rows.append(("a browser's user after 100 cards", "", "", kb))
    if results.sizes is not None:
        what = f"{results.plan.customers:,} customers instead of {results.plan.few_customers:,}"
        rows.append((what, "", "", f"p50 {_times(results.sizes)}"))
    if results.stalled_browser is not None:
        measured, is_open = results.stalled_browser
        note = "still connected" if is_open else "cut off"
        rows.append(_condition("one of 100 browsers reads nothing: the others", measured, note))
    if results.beside_import is not None:
        both = results.beside_import
        note = f"the import took {both.took_s:.0f} s; p99 {both.ratio:.2f}×"
        rows.append(_condition("the same calls without an import", both.idle))
        rows.append(_condition(f"during an import of {both.rows:,} rows", both.beside, note))
    if results.cold is not None:
        measured, read = results.cold
        note = f"{read / 1e6:.1f} MB read from disk"
        rows.append(_condition("cold page cache", measured, note))
    return Table("Under conditions", ("", "p50", "p99", ""), tuple(rows))


def _condition(what: str, measured: Measured, note: str = "") -> tuple[str, ...]:
    return what, in_ms(measured.latency.p50), in_ms(measured.latency.p99), note


def _stages(profile: ProfileResult) -> Table:
    rows = [(stage.replace("_", " "), *_micro(span)) for stage, span in profile.stages.items()]
    title = f"Stages of a ring at {RATE} calls/s, one write"
    return Table(title, ("until it is", "p50", "p99"), tuple(rows))


def _packages(profile: ProfileResult) -> Table:
    """CPU time of a call by package: the innermost Screenpop package in each sample."""
    rows = tuple([(package, f"{share:.1%}") for package, share in profile.packages.items()])
    return Table("CPU time of a call by package", ("package", "share"), rows)


def _collections(steady: ProfileResult) -> Table:
    rows = tuple([(f"{level}", *_pause(took)) for level, took in steady.collections.items()])
    title = f"Garbage collections at {STEADY_RATE} calls/s, as recorded"
    return Table(title, ("generation", *_PAUSE), rows)


def _pauses(steady: ProfileResult) -> Table:
    some = list(steady.pauses.items())[:_PAUSES_SHOWN]
    rows = tuple([(f"`{what}`", *_pause(took)) for what, took in some])
    title = f"Pauses of the loop of {PAUSE_S * 1e3:g} ms and more, by what ran"
    return Table(title, ("what ran", *_PAUSE), rows)


_PAUSE = ("how often", "median", "longest", "in all")
_PAUSES_SHOWN = 10


def _pause(took: Pauses) -> tuple[str, ...]:
    times = (took.median_s, took.longest_s, took.total_s)
    return (f"{took.count:,}", *[in_ms(one) for one in times])


def _capacity(found: Capacity) -> Table:
    rows = tuple(
        [
            (
                f"{one.rate:,}",
                in_ms(one.p50_s),
                in_ms(one.last_p50_s),
                "yes" if one.is_carried else "no",
            )
            for one in sorted(found.tried, key=lambda one: one.rate)
        ]
    )
    columns = ("calls a second for a minute", "p50", "p50 of the last tenth", "without a backlog")
    return Table("What one core carries, as recorded", columns, rows)


def _keep_alive(keep_alive: KeepAlive) -> Table:
    rows = tuple([(what, in_ms(t.p50), in_ms(t.p99)) for what, t in keep_alive.answers.items()])
    return Table("Answers on a keep-alive connection", ("", "p50", "p99"), rows)


def _lookups(results: Results) -> Table:
    rows = tuple(
        [
            (f"{customers:,} customers, {kind}", *_micro(span))
            for customers, found in results.lookups.items()
            for kind, span in (
                ("a known number", found.hit),
                ("an unknown number", found.miss),
                ("only its last nine digits", found.suffix),
            )
        ]
    )
    return Table("The caller lookup alone", ("", "p50", "p99"), rows)


def _importing(speed: ImportSpeed) -> Table:
    rows: tuple[tuple[str, ...], ...] = (
        ("rows a second to customers with phones", *_rows_a_second(speed.known)),
        ("rows a second until a search finds them", *_rows_a_second(speed.found)),
        ("CPU a row", *(f"{one * 1e6:.0f} µs" for one in _three(speed.cpu_s))),
    )
    if speed.to_bare is not None:
        times = [f"{one:.2f}×" for one in _three(speed.to_bare)]
        rows = (*rows, ("time to a bare loop of csv and executemany", *times))
    what = f"{speed.rows:,} rows from CSV into an empty database"
    return Table("Importing a sheet", (what, "median", "least", "most"), rows)


def _rows_a_second(speed: Spread) -> tuple[str, ...]:
    return tuple([f"{one:,.0f}" for one in _three(speed)])


def _three(of: Spread) -> tuple[float, float, float]:
    return of.median, of.least, of.most


def _searches(results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    for customers, searches in results.searches.items():
        rows.append((f"{customers}: the newest", *_micro(searches.plain), ""))
        rows += [
            (f"{customers}: {typed}", *_micro(span), f"{searches.ratio(typed):.2f}×")
            for typed, span in searches.found.items()
        ]
    return Table(
        "Finding a customer: a page of 50", ("customers", "p50", "p99", "to newest"), tuple(rows)
    )


def _micro(latency: Latency) -> tuple[str, str]:
    return f"{latency.p50 * 1e6:,.0f} µs", f"{latency.p99 * 1e6:,.0f} µs"


def _times(spread: Spread) -> str:
    return f"{spread.median:.2f}× ({spread.least:.2f}–{spread.most:.2f})"
