"""Where the tests marked ``slow`` are: ``make test-slow`` plays them, ``make test`` does not."""

from collections.abc import Iterator
from pathlib import Path

SLOW = ("tests/benchmarks/", "tests/web/test_hostile_requests.py", "tests/examples/")
"""Folders and files whose tests are all marked ``slow``."""
MARK = "mark.slow"


def slow_files(folder: Path, left_out: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the files of tests in which at least one is marked, in the order of their names.

    Each worker of pytest reads only these, instead of ten thousand tests of which it plays eighty.
    ``folder``: relative to the project, which is the working directory. ``left_out``: beginnings of
    paths.
    """
    for path in sorted(folder.rglob("test_*.py")):
        name = path.as_posix()
        if name.startswith(left_out):
            continue
        if name.startswith(SLOW) or MARK in path.read_text(encoding="utf-8"):
            yield name
