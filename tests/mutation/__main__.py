"""Prints how many planted bugs the tests of each package notice, and those that they do not."""

import argparse
import importlib
import json
import os
import random
import re
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import hypothesis
import pytest

from tests.mutation.mutants import Mutant, list_mutants, plant_mutant
from tests.mutation.worker import ChangedModule, Selected, fork, library_names, run_tests

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained.toml")
SEED = 11

TESTS: dict[str, tuple[str, ...]] = {
    "telephony": ("tests/telephony",),
    "calls": (
        "tests/calls",
        "tests/asterisk/test_tracker.py",
        "tests/service/test_card_state.py",
        "tests/service/test_card_state_times.py",
    ),
    "asterisk": ("tests/asterisk",),
    "customers": ("tests/customers", "tests/cards", "tests/offers"),
    "offers": ("tests/offers",),
    "cards": ("tests/cards",),
    "protocol": ("tests/protocol",),
}
"""Package to the folders whose tests must notice its bugs; others: the folder of the same name."""


@dataclass(frozen=True, slots=True)
class Bug:
    """A mutant and the module it is planted in."""

    path: Path
    mutant: Mutant

    @property
    def key(self) -> str:
        """What names the bug in ``explained.toml``: no line number, which every edit moves."""
        return _key(self.path.relative_to(ROOT / "screenpop"), self.mutant)

    @property
    def package(self) -> str:
        return self.path.relative_to(ROOT / "screenpop").parts[0]

    @property
    def module(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _key(path: Path, mutant: Mutant) -> str:
    return f"{path.as_posix()} | {mutant.function} | {mutant.change}"


@dataclass(slots=True)
class Baseline:
    """What the tests do without a bug: their durations, and which lines each runs."""

    durations: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def tests_of(self, bug: Bug) -> dict[str, float]:
        """Return the tests that run the bug's line; all tests where it runs on import only."""
        lines = self.lines.get(str(bug.path), {})
        named = set(lines.get(bug.mutant.line, ())) & self.durations.keys()
        return {name: self.durations[name] for name in named or self.durations}


class _Recorder:
    """Notes in which test each line runs."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.durations: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._measured.switch_context(item.nodeid)
        started = time.perf_counter()
        result = yield
        self.durations[item.nodeid] = time.perf_counter() - started
        return result


def measure(package: str, folders: tuple[str, ...], result: Path) -> int:
    """Run the package's tests and write their ``Baseline`` and the loaded libraries as JSON."""
    measured = coverage.Coverage(
        data_file=None, config_file=False, branch=False, include=[f"{ROOT}/screenpop/{package}/*"]
    )
    recorder = _Recorder(measured)
    measured.start()
    code = run_tests(folders, recorder, conftest=package not in TESTS)
    measured.stop()
    data = measured.get_data()
    lines = {path: data.contexts_by_lineno(path) for path in data.measured_files()}
    result.write_text(json.dumps([recorder.durations, lines, library_names()]))
    return code


def baseline_of(package: str, folders: tuple[str, ...]) -> Baseline:
    """Measure in a child, so that this process loads nothing of the product."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "baseline.json"
        _, status = os.waitpid(fork(lambda: measure(package, folders, result), 1200), 0)
        if status != 0:
            raise SystemExit(f"The tests of {package} fail without any bug planted.")
        durations, lines, libraries = json.loads(result.read_text())
    for name in libraries:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112 - plugins' own modules; the child imports them itself
            continue
    numbered = {
        path: {int(line): names for line, names in of.items()} for path, of in lines.items()
    }
    return Baseline(durations, numbered)


def bugs_of(package: str, *, only_limits: bool) -> list[Bug]:
    """Return every bug that can be planted in a package, in the order of its files."""
    return [
        Bug(path, mutant)
        for path in sorted((ROOT / "screenpop" / package).rglob("*.py"))
        for mutant in list_mutants(path.read_text(), only_limits=only_limits)
    ]


def start(bug: Bug, baseline: Baseline, *, only_limits: bool) -> int:
    """Start a child that tests one bug; return its process id."""
    tests = baseline.tests_of(bug)
    tree = plant_mutant(bug.path.read_text(), bug.mutant.index, only_limits=only_limits)

    def work() -> int:
        code = compile(tree, str(bug.path), "exec", dont_inherit=True)
        sys.meta_path.insert(0, ChangedModule(bug.module, bug.path, code))
        files = dict.fromkeys(name.partition("::")[0] for name in tests)
        return run_tests(
            files, Selected(tests, baseline.durations), conftest=bug.package not in TESTS
        )

    return fork(work, 20 + int(5 * sum(tests.values())))


def survivors_of(bugs: list[Bug], baseline: Baseline, *, jobs: int, only_limits: bool) -> list[Bug]:
    """Return the bugs with which every test passes."""
    survived: list[Bug] = []
    running: dict[int, Bug] = {}

    def reap() -> None:
        child, status = os.wait()
        bug = running.pop(child)
        if os.WIFSIGNALED(status):
            print(f"TIME-OUT {bug.path.name}:{bug.mutant.line} {bug.key}", flush=True)
        if status == 0:
            survived.append(bug)
            print(f"SURVIVED {bug.path.name}:{bug.mutant.line} {bug.key}", flush=True)

    for bug in bugs:
        running[start(bug, baseline, only_limits=only_limits)] = bug
        if len(running) >= jobs:
            reap()
    while running:
        reap()
    return survived


def load_explained() -> dict[str, str]:
    """Return the reason for each bug that no test can notice or need not."""
    return {
        bug: group["reason"]
        for group in tomllib.loads(EXPLAINED.read_text())["group"]
        for bug in group["bugs"]
    }


def stale_keys(explained: Iterable[str], root: Path = ROOT / "screenpop") -> list[str]:
    """Return the explained bugs that can be planted no more: their code has changed or is gone."""
    keys = list(explained)
    paths = {root / key.partition(" | ")[0] for key in keys}
    possible = {
        _key(path.relative_to(root), mutant)
        for path in paths
        if path.is_file()
        for mutant in list_mutants(path.read_text())
    }
    return [key for key in keys if key not in possible]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(TESTS), help="default: the pure ones")
    parser.add_argument("--sample", type=int, help="at most so many bugs a package, chosen by seed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--limits", action="store_true", help="only comparisons and their limits")
    parser.add_argument("--list", action="store_true", help="print the bugs, plant none")
    parser.add_argument("--tests", nargs="*", help="folders of tests; default: the package's own")
    parser.add_argument("--only", default="", help="only bugs whose name matches this")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    os.chdir(ROOT)
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    explained = load_explained()
    if stale := stale_keys(explained):
        lines = "\n".join(stale)
        print(f"explained.toml names bugs that its code no longer has:\n{lines}", file=sys.stderr)
        return 2
    counts: dict[str, list[int]] = defaultdict(list)
    for package in chosen.packages:
        folders = tuple(chosen.tests or TESTS.get(package, (f"tests/{package}",)))
        bugs = bugs_of(package, only_limits=chosen.limits)
        bugs = [bug for bug in bugs if re.search(chosen.only, bug.key)]
        total = len(bugs)
        if chosen.list:
            print("\n".join(f"{bug.path.name}:{bug.mutant.line} {bug.key}" for bug in bugs))
            continue
        if chosen.sample is not None and chosen.sample < total:
            bugs = random.Random(chosen.seed).sample(bugs, chosen.sample)
        started = time.monotonic()
        survived = survivors_of(
            bugs, baseline_of(package, folders), jobs=chosen.jobs, only_limits=chosen.limits
        )
        known = sum(bug.key in explained for bug in survived)
        counts[package] = [total, len(bugs), len(bugs) - len(survived), len(survived), known]
        print(f"{package}: {time.monotonic() - started:.0f} s", flush=True)
    print("| package | possible | planted | killed | survived | explained | score |")
    print("|---|---|---|---|---|---|---|")
    for package, (total, planted, killed, left, known) in counts.items():
        score = 100 * killed / max(planted - known, 1)
        print(f"| {package} | {total} | {planted} | {killed} | {left} | {known} | {score:.1f} % |")
    return int(any(left > known for *_, left, known in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
