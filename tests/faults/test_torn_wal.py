"""After a loss of power the database opens, is whole, and has what was synced."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, migrate, open_database
from tests.faults.torn_wal import Torn, as_after_a_power_cut, faults_of, torn_logs

pytestmark = pytest.mark.anyio

IN_THE_FILE = 5
IN_THE_LOG = 15
NOW = 1_800_000_000.0


async def add(database: Database, number: int) -> None:
    name = PersonName(f"Given {number}", "Family")
    await create_customer(database, CustomerDraft(names={"en": name}), NOW)


def page_size_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA page_size").fetchone()[0])


def customers_in(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [one for (one,) in connection.execute("SELECT id FROM customers ORDER BY id")]


async def test_a_database_with_a_log_torn_anywhere_is_whole_and_has_all_that_was_synced(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "screenpop.db"
    log_file = tmp_path / "screenpop.db-wal"
    database = open_database(sqlite_url)
    for number in range(IN_THE_FILE):
        await add(database, number)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ends = []
    for number in range(IN_THE_FILE, IN_THE_FILE + IN_THE_LOG):
        await add(database, number)
        ends.append(log_file.stat().st_size)
    kept_file = Path(shutil.copy(path, tmp_path / "kept.db"))
    log = log_file.read_bytes()
    page_size = page_size_of(path)
    await database.close()
    assert ends == sorted(set(ends))
    assert len(log) == ends[-1]

    written = list(range(1, IN_THE_FILE + IN_THE_LOG + 1))
    several = list(torn_logs(log, page_size, seed=1, several=6))
    found_counts = set()
    for torn in several:
        copy = as_after_a_power_cut(kept_file, log, torn, tmp_path)
        found = customers_in(copy)
        synced = IN_THE_FILE + sum(end <= torn.kept for end in ends)
        assert found == written[:synced], torn.kept
        assert faults_of(copy) == "ok", torn.kept
        found_counts.add(len(found))
    assert len(several) > 60
    assert {IN_THE_FILE, len(written)} < found_counts

    # The product starts on it, and goes on.
    middle = Torn(ends[7] + 100, bytes(5_000))
    copy = as_after_a_power_cut(kept_file, log, middle, tmp_path)
    migrate(f"sqlite:///{copy}")
    started = open_database(f"sqlite:///{copy}")
    await add(started, 99)
    await started.close()
    assert customers_in(copy) == written[: IN_THE_FILE + 9]
