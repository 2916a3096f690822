"""``python -m benchmarks``: measure, print the tables, and return whether all went well."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.browsers import Browsers
from benchmarks.budget import guards, unjudged
from benchmarks.markdown_page import put_into
from benchmarks.parts import PARTS, Run
from benchmarks.pbx import Pbx
from benchmarks.results import Results
from benchmarks.run_plan import FULL, SHORT, RunPlan
from benchmarks.tables import print_tables, tables


def main() -> int:
    options = _options()
    plan = SHORT if options.short else FULL
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="screenpop-benchmark-") as folder:
        results = run(plan, Path(folder), options.only or plan.parts)
    results.took_s = time.monotonic() - began
    made = tables(results)
    print_tables(made)
    if options.json is not None:
        options.json.write_bytes(results.as_json())
    if options.into is not None:
        whole = not (options.only or options.short)
        put_into(options.into, _head(results), made, whole=whole)
    return _verdict(results, short=options.short)


def run(plan: RunPlan, folder: Path, parts: Sequence[str]) -> Results:
    """Measure these parts; ``folder`` holds the databases that are written to."""
    results = Results(plan, machine.commit(), machine.machine(), machine.versions())
    with Pbx() as pbx, Browsers() as browsers:
        shared = Run(plan, folder, pbx, browsers, results)
        for part in parts:
            what, measure = PARTS[part]
            print(what, flush=True)
            began = time.monotonic()
            measure(shared)
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return results


def _head(results: Results) -> str:
    host = results.machine
    versions = f"Python {results.versions['python']}, SQLite {results.versions['sqlite']}"
    return (
        f"Commit {results.commit}, {host['processor']}, {host['cores']} cores,"
        f" {host['memory_gb']} GB, {host['system']}; {versions}. {results.took_s / 60:.0f} minutes."
    )


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


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(filter(None, text.replace(" ", "").split(",")))
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(PARTS)}")
    return parts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="under four minutes, for each change")
    parser.add_argument(
        "--only", type=_parts, metavar="PARTS", help=f"some parts: {', '.join(PARTS)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="renew the tables of a page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
