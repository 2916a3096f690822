"""Values that were to be written or looked up are not repeated by errors, so no log holds them."""

import logging
import traceback

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.store.engine.write_errors import without_values
from screenpop.store.schema.tables import meta
from tests.store.samples import changed, finished_call

pytestmark = pytest.mark.anyio

SECRET = "Karimi-0912-secret"


async def failure(database: Database, statement: str, **values: object) -> BaseException:
    with pytest.raises((DBAPIError, StatementError)) as failed:
        async with database.writing() as connection:
            await connection.execute(text(statement), values)
    return failed.value


@pytest.mark.defends("logs-without-names")
async def test_error_of_a_row_that_is_there_already_holds_no_value_of_it(
    database: Database,
) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(meta).values(key=SECRET, value="x"))
    error = await failure(database, "INSERT INTO meta (key, value) VALUES (:k, :v)", k=SECRET, v="")
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in without_values(error)
    assert "meta" in without_values(error)


@pytest.mark.defends("logs-without-names")
async def test_error_of_a_value_of_a_wrong_type_does_not_hold_it(database: Database) -> None:
    error = await failure(
        database, "INSERT INTO calls (arrived_at, pbx) VALUES (:at, :pbx)", at=SECRET, pbx=SECRET
    )
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in without_values(error)


@pytest.mark.defends("logs-without-names")
async def test_call_that_the_database_refuses_is_named_by_its_ids_only(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    log = CallLogWriter(database.kind, database.write, gather_s=0.001)
    log.start()
    record = finished_call("1.1", name=SECRET)
    log.keep(changed(record, arrived_at=None))
    await log.close()
    reported = [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
    assert len(reported) == 1
    assert "call lab/b1/1.1" in reported[0].getMessage()
    assert SECRET not in caplog.text
    assert record.entry.caller.number not in caplog.text
    async with database.reading() as connection:
        assert (await connection.execute(select(text("1")))).scalar() == 1
