"""Upgrades a database of the first schema with many calls, kills the upgrade, and checks all rows.

``python -m benchmarks.upgrade [--calls 1000000] [--kills 3] [--postgres]``

Printed for each step: seconds, CPU (of PostgreSQL's processes too), what the disk holds more.
Steps below a second are summed. Then the same upgrade is killed (SIGKILL) at ``--kills`` random
moments, and on a database of ``--kill-calls`` calls before each step, and run again each time. Rows
are checked by count, sum and the values of some.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from typing_extensions import override

from screenpop.store.backup.database_copy import database_bytes
from screenpop.store.engine.migrate import MigrationStep, migrate, steps_after
from tests.store.conftest import run_now_on, with_database
from tests.store.old_schema import on_database
from tests.store.schema_rows import Columns, add_rows, changed_values, columns_of, leave_ids_free
from tests.store.throwaway_postgres import throwaway_postgres
from tests.whole_office.child_process import ChildError, ChildProcess

SEED = 18
SPOTS = 200
"""Rows of each table whose values are compared."""
SHORT_S = 1.0
_EVERY_S = 0.02
_CHANGED = {
    ("calls", "folded"),
    ("customers", "names"),
    ("customers", "marketing_consent"),
}
"""What steps change on purpose; tests/store/engine/test_upgrades.py compares their values."""


def rows_for(calls: int) -> dict[str, int]:
    """Return how many rows each table of the first schema has beside this many calls."""
    customers = max(10, calls // 10)
    return {
        "households": max(10, customers // 10),
        "import_batches": 10,
        "users": 50,
        "customers": customers,
        "customer_phones": customers * 3 // 2,
        "trips": customers * 2,
        "cases": max(10, customers // 20),
        "calls": calls,
        "legs": calls * 3 // 2,
        "call_traces": calls,
        "receipts": calls,
        "transfers": max(10, calls // 20),
        "call_notes": max(10, calls // 5),
    }


def fill(url: str, calls: int) -> None:
    """Make a database of the first schema with its rows."""
    upgrade = command.upgrade

    def upgrade_one(config: Config, _head: str) -> None:
        upgrade(config, "0001")

    with patch.object(command, "upgrade", upgrade_one):
        migrate(url)
    sizes = rows_for(calls)

    def add(connection: Connection) -> None:
        columns = columns_of(connection)
        add_rows(connection, columns, {t: range(1, n + 1) for t, n in sizes.items()}, sizes)
        for name, count in sizes.items():
            leave_ids_free(connection, [name], count)

    on_database(url, add)


def check(url: str, first: Columns, sizes: Mapping[str, int]) -> None:
    """Compare counts, sums and values; raises ``AssertionError``."""
    picked = random.Random(SEED)
    rows = {
        name: [*picked.sample(range(1, count + 1), min(count, SPOTS)), count]
        for name, count in sizes.items()
    }

    def compare(connection: Connection) -> None:
        for name, count in sizes.items():
            [key, *_] = [each.name for each in first[name] if each.is_key]
            found = connection.execute(sa.text(f"SELECT count(*), sum({key}) FROM {name}")).one()
            assert (found[0], int(found[1])) == (count, count * (count + 1) // 2), (name, found)
        now = columns_of(connection)
        wrong = [
            each
            for each in changed_values(connection, first, now, rows, sizes)
            if each[:2] not in _CHANGED
        ]
        assert not wrong, wrong[:5]

    on_database(url, compare)


@dataclass
class Place:
    url: str
    folder: Path
    """Where the database lies on the disk."""
    postmaster: int = 0

    def size(self) -> int:
        """Return the bytes that the database holds, with its log and files that have no name."""
        held = _held_by_name(self.folder)
        if not self.postmaster:
            held |= _held_without_name(os.getpid())
        return sum(held.values())

    def cpu_s(self) -> float:
        """Return the CPU seconds of this process, and of PostgreSQL's."""
        own = time.process_time()
        return own + sum(map(_cpu_s, _children(self.postmaster))) if self.postmaster else own


