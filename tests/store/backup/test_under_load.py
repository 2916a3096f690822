"""A backup that is made while calls are written and a sheet is imported, brought back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.sql.expression import FromClause

from screenpop.app.backup import restore_backup, save_backup
from screenpop.customers.draft import IncomingRow
from screenpop.settings import Settings
from screenpop.store.engine.database import Database, open_database
from screenpop.store.imports.batch import CHUNK, import_rows
from screenpop.store.imports.batches import list_batches, mark_interrupted
from screenpop.store.imports.undo import undo_import
from screenpop.store.schema.tables import (
    call_traces,
    calls,
    customer_phones,
    customers,
    legs,
    transfers,
)
from tests.store.samples import finished_call
from tests.store.sheet_rows import person, row

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("programs_of_postgresql")]


class Load:
    """Calls one after the other, and a sheet that has no end, until ``stop`` is set."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.stop = asyncio.Event()
        self.calls_written = self.chunks_read = 0
        self.begun = asyncio.Event()

    async def write_calls(self) -> None:
        self._database.log.start()
        while not self.stop.is_set():
            self._database.log.keep(finished_call(f"1700000000.{self.calls_written}"))
            await self._database.log.flush()
            self.calls_written += 1
            if self.chunks_read > 2:
                self.begun.set()

    async def import_sheet(self) -> None:
        await import_rows(self._database, self._sheet(), filename="long.csv", now=1.0)

    async def _sheet(self) -> AsyncIterator[Sequence[IncomingRow]]:
        while not self.stop.is_set():
            first = self.chunks_read * CHUNK
            yield [row(n, person(f"Row {n}", n)) for n in range(first, first + CHUNK)]
            self.chunks_read += 1


async def count(database: Database, table: FromClause) -> int:
    async with database.reading() as connection:
        rows = await connection.execute(select(func.count()).select_from(table))
        return int(rows.scalar_one())


@pytest.mark.slow
async def test_a_backup_beside_calls_and_an_import_has_each_call_whole_and_undoes_the_import(
    settings: Settings, database: Database, tmp_path: Path, url: str
) -> None:
    load = Load(database)
    working = [asyncio.create_task(load.write_calls()), asyncio.create_task(load.import_sheet())]
    await load.begun.wait()
    calls_before, rows_before = load.calls_written, (load.chunks_read - 1) * CHUNK
    file = (await asyncio.to_thread(save_backup, settings, tmp_path / "live.backup")).file
    load.stop.set()
    await asyncio.gather(*working)
    await database.close()
    await asyncio.to_thread(restore_backup, settings, file, replace=True)

    restored = open_database(url)
    found = await count(restored, calls)
    assert calls_before <= found <= load.calls_written
    amounts = [await count(restored, table) for table in (legs, transfers, call_traces)]
    assert amounts == [2 * found, found, found]
    [imported] = await list_batches(restored)
    assert imported.state == "running"
    came = await count(restored, customers)
    assert rows_before <= came <= load.chunks_read * CHUNK
    assert came % CHUNK == 0
    assert await count(restored, customer_phones) == came
    assert await mark_interrupted(restored) == 1
    assert (await undo_import(restored, imported.id, 2.0)).gone == came
    assert (await count(restored, customers), await count(restored, calls)) == (0, found)
    await restored.close()
