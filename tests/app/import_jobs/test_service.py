"""The desk of imports when things go otherwise than they should."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from screenpop.accounts.users import UserId
from screenpop.app.import_jobs.job import ImportJob, job_view
from screenpop.app.import_jobs.service import (
    MAX_JOBS,
    ImportConfig,
    ImportJobService,
    import_job_service,
)
from screenpop.app.metrics import import_metrics
from screenpop.importing.client import ImportProcess
from screenpop.importing.messages import Progress
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.engine.database import Database
from screenpop.store.imports.batches import list_batches
from screenpop.store.schema.tables import import_batches
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.imports.port import (
    ColumnInput,
    ImportView,
    NoImportError,
    Stage,
    WrongStageError,
)
from tests.importing.import_setup import many
from tests.store.samples import count_customers

pytestmark = pytest.mark.anyio
SUE = UserId(1)
COLUMNS = ColumnInput(("given", "family", "mobile"))


@pytest.fixture
def bureau(database: Database, tmp_path: Path) -> ImportConfig:
    def import_context(currency: str) -> ImportContext:
        return ImportContext(NumberPlan(Region("GR"), "210"), date(2026, 11, 22), currency)

    address = f"sqlite:///{tmp_path / 'screenpop.db'}"
    return ImportConfig(
        database,
        address,
        tmp_path / "imports",
        tmp_path / "lock",
        import_context,
        lambda: 1_700_000_000.0,
    )


async def pieces(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def working(desk: ImportJobService, job: str) -> tuple[ImportJob, ImportProcess]:
    """The import on which this server works, and its process."""
    found = next(one for one in desk._working.values() if one.id == job)
    assert found.child is not None
    return found, found.child


async def started(desk: ImportJobService, count: int) -> ImportView:
    """An import of so many people, of which the first are in."""
    job = await desk.receive("people.csv", pieces(many(count)), SUE)
    await desk.check(job.id, COLUMNS)
    await desk.idle()
    await desk.start(job.id)
    await wait_for_report(desk, job.id, lambda view: view.counts.new > 0)
    return await desk.view(job.id)


async def wait_for_report(
    desk: ImportJobService, job: str, is_so: Callable[[ImportView], bool]
) -> None:
    """Wait until a report of the process makes ``is_so`` true."""
    (found, child), heard = working(desk, job), asyncio.Event()
    report_progress = child._on_progress

    def listen(progress: Progress) -> None:
        report_progress(progress)
        if is_so(job_view(found)):
            heard.set()

    child._on_progress = listen
    if not is_so(job_view(found)):
        await heard.wait()


@pytest.mark.slow
async def test_a_process_that_is_killed_is_reported_and_its_batch_can_be_undone(
    bureau: ImportConfig, database: Database
) -> None:
    async with import_job_service(bureau) as desk:
        job = await started(desk, 8_000)
        _, child = working(desk, job.id)
        os.kill(child.pid, signal.SIGKILL)
        await desk.idle()

        after = await desk.view(job.id)
        assert (after.stage, after.problem and after.problem.code) == (Stage.REFUSED, "died")
        [batch] = await list_batches(database)
        assert batch.state == "broken_off"
        undone = await desk.undo(batch.id, SUE, force=False)
        await desk.idle()
        assert (await desk.view(undone.id)).gone == batch.added > 0
        figures = {
            (sample.name, *sample.labels.values()): sample.value
            for figure in import_metrics(desk)
            for sample in figure.samples
            if sample.value
        }
        assert figures == {
            ("screenpop_imports_total", result): 1.0 for result in ("checked", "failed", "undone")
        }
    assert await count_customers(database) == 0


@pytest.mark.slow
async def test_a_server_that_stops_leaves_a_batch_marked_as_stopped(
    bureau: ImportConfig, database: Database
) -> None:
    async with import_job_service(bureau) as desk:
        await started(desk, 8_000)
    [batch] = await list_batches(database)
    assert batch.state == "cancelled"
    assert batch.added == await count_customers(database)
    assert 0 < batch.added < 8_000


async def test_a_server_that_starts_marks_what_another_left_and_removes_its_files(
    bureau: ImportConfig, database: Database
) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(import_batches).values(filename="a.csv", imported_at=1.0, state="running")
        )
    left = bureau.folder / "somebody" / "sheet"
    left.parent.mkdir(parents=True)
    left.write_text("names and numbers")

    async with import_job_service(bureau) as desk:
        [batch] = await list_batches(database)
        assert batch.state == "broken_off"
        assert list(bureau.folder.iterdir()) == []
        with pytest.raises(NoImportError):
            await desk.view("somebody")


async def test_the_oldest_file_is_evicted_and_its_copy_is_gone(bureau: ImportConfig) -> None:
    async with import_job_service(bureau) as desk:
        first = await desk.receive("first.csv", pieces(""), SUE)
        for number in range(MAX_JOBS):
            await desk.receive(f"{number}.csv", pieces(""), SUE)
        with pytest.raises(NoImportError):
            await desk.view(first.id)
        assert len(list(bureau.folder.iterdir())) == MAX_JOBS


async def test_a_file_that_still_arrives_is_not_taken_for_old(bureau: ImportConfig) -> None:
    waits = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"First name,Last name,Mobile\n"
        await waits.wait()
        yield b"Laleh,Karimi,6912345678\n"

    async with import_job_service(bureau) as desk:
        arriving = [
            asyncio.create_task(desk.receive(f"{number}.csv", slow(), SUE))
            for number in range(MAX_JOBS)
        ]
        await asyncio.sleep(0)
        with pytest.raises(WrongStageError, match="too_many"):
            await desk.receive("more.csv", pieces(""), SUE)
        waits.set()
        seen = await asyncio.gather(*arriving)
    assert {one.stage for one in seen} == {Stage.SEEN}
    assert all(one.total == 1 for one in seen)


async def test_a_sender_that_goes_away_leaves_nothing(bureau: ImportConfig) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"First name,"
        raise ConnectionResetError

    async with import_job_service(bureau) as desk:
        with pytest.raises(ConnectionResetError):
            await desk.receive("a.csv", broken(), SUE)
        assert list(bureau.folder.iterdir()) == []