def _held_by_name(folder: Path) -> dict[tuple[int, int], int]:
    held = {}
    for path in folder.rglob("*"):
        try:
            facts = path.stat()
        except OSError:
            continue
        if path.is_file():
            held[facts.st_dev, facts.st_ino] = facts.st_blocks * 512
    return held


def _held_without_name(process: int) -> dict[tuple[int, int], int]:
    """Return SQLite's temporary files: they are removed as soon as they are open."""
    held = {}
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            if os.readlink(link).endswith(" (deleted)"):
                facts = link.stat()
                held[facts.st_dev, facts.st_ino] = facts.st_blocks * 512
        except OSError:
            continue
    return held


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [process, *map(int, text.split())]


def _cpu_s(process: int) -> float:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    # Its own, and that of its children that have ended, as autovacuum's do.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def run_upgrade(pipe: Pipe) -> None:
    """Work of a child: upgrade; send each step; before the one that is named, end."""
    place, killed_before = pipe.recv()

    def on_step(step: MigrationStep) -> None:
        if step.revision == killed_before:
            os.kill(os.getpid(), signal.SIGKILL)
        pipe.send((step, time.monotonic(), place.cpu_s(), place.size(), _memory()))

    migrate(place.url, on_step)
    pipe.send((None, time.monotonic(), place.cpu_s(), place.size(), _memory()))


