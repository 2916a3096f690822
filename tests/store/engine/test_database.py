"""One database, opened and closed."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from screenpop.service.ports import CallerLookup, CallLog
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import Database, migrate, open_database, opened
from screenpop.store.engine.errors import DatabaseProblemError
from tests.store.samples import LALEH, finished_call, look_up

pytestmark = pytest.mark.anyio


async def test_a_database_offers_the_two_ports(database: Database) -> None:
    lookup: CallerLookup = database.lookup
    log: CallLog = database.log
    assert (lookup, log) == (database.lookup, database.log)


async def test_closing_writes_what_the_log_holds_and_leaves_no_thread(url: str) -> None:
    before = set(threading.enumerate())
    database = open_database(url)
    database.log.start()
    database.log.keep(finished_call())
    await look_up(database, LALEH)
    await database.close()

    assert {t.name for t in set(threading.enumerate()) - before if not t.daemon} == set()
    async with opened(url) as again:
        assert len((await list_calls(again)).calls) == 1


async def test_opening_reads_nothing_so_that_a_program_starts_while_its_database_is_away() -> None:
    database = open_database("postgresql://me:sesame@127.0.0.1:1/db")
    with pytest.raises(DatabaseProblemError, match="Check that PostgreSQL runs") as refused:
        await database.ready()
    await database.close()

    assert refused.value.code == "unreachable"
    assert "sesame" not in str(refused.value)


async def test_a_command_finds_its_database_ready_or_reports_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError, match="screenpop migrate"):
        async with opened(f"sqlite:///{tmp_path}/x.db"):
            pass


def test_a_place_that_cannot_work_is_reported_when_opening(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none/x.db", "mysql://x/y"):
        with pytest.raises(DatabaseProblemError):
            open_database(url)
        with pytest.raises(DatabaseProblemError):
            migrate(url)


async def test_a_damaged_page_of_an_impossible_size_is_a_damaged_database(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(sqlite_url)
    try:
        for _ in range(2):
            with pytest.raises(DatabaseProblemError) as problem:
                async with database.reading():
                    raise MemoryError  # as sqlite3 does for such a file
            assert problem.value.code == "damaged"
        assert caplog.text.count("is damaged") == 1
        async with database.reading() as connection:
            assert connection is not None
    finally:
        await database.close()


async def test_a_transaction_that_began_before_a_failure_does_not_end_it(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(sqlite_url)
    try:
        async with database.writing() as connection:
            await connection.execute(text("SELECT 1"))
        for begin, writes in ((database.reading, False), (database.writing, True)):
            async with begin() as connection:
                await connection.execute(text("SELECT 1"))
                database._log_once(MemoryError(), writes=writes)  # of another transaction
            database._log_once(MemoryError(), writes=writes)
        assert caplog.text.count("is damaged") == 1
        assert "answers again" not in caplog.text
        for begin in (database.reading, database.writing):
            async with begin() as connection:
                await connection.execute(text("SELECT 1"))
        assert caplog.text.count("answers again") == 1
    finally:
        await database.close()


async def test_a_commit_into_a_file_that_was_removed_meanwhile_is_a_failure(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)

    async def write_late() -> None:
        async with database.writing() as connection:
            await connection.execute(text("CREATE TABLE late (id INTEGER)"))
            assert database.path is not None
            database.path.unlink()

    try:
        with pytest.raises(DatabaseProblemError, match="restore the file") as problem:
            await write_late()
        assert problem.value.code == "absent"
    finally:
        await database.close()


async def test_a_read_in_one_piece_leaves_the_loop_to_others_on_sqlite(database: Database) -> None:
    def read(connection: Connection) -> tuple[int, int]:
        return int(connection.execute(text("SELECT 7")).scalar_one()), threading.get_ident()

    value, thread = await database.read(read)
    assert value == 7
    assert (thread == threading.get_ident()) is (database.kind == "postgresql")


async def test_a_read_in_one_piece_sees_one_state_and_then_the_next(database: Database) -> None:
    def count(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM households")).scalar_one())

    assert await database.read(count) == 0
    async with database.writing() as connection:
        insert = "INSERT INTO households (kind, name) VALUES ('household', 'a')"
        await connection.execute(text(insert))
        assert await database.read(count) == 0
    assert await database.read(count) == 1


async def test_a_read_in_one_piece_of_a_missing_table_is_reported_as_a_problem(
    database: Database,
) -> None:
    with pytest.raises((DatabaseProblemError, DBAPIError)):
        await database.read(lambda connection: connection.execute(text("SELECT * FROM nothing")))
    assert await database.read(lambda c: c.execute(text("SELECT 1")).scalar_one()) == 1
