"""The lab's command line: python -m pbx_lab <command>."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pbx_lab import namespace, reading
from pbx_lab.errors import LabMissingError
from pbx_lab.unpacking import unpack
from pbx_lab.versions import SIPP, VERSIONS


def main() -> int:
    """Run one command and return the exit status."""
    options = arguments().parse_args()
    try:
        return int(COMMANDS[options.command](options))
    except LabMissingError as problem:
        print(f"The PBX lab cannot run here: {problem}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m pbx_lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("unpack", help="fetch Asterisk 22, Asterisk 16 and SIPp into the cache")
    recording = commands.add_parser("record", help="record scenarios into tests/scenarios/lab")
    recording.add_argument("--version", choices=sorted(VERSIONS), help="one version only")
    recording.add_argument("--at-once", type=int, default=4, help="how many play side by side")
    recording.add_argument("scenario", nargs="*", help="names; all without any")
    one = commands.add_parser("record-one", help="record one scenario, already in the namespace")
    one.add_argument("version")
    one.add_argument("scenario")
    commands.add_parser("list", help="name every scenario")
    commands.add_parser("table", help="print docs/scenarios.md: the AMI events of each scenario")
    showing = commands.add_parser("show", help="print a recording, one line an event")
    showing.add_argument("file", type=Path)
    test = commands.add_parser("test", help="hold Screenpop against Asterisk 22, then 16")
    test.add_argument("--version", choices=sorted(VERSIONS), help="one version only")
    test.add_argument("--at-once", type=int, help="how many parts play side by side")
    test.add_argument("pytest", nargs="*", help="what pytest is to run; tests/pbx without any")
    first = commands.add_parser(
        "first-card", help="count commands and minutes from nothing to the first card"
    )
    first.add_argument("--version", choices=sorted(VERSIONS), default="22")
    first.add_argument(
        "--installed", action="store_true", help="use this installation; do not make one"
    )
    inside = commands.add_parser("test-one", help="test one version, already in the namespace")
    inside.add_argument("version")
    inside.add_argument("--share", default="1/1", help="a share of the tests, such as 1/2")
    inside.add_argument("pytest", nargs="*")
    return parser


def unpack_all(_: argparse.Namespace) -> int:
    """Fill the cache."""
    roots = [SIPP, *(version.root for version in VERSIONS.values())]
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(unpack, roots))
    return 0


def record(options: argparse.Namespace) -> int:
    """Record several scenarios side by side, each on an Asterisk of its own."""
    from pbx_lab.scenarios import SCENARIOS

    unknown = set(options.scenario) - set(SCENARIOS)
    if unknown:
        print(f"No such scenario: {', '.join(sorted(unknown))}. python -m pbx_lab list names them")
        return 2
    unpack_all(options)
    jobs = [
        ("record-one", version, scenario.name)
        for scenario in SCENARIOS.values()
        if not options.scenario or scenario.name in options.scenario
        for version in scenario.versions
        if options.version in (None, version)
    ]
    with ThreadPoolExecutor(options.at_once) as workers:
        failures = sum(workers.map(lambda job: namespace.start_inside(job).wait() != 0, jobs))
    if failures:
        print(f"{failures} of {len(jobs)} recordings failed")
    return int(failures > 0)


def record_one(options: argparse.Namespace) -> int:
    """Record one scenario here."""
    from pbx_lab import recording
    from pbx_lab.scenarios import SCENARIOS

    namespace.wake_loopback()
    print(recording.record(VERSIONS[options.version], SCENARIOS[options.scenario]), flush=True)
    return 0


def name_scenarios(_: argparse.Namespace) -> int:
    """One line a scenario."""
    from pbx_lab.scenarios import SCENARIOS

    for scenario in SCENARIOS.values():
        print(f"{scenario.name} ({', '.join(scenario.versions)}): {scenario.about}")
    return 0


def test(options: argparse.Namespace) -> int:
    """Test both versions, or one."""
    from pbx_lab import testing

    testing.prepare()
    unpack_all(options)
    versions = [options.version] if options.version else ["22", "16"]
    with testing.office_set_up():
        if options.pytest:
            return testing.play_some(versions, options.pytest)
        return testing.play_all(versions, options.at_once or testing.parallel())


def first_card(options: argparse.Namespace) -> int:
    """Install into a fresh folder, then play the first card on a PBX."""
    from pbx_lab import testing

    testing.prepare()
    unpack_all(options)
    return testing.play_first_card(options.version, is_installed=options.installed)


def test_one(options: argparse.Namespace) -> int:
    """Run the tests here."""
    from pbx_lab import testing

    return testing.play_one(options.version, options.pytest, options.share)


def show(options: argparse.Namespace) -> int:
    """Print a recording for people."""
    reading.show(options.file)
    return 0


def print_table(_: argparse.Namespace) -> int:
    """Print the table of scenarios."""
    from pbx_lab import scenario_table

    print(scenario_table.table(), end="")
    return 0


COMMANDS = {
    "show": show,
    "table": print_table,
    "test": test,
    "test-one": test_one,
    "unpack": unpack_all,
    "record": record,
    "record-one": record_one,
    "list": name_scenarios,
    "first-card": first_card,
}

if __name__ == "__main__":
    sys.exit(main())
