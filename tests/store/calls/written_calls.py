"""Writes calls into the log and reads them back; a database that fails on purpose."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from screenpop.service.ports import LoggedCall
from screenpop.store.calls.queries import CallDetail, call_detail
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import CallId, PbxId
from tests.store.samples import find_call

LAB = PbxId("lab")


sqlite_only = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


async def kept(database: Database, *records: LoggedCall) -> None:
    database.log.start()
    for record in records:
        database.log.keep(record)
    await database.log.flush()


async def the_call(database: Database, call: str = "1700000000.1") -> CallDetail:
    found = await find_call(database, LAB, CallId(call))
    assert found is not None
    detail = await call_detail(database, found)
    assert detail is not None
    return detail


async def count(database: Database, table: object) -> int:
    async with database.reading() as connection:
        number: int = (
            await connection.execute(select(func.count()).select_from(table))  # type: ignore[arg-type]
        ).scalar_one()
    return number


class Flaky:
    """The database's own transactions, failing as set by the test."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = False
        self.fails_at_commit = False
        self.tried = asyncio.Event()

    async def write(self, work: Callable[[Connection], None]) -> None:
        self.tried.set()
        if self.away:
            raise OperationalError("BEGIN", None, Exception("database is away"))
        await self._database.write(work)
        if self.fails_at_commit:
            self.fails_at_commit = False
            raise OperationalError("COMMIT", None, Exception("the answer was lost"))


def writer(database: Database, flaky: Flaky, room: int = 1000) -> CallLogWriter:
    return CallLogWriter(database.kind, flaky.write, room=room, gather_s=0.001, retry_s=0.001)