def _memory() -> int:
    """Return the most bytes of memory that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass
class Upgraded:
    took_s: float = 0.0
    cpu_s: float = 0.0
    peak: int = 0
    """The most bytes that the database held at a time."""


def measure(place: Place, within_s: float) -> Upgraded:
    """Upgrade and print the steps."""
    done, before = Upgraded(), place.size()
    done.peak, database = before, database_bytes(place.url)
    with ChildProcess("upgrade", run_upgrade) as child:
        child.send((place, ""))
        last, short = child.receive(), [0, 0.0, 0.0, 0]
        print(f"{'step':40} {'s':>7} {'CPU s':>7} {'MB more':>8}")
        while last[0] is not None:
            while not child.has_answer(_EVERY_S * 10):
                done.peak = max(done.peak, place.size())
                within_s -= _EVERY_S * 10
                if within_s < 0:
                    raise ChildError("the upgrade takes too long")
            step, now = last[0], child.receive()
            took, cpu, more = (now[part] - last[part] for part in (1, 2, 3))
            done.took_s, done.cpu_s = done.took_s + took, done.cpu_s + cpu
            done.peak = max(done.peak, now[3])
            if took < SHORT_S:
                for part, value in enumerate((1, took, cpu, more)):
                    short[part] += value
            else:
                name = f"{step.revision} {step.title}"
                print(f"{name:40} {took:7.1f} {cpu:7.1f} {more / 1e6:8.0f}", flush=True)
            last = now
    name = f"{short[0]:.0f} steps below {SHORT_S:g} s"
    print(f"{name:40} {short[1]:7.1f} {short[2]:7.1f} {short[3] / 1e6:8.0f}")
    print(
        f"upgrade: {done.took_s:.1f} s, CPU {done.cpu_s:.1f} s; database {database / 1e6:.0f} MB,"
        f" at most {(done.peak - before) / 1e6:.0f} MB more"
        f" ({(done.peak - before) / database:.2f} of it), afterwards"
        f" {(place.size() - before) / 1e6:.0f} MB more; memory at most {last[4] / 1e6:.0f} MB",
        flush=True,
    )
    return done


def killed(place: Place, *, before: str = "", after_s: float = 0.0) -> str:
    """Start an upgrade that is killed; return the step in which it was."""
    at = ""
    with ChildProcess("upgrade", run_upgrade) as child:
        child.send((place, before))
        give_up_at = time.monotonic() + after_s
        try:
            while before or time.monotonic() < give_up_at:
                if before or child.has_answer(max(0.0, give_up_at - time.monotonic())):
                    step = child.receive()[0]
                    if step is None:
                        return "the end"
                    at = f"{step.revision} {step.title}"
        except ChildError:
            return at
        child.kill()
    return at


@contextmanager
def databases(folder: Path, *, postgres: bool) -> Iterator["Maker"]:
    if not postgres:
        yield SqliteMaker(folder)
        return
    with throwaway_postgres() as url:
        yield PostgresMaker(url)


class Maker:
    """Makes databases of the first schema, and copies of them."""

    def make(self, name: str, calls: int) -> Place:
        raise NotImplementedError

    def copy(self, place: Place, name: str) -> Place:
        raise NotImplementedError


class SqliteMaker(Maker):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @override
    def make(self, name: str, calls: int) -> Place:
        place = self._place(name)
        fill(place.url, calls)
        return place

    @override
    def copy(self, place: Place, name: str) -> Place:
        other = self._place(name)
        shutil.copy(place.folder / "screenpop.db", other.folder)
        return other

    def _place(self, name: str) -> Place:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return Place(f"sqlite:///{folder}/screenpop.db", folder)


class PostgresMaker(Maker):
    def __init__(self, server: str) -> None:
        self._server = server
        found: list[str] = []
        on_database(
            server, lambda c: found.append(c.exec_driver_sql("SHOW data_directory").scalar_one())
        )
        self._folder = Path(found[0])
        text = (self._folder / "postmaster.pid").read_text(encoding="ascii")
        self._postmaster = int(text.splitlines()[0])

    @override
    def make(self, name: str, calls: int) -> Place:
        place = self._place(name, "template1")
        fill(place.url, calls)
        run_now_on(place.url, "VACUUM ANALYZE")
        run_now_on(place.url, "CHECKPOINT")
        return place

    @override
    def copy(self, place: Place, name: str) -> Place:
        return self._place(name, place.url.partition("?")[0].rpartition("/")[2])

    def _place(self, name: str, template: str) -> Place:
        run_now_on(self._server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        run_now_on(self._server, f"CREATE DATABASE {name} TEMPLATE {template}")
        return Place(with_database(self._server, name), self._folder, self._postmaster)


def first_columns(place: Place) -> Columns:
    found: list[Columns] = []
    on_database(place.url, lambda connection: found.append(columns_of(connection)))
    return found[0]


def kill_before_each_step(maker: Maker, calls: int) -> None:
    """Kill one upgrade before each step, each time on what the one before left."""
    place, began = maker.make("steps", calls), time.monotonic()
    first = first_columns(place)
    steps = steps_after("0001")
    for step in steps:
        killed(place, before=step.revision)
    migrate(place.url)
    check(place.url, first, rows_for(calls))
    print(
        f"killed before each of {len(steps)} steps at {calls:,} calls, then upgraded: all rows are"
        f" there ({time.monotonic() - began:.0f} s)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--kill-calls", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=3, help="at random moments, all calls there")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--folder", type=Path, help="where SQLite's files are made")
    parser.add_argument("--within", type=float, default=7200.0, help="seconds for one upgrade")
    given = parser.parse_args()
    os.nice(10)
    chance = random.Random(SEED)
    with (
        tempfile.TemporaryDirectory(prefix="screenpop-upgrade-", dir=given.folder) as name,
        databases(Path(name), postgres=given.postgres) as maker,
    ):
        began, sizes = time.monotonic(), rows_for(given.calls)
        whole = maker.make("whole", given.calls)
        first = first_columns(whole)
        what = "PostgreSQL" if given.postgres else "SQLite"
        print(
            f"{what}, schema 0001: {given.calls:,} calls, {sum(sizes.values()):,} rows"
            f" ({time.monotonic() - began:.0f} s to make)",
            flush=True,
        )
        place = maker.copy(whole, "measured")
        done = measure(place, given.within)
        check(place.url, first, sizes)
        print("all rows are there", flush=True)
        place = maker.copy(whole, "killed")
        for _ in range(given.kills):
            after_s = chance.uniform(0.05, 0.95) * done.took_s
            at = killed(place, after_s=after_s)
            print(f"killed after {after_s:.0f} s, in {at or 'the first step'}", flush=True)
        if given.kills:
            migrate(place.url)
            check(place.url, first, sizes)
            print("upgraded after that: all rows are there", flush=True)
        kill_before_each_step(maker, given.kill_calls)


if __name__ == "__main__":
    main()
