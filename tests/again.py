"""``python -m tests.again FOLDER``: play the few failed tests once more, alone, and name them.

A browser that shares two cores with other programs can miss a time limit. docs/testing.md lists
what this excuses: a test that fails twice, or more than a few failures, fail the run.
"""

import json
import sys
from pathlib import Path

import pytest

FEW = 4


def main(folder: str) -> int:
    """Return the exit status: 0 only if at most ``FEW`` tests failed and all pass alone."""
    kept = Path(".pytest_cache/v/cache/lastfailed")
    failed: list[str] = list(json.loads(kept.read_text())) if kept.is_file() else []
    failed = [test for test in failed if test.startswith(folder)]
    print(f"\n{len(failed)} tests failed: {', '.join(failed) or 'none is recorded'}")  # noqa: T201
    if not 0 < len(failed) <= FEW:
        return 1
    print("They are played once more, alone; report each that passes now as flaky.")  # noqa: T201
    return int(pytest.main(["-q", "--last-failed", "--last-failed-no-failures=none", folder]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
