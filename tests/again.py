"""``python -m tests.again FOLDER``: run a few failed tests once more, alone.

A busy machine can be too slow for a browser now and then. More than a few failures are no accident.
"""

import json
import sys
from pathlib import Path

import pytest

FEW = 6


def main(folder: str) -> int:
    """Give the exit status: failed unless the few that failed pass alone."""
    kept = Path(".pytest_cache/v/cache/lastfailed")
    failed: list[str] = list(json.loads(kept.read_text())) if kept.is_file() else []
    failed = [test for test in failed if test.startswith(folder)]
    if not 0 < len(failed) <= FEW:
        print(f"{len(failed)} tests failed: no accident of a busy machine")  # noqa: T201
        return 1
    print(f"{len(failed)} failed tests once more, alone: a busy machine can be too slow")  # noqa: T201
    return int(pytest.main(["-q", "--last-failed", "--last-failed-no-failures=none", folder]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
