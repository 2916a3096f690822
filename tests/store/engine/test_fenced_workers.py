"""Worker processes of a listener whose lease was taken over write nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import MetaData, func, select

from screenpop.app.maintenance import run_maintenance_process
from screenpop.importing.job import run_import_task
from screenpop.importing.lock import LOCK_FILE
from screenpop.importing.request import ImportRequest, ImportTask
from screenpop.scoring.request import score_request
from screenpop.scoring.worker import score_as_requested
from screenpop.service.ports import FencedOutError
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database, opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.lease import Lease, acquire_lease, release_lease
from screenpop.store.follow_ups.work_list_worker import build_as_requested, work_list_request
from screenpop.store.schema.tables import customers, meta
from screenpop.store.search.maintenance_worker import maintenance_request, run_maintenance
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.store.samples import add_customer, count_customers

pytestmark = pytest.mark.anyio

PLAN = NumberPlan(Region("IR"), "21")
TODAY, NOW = date(2026, 2, 26), 1_772_100_000.0
ONLY_POSTGRES = pytest.mark.parametrize(
    "kind", [pytest.param("postgresql", marks=pytest.mark.postgres)]
)


async def lease_of(database: Database, holder: str) -> Lease:
    lease = await acquire_lease(database, "listener", holder)
    assert lease is not None
    return lease


async def counts(database: Database) -> dict[str, int]:
    """Return the number of rows of each table that a worker may fill."""
    found = MetaData()
    async with database.reading() as connection:
        await connection.run_sync(found.reflect)
        return {
            name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in found.tables.items()
        }


@pytest.mark.slow
async def test_no_worker_of_a_listener_that_was_taken_over_writes(
    database: Database, url: str, tmp_path: Path
) -> None:
    await add_customer(database, "Pappas")
    old = await lease_of(database, "a")
    await release_lease(database, old)
    new = await lease_of(database, "b")
    sheet = tmp_path / "people.csv"
    sheet.write_text("First name,Last name,Mobile\nNikos,Pappas,09121234567\n")
    read = ReadRequest(str(sheet), ImportContext(PLAN, TODAY, "EUR"), only_look=False)
    asked = ImportRequest(
        *(ImportTask.REFRESH, url, str(tmp_path / LOCK_FILE)), sheet=read, watched=str(sheet)
    )

    async def bring_in(fence: Lease) -> None:
        request = ImportRequest.from_plain(replace(asked, fence=fence).plain())
        done = await run_import_task(request, lambda _: None, lambda: False)
        if done.failed:
            assert "taken over" in done.failed
            raise FencedOutError(fence.name)

    workers: dict[str, Callable[[Lease], Awaitable[None]]] = {
        "search data": lambda fence: run_maintenance(maintenance_request(url, PLAN, fence)),
        "work lists": lambda fence: build_as_requested(
            work_list_request(url, ZoneInfo("UTC"), NOW, fence)
        ),
        "values": lambda fence: score_as_requested(score_request(url, TODAY, NOW, [], fence=fence)),
        "watched sheet": bring_in,
    }
    for name, work in workers.items():
        before = await counts(database)
        with pytest.raises(FencedOutError):
            await work(old)
        assert await counts(database) == before, name
        await work(new)
        assert await counts(database) != before, name


@ONLY_POSTGRES
async def test_takeover_does_not_wait_for_a_long_write_of_a_worker_which_is_refused(
    database: Database, url: str
) -> None:
    old = await lease_of(database, "a")
    async with opened(url, fence=old) as worker:

        async def write_while_another_takes_over() -> None:
            async with worker.writing() as connection:
                await connection.execute(meta.insert().values(key="k worker", value="x"))
                await release_lease(database, old)
                await lease_of(database, "b")

        with pytest.raises(FencedOutError):
            await write_while_another_takes_over()
        assert worker.fenced_out.is_set()
    async with database.reading() as connection:
        kept = await connection.scalar(select(meta.c.value).where(meta.c.key == "k worker"))
    assert kept is None


@pytest.mark.slow
@ONLY_POSTGRES
async def test_process_of_a_listener_that_was_taken_over_ends_with_the_reason(
    database: Database, url: str
) -> None:
    await add_customer(database, "Pappas")
    old = await lease_of(database, "a")
    await release_lease(database, old)
    await lease_of(database, "b")
    async with database.writing() as connection:
        await connection.execute(customers.update().values(folded="otherwise"))
    with pytest.raises(DatabaseProblemError, match="taken over"):
        await run_maintenance_process(url, PLAN, old)
    await run_maintenance_process(url, PLAN)
    assert await count_customers(database) == 1
