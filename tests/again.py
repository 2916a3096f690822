"""``python -m tests.again PART``: play a part of the tests, and those failed again.

The parts are the keys of ``PARTS``; tests marked ``slow`` are in parts of their own.

A test in real time that shares two cores with other programs can miss a time limit.
docs/testing.md lists what this excuses: a test that fails twice, or more than a few failures, fail
the run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow import slow_files

_SPREAD = "-n auto --maxprocesses 8 --dist worksteal --cache-clear"
_OTHERS = ("browser", "faults", "operation", "pbx", "install")
_UNIT = [f"--ignore=tests/{folder}" for folder in _OTHERS]
_TESTS = Path("tests")
_NO_UNIT = tuple(f"tests/{folder}/" for folder in _OTHERS)
_SELECTED = {
    "unit": [*_UNIT, "-m", "not slow"],
    "browser": ["tests/browser", "-m", "not slow"],
    "slow-unit": [*slow_files(_TESTS, _NO_UNIT), "-m", "slow"],
    "slow-browser": [*slow_files(_TESTS / "browser"), "-m", "slow"],
    "faults": ["tests/faults"],
}
PARTS = {
    part: ["-m", "pytest", "-q", *_SPREAD.split(), "-o", f"cache_dir=.pytest_cache/{part}", *chosen]
    for part, chosen in _SELECTED.items()
}
"""The arguments of Python for each part; what failed in it is recorded in its own cache."""

FEW = {"unit": 1, "browser": 4, "slow-unit": 1, "slow-browser": 2, "faults": 1}
"""How many failures of a part may be played again."""

REAL_TIME = {"ami", "app", "browser", "faults", "web"}
"""Folders whose tests talk to real sockets and processes within time limits of seconds."""


def play(part: str, *more: str) -> int:
    """Play a part, then its few failed tests again, alone. Return the exit status.

    ``more``: further arguments of pytest.

    All at the lowest priority: the product lowers that of its worker processes, which then have
    their share of busy cores all the same.
    """
    os.nice(19)
    status = subprocess.run([sys.executable, *PARTS[part], *more], check=False).returncode
    return play_again(part) if status else 0


def play_again(part: str) -> int:
    """Play the failed tests of a part again. Return 0 only if they are few and all pass alone."""
    kept = Path(f".pytest_cache/{part}/v/cache/lastfailed")
    failed: list[str] = list(json.loads(kept.read_text())) if kept.is_file() else []
    print(f"\n{len(failed)} tests failed: {', '.join(failed) or 'none is recorded'}")  # noqa: T201
    if not 0 < len(failed) <= FEW[part] or not {folder_of(test) for test in failed} <= REAL_TIME:
        return 1
    print("FLAKY if it passes now, played once more, alone: report each.")  # noqa: T201
    return int(pytest.main(["-q", *failed]))


def folder_of(test: str) -> str:
    return test.split("/")[1]


if __name__ == "__main__":
    sys.exit(play(sys.argv[1]))
