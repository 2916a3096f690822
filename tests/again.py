"""``python -m tests.again unit|browser``: play the few failed tests again, alone, and name them.

A test in real time that shares two cores with other programs can miss a time limit.
docs/testing.md lists what this excuses: a test that fails twice, or more than a few failures, fail
the run.
"""

import json
import sys
from pathlib import Path

import pytest

FEW = {"unit": 1, "browser": 4}
"""How many failures of a part may be played again."""

REAL_TIME = {"ami", "app", "browser", "faults", "web"}
"""Folders whose tests talk to real sockets and processes within time limits of seconds."""


def main(part: str) -> int:
    """Return the exit status: 0 only if no more than a few tests failed and all pass alone."""
    kept = Path(".pytest_cache/v/cache/lastfailed")
    failed: list[str] = list(json.loads(kept.read_text())) if kept.is_file() else []
    failed = [test for test in failed if part_of(test) == part]
    print(f"\n{len(failed)} tests failed: {', '.join(failed) or 'none is recorded'}")  # noqa: T201
    if not 0 < len(failed) <= FEW[part] or not {folder_of(test) for test in failed} <= REAL_TIME:
        return 1
    print("FLAKY if it passes now, played once more, alone: report each.")  # noqa: T201
    return int(pytest.main(["-q", *failed]))


def part_of(test: str) -> str:
    """Return which part of ``make test`` plays this test; "" for those of ``make test-pbx``."""
    return {"browser": "browser", "pbx": ""}.get(folder_of(test), "unit")


def folder_of(test: str) -> str:
    return test.split("/")[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
