"""What every test shares."""

import gc
import os
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from screenpop.store.accounts import password_hash
from screenpop.store.engine.database import Database, migrate, open_database
from tests.forked_workers import forked_workers
from tests.slow import SLOW
from tests.tools import missing_tool

# The heap of a run is large and mostly stays: Python's own threshold (700) looks at it too often.
gc.set_threshold(10_000, 10, 10)
gc.disable()  # until all tests are collected

# A busy machine is slow now and then; a property is not false because of it.
settings.register_profile("short", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
# Numpy reads it at its import: its threads wait for one another on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def cores() -> int:
    """Return how many this process may use."""
    return len(os.sched_getaffinity(0))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` is: more than cores, because a test that waits for a
    socket, a process or a database uses none."""
    return 2 * cores()


LONG = (
    "tests/faults/test_kills.py",
    "tests/faults/test_database_faults.py",
    "tests/faults/test_hanging_database.py",
    "tests/faults/test_stalled_database.py",
    "tests/web/test_hostile_requests.py",
    "tests/store/search/test_match_index.py",
    "tests/spreadsheets/test_round_trip.py",
    "tests/browser/test_access.py",
    "tests/browser/test_line.py",
)
"""Files with tests of many seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests, and put long ones first: begun last, one would run alone while the other
    workers have ended."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Leave the modules and the collected tests, which stay to the end, out of every later garbage
    collection: they are most of what it would look at."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests that did not run for want of a tool, by the tool's name."""
    counts = Counter(
        name
        for outcome in ("skipped", "failed", "error")
        for report in terminalreporter.stats.get(outcome, ())
        if (name := missing_tool(str(report.longrepr)))
    )
    for name, count in counts.items():
        terminalreporter.write_line(f"NOT RUN: {count} tests, for want of {name}", red=True)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Generator[PasswordHasher]:
    """argon2id with the smallest costs. Gives the product's own, for the tests of those."""
    real = password_hash._hasher
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(password_hash, "_hasher", cheap)
        yield real


@pytest.fixture(scope="session", autouse=True)
def quick_workers() -> Generator[None]:
    """Exports and imports run in processes that are forked, and not started anew."""
    with forked_workers():
        yield


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables and nothing in them: to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A database with our tables, ``screenpop.db`` in the test's own folder."""
    path = shutil.copy(migrated_sqlite, tmp_path / "screenpop.db")
    return f"sqlite:///{path}"


@pytest.fixture
async def database(sqlite_url: str) -> AsyncGenerator[Database]:
    """The same, opened."""
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()
