"""The kept read connection of the lookup, and the indexes of its statement."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url, text

from screenpop.customers.models import CallerRecord, CustomerFile
from screenpop.service.ports import RecordsUnreachableError
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.inline_reads import compile_statement
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_sql import scanned_tables
from tests.store.conftest import run_on
from tests.store.samples import (
    LALEH,
    add_customer,
    look_up,
)

pytestmark = pytest.mark.anyio


def families(files: Sequence[CustomerFile]) -> list[str]:
    return [file.customer.names["en"].family for file in files]


async def test_what_another_connection_writes_is_seen_by_the_next_read(
    database: Database, url: str
) -> None:
    assert (await look_up(database, LALEH)).exact == ()
    other = open_database(url)
    try:
        for count in range(1, 4):
            await add_customer(other, f"Karimi {count}", LALEH)
            assert len((await look_up(database, LALEH)).exact) == count
    finally:
        await other.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_kept_read_never_stops_a_writer(database: Database, url: str) -> None:
    await add_customer(database, "Karimi", LALEH)
    await look_up(database, LALEH)

    with sqlite3.connect(make_url(url).database or "", timeout=0) as other:
        other.execute("UPDATE customers SET notes = 'written'")
        other.commit()
        left = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    other.close()

    assert left[0] == 0, "the read held its view of the records"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_hot_connection_cannot_write(database: Database) -> None:
    await look_up(database, LALEH)
    assert database.inline is not None

    execute = database.inline.ready()
    assert execute is not None

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        execute("DELETE FROM customers", ())


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_records_that_cannot_be_read_are_reported_and_the_next_call_tries_again(
    database: Database, tmp_path: Path
) -> None:
    path, away = tmp_path / "screenpop.db", tmp_path / "away.db"
    path.rename(away)
    with pytest.raises(RecordsUnreachableError):
        await look_up(database, LALEH)

    away.rename(path)
    assert (await look_up(database, LALEH)).exact == ()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_connection_that_opens_slowly_after_a_failure_keeps_the_loop_free(
    database: Database,
) -> None:
    await add_customer(database, "Karimi", LALEH)
    await look_up(database, LALEH)
    reads = database.inline
    assert reads is not None
    opens, may_open = threading.Event(), threading.Event()

    def wait(*_: object) -> None:
        opens.set()
        assert may_open.wait(20)  # as SQLite waits for a damaged file

    event.listen(reads._engine, "connect", wait, insert=True)
    reads.fail()
    waiting = [asyncio.create_task(look_up(database, LALEH)) for _ in range(3)]
    await asyncio.to_thread(opens.wait, 20)

    assert not any(one.done() for one in waiting)
    may_open.set()
    assert [families((await one).exact) for one in waiting] == [["Karimi"]] * 3
    assert isinstance(database.lookup.now_or_later(LALEH), CallerRecord)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_connection_that_opens_after_the_database_was_closed_is_closed_too(
    database: Database,
) -> None:
    reads = database.inline
    assert reads is not None
    reads.fail()
    waiting = asyncio.create_task(look_up(database, LALEH))
    await asyncio.sleep(0)
    reads.close()
    with pytest.raises(RecordsUnreachableError):
        await waiting
    assert reads._kept is None


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_server_that_cut_the_kept_connections_is_asked_again_at_once(
    database: Database, url: str
) -> None:
    await add_customer(database, "Karimi", LALEH)
    await look_up(database, LALEH)
    await run_on(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    assert families((await look_up(database, LALEH)).exact) == ["Karimi"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_missing_database_is_reported_as_unreachable(database: Database, url: str) -> None:
    name = make_url(url).database
    await run_on(
        str(make_url(url).set(database="postgres").render_as_string()),
        f"ALTER DATABASE {name} RENAME TO away_{name}",
    )
    with pytest.raises(RecordsUnreachableError):
        await look_up(database, LALEH)
    await run_on(
        str(make_url(url).set(database="postgres").render_as_string()),
        f"ALTER DATABASE away_{name} RENAME TO {name}",
    )


_OF_A_FILE = (
    "ix_trips_customer_id_departs",
    "ix_trip_travellers_customer_id",
    "ix_customers_household_id",
    "ix_cases_customer_id",
    "ix_calls_customer_id_arrived_at",
)
HOT = {
    "exact": (hot.EXACT, "number", ("ix_customer_phones_e164", *_OF_A_FILE), 3),
    "phones": (hot.PHONES, "nine", ("ix_customer_phones_last_nine",), 0),
    "by phone": (hot.BY_PHONE, "phone", ("INTEGER PRIMARY KEY", *_OF_A_FILE), 3),
    "chosen": (hot.CHOSEN, "number", ("sqlite_autoindex_number_choices_1",), 0),
    "calls of a number": (hot.CALLS_OF_NUMBER, "number", ("ix_calls_e164_arrived_at",), 1),
}
"""Name → statement, parameter, indexes, and how many small sorts it has.

Sorted are the notes of a call, a traveller's few trips, and the few cases of a household.
"""


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_each_hot_statement_searches_by_its_indexes_and_sorts_little(
    database: Database, name: str, url: str
) -> None:
    statement, parameter, indexes, sorts = HOT[name]
    once = compile_statement(statement, parameter)
    connection = sqlite3.connect(make_url(url).database or "")
    plan = [
        row[3]
        for row in connection.execute(
            f"EXPLAIN QUERY PLAN {once.sql}", (*once.before, "1", *once.after)
        )
    ]
    connection.close()

    for index in indexes:
        assert any(index in step for step in plan), (index, plan)
    assert scanned_tables(plan) == [], plan
    assert len([step for step in plan if "TEMP B-TREE" in step]) == sorts, plan


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_the_one_statement_scans_no_table_once_there_is_something_to_scan(
    database: Database,
) -> None:
    async with database.writing() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        lookup: Any = database.lookup
        raw: Any = (await connection.get_raw_connection()).driver_connection
        values = lookup._constants | {"number": "+989123456789", "nine": "123456789"}
        rows = await raw.fetch(f"EXPLAIN {lookup._sql}", *[values[name] for name in lookup._names])
    plan = "\n".join(row[0] for row in rows)

    for index in (
        "ix_customer_phones_e164",
        "ix_customer_phones_last_nine",
        "ix_cases_customer_id",
        "ix_trips_customer_id_departs",
        "ix_calls_customer_id_arrived_at",
        "ix_trip_travellers_customer_id",
        "ix_customers_household_id",
    ):
        assert index in plan
    # Planned without sequential scans wherever an index can serve: none is left over.
    assert "Seq Scan" not in plan, plan
