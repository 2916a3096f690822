"""Imports of two web processes, which have one database and one folder."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from screenpop.app.import_jobs import states
from screenpop.app.import_jobs.job import ImportJob, job_from_json, job_to_json
from screenpop.app.import_jobs.service import (
    MAX_JOBS,
    ImportConfig,
    ImportJobService,
    import_job_service,
)
from screenpop.app.import_jobs.states import LEFT_FILES_S, SharedStates
from screenpop.importing.lock import held_if_free
from screenpop.store.engine.database import Database
from screenpop.store.imports.watched_sheets import save_watched_sheet
from screenpop.store.schema.process_tables import shared_jobs
from screenpop.store.shared_jobs import STOPPED_AFTER_S, SharedJobs
from screenpop.web.imports.port import (
    NoImportError,
    Problem,
    Stage,
    WatchedSheet,
    WrongStageError,
)
from tests.app.import_jobs.test_service import COLUMNS, SUE, bureau, pieces
from tests.importing.import_setup import SMALL
from tests.store.samples import count_customers

__all__ = ["bureau"]
pytestmark = pytest.mark.anyio
Webs = tuple[ImportJobService, ImportJobService]


@pytest.fixture
async def webs(bureau: ImportConfig, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Webs]:
    monkeypatch.setattr(states, "REPORT_EVERY_S", 0.02)
    async with AsyncExitStack() as closing:
        one, two = [
            await closing.enter_async_context(import_job_service(bureau, shared(bureau, name)))
            for name in ("web-1", "web-2")
        ]
        yield one, two


def shared(bureau: ImportConfig, name: str) -> SharedStates:
    return SharedStates(SharedJobs(bureau.database, "import", name), bureau.folder)


async def age(database: Database, seconds: float) -> None:
    """Let all jobs be this much older."""
    older = update(shared_jobs).values(beat_at=shared_jobs.c.beat_at - seconds)
    async with database.writing() as connection:
        await connection.execute(older)


async def left_in(bureau: ImportConfig, stage: Stage) -> str:
    """Leave an import in this stage, as a process that is gone since; return its id."""
    gone = SharedJobs(bureau.database, "import", "web-gone")
    job = ImportJob(f"left-{stage}", "people.csv", bureau.folder / f"left-{stage}", stage)
    job.folder.mkdir()
    job.path.write_text(SMALL)
    await gone.add(job.id, job_to_json(job), is_worked_on=True)
    return job.id


@pytest.mark.slow
async def test_each_step_of_an_import_may_be_answered_by_another_process(
    webs: Webs, database: Database
) -> None:
    one, two = webs
    job = (await one.receive("people.csv", pieces(SMALL), SUE)).id
    seen = await two.view(job)
    assert (seen.stage, seen.total) == (Stage.SEEN, 4)
    assert await one.view(job) == seen
    await two.look(job, headings_line=1)
    fields = tuple(column.code for column in (await one.view(job)).seen.columns)  # type: ignore[union-attr]
    await one.check(job, replace(COLUMNS, fields=fields))
    with pytest.raises(WrongStageError, match="busy"):
        await two.start(job)
    await one.idle()
    checked = await two.view(job)
    assert (checked.stage, checked.counts.new, checked.counts.refused) == (Stage.CHECKED, 2, 1)
    rows, _ = await two.report(job, "refused", 0, 10)
    assert [row.line for row in rows] == [4]
    assert await count_customers(database) == 0

    await two.start(job)
    await two.idle()
    imported = await one.view(job)
    assert (imported.stage, imported.batch > 0) == (Stage.IMPORTED, True)
    assert await count_customers(database) == 2
    assert [len(part) async for part in one.whole_report(job)] == [5]

    undone = await one.undo(imported.batch, SUE, force=False)
    await one.idle()
    assert (await two.view(undone.id)).gone == 2
    await two.drop(job)
    for web in webs:
        with pytest.raises(NoImportError):
            await web.view(job)


async def test_of_two_starts_at_once_one_is_refused_and_any_process_cancels_the_other(
    webs: Webs, bureau: ImportConfig, database: Database
) -> None:
    one, two = webs
    job = (await one.receive("people.csv", pieces(SMALL), SUE)).id
    fields = tuple(column.code for column in (await one.view(job)).seen.columns)  # type: ignore[union-attr]
    await one.check(job, replace(COLUMNS, fields=fields))
    await one.idle()
    with held_if_free(bureau.lock):  # another import runs: these wait
        starts = await asyncio.gather(one.start(job), two.start(job), return_exceptions=True)
        refused = [start for start in starts if isinstance(start, WrongStageError)]
        assert [problem.code for problem in refused] == ["busy"]
        works, other = (one, two) if one._working else (two, one)
        assert not other._working
        await other.cancel(job)
        await works.idle()
    assert (await other.view(job)).stage is Stage.CHECKED
    assert await count_customers(database) == 0


@pytest.mark.parametrize(("beside_s", "is_over"), [(-5.0, False), (1.0, True)])
async def test_work_of_a_process_that_is_gone_is_stopped_in_all_others(
    webs: Webs, bureau: ImportConfig, database: Database, beside_s: float, is_over: bool
) -> None:
    assert STOPPED_AFTER_S == 15.0
    web, _ = webs
    left = {stage: await left_in(bureau, stage) for stage in Stage if stage.is_busy}
    await age(database, STOPPED_AFTER_S + beside_s)
    seen = {stage: await web.view(job) for stage, job in left.items()}
    if not is_over:
        assert all(view.stage is stage for stage, view in seen.items())
        return
    assert seen.pop(Stage.CHECKING).stage is Stage.SEEN
    for view in seen.values():
        assert (view.stage, view.problem) == (Stage.REFUSED, Problem("died", {}))
    await web.drop(left[Stage.IMPORTING])


async def test_process_whose_import_another_has_taken_over_stops_and_changes_nothing(
    webs: Webs, bureau: ImportConfig, database: Database
) -> None:
    one, _ = webs
    job = (await one.receive("people.csv", pieces(SMALL), SUE)).id
    fields = tuple(column.code for column in (await one.view(job)).seen.columns)  # type: ignore[union-attr]
    await one.check(job, replace(COLUMNS, fields=fields))
    await one.idle()
    other = SharedJobs(database, "import", "web-3")
    with held_if_free(bureau.lock):  # another import runs: this one waits
        await one.start(job)
        found = await other.find(job)
        assert found is not None
        late = SharedJobs(database, "import", found.worker)
        await age(database, STOPPED_AFTER_S)  # a late report makes it alive again
        assert await late.report(job, found.state) is False
        again = await other.find(job)
        assert again is not None
        assert not again.is_left
        state = {**found.state, "filename": "of web-3"}
        assert await other.change(job, state, found.version, is_worked_on=True)
        await one.idle()
    assert await late.report(job, found.state) is None
    await late.end(job, found.state)
    kept = await other.find(job)
    assert kept is not None
    assert (kept.worker, kept.state["filename"]) == ("web-3", "of web-3")
    assert await count_customers(database) == 0


async def test_oldest_idle_import_is_replaced_whatever_process_received_it(
    webs: Webs, bureau: ImportConfig, database: Database
) -> None:
    one, two = webs
    for number in range(MAX_JOBS - 1):
        await SharedJobs(database, "import", "web-3").add(f"busy-{number}", busy_state(bureau))
    first = await one.receive("first.csv", pieces(SMALL), SUE)
    second = await two.receive("second.csv", pieces(SMALL), SUE)
    with pytest.raises(NoImportError):
        await two.view(first.id)
    assert [folder.name for folder in bureau.folder.iterdir()] == [second.id]
    await SharedJobs(database, "import", "web-3").remove(second.id)
    await SharedJobs(database, "import", "web-3").add("busy", busy_state(bureau))
    with pytest.raises(WrongStageError, match="too_many"):
        await one.receive("more.csv", pieces(SMALL), SUE)


def busy_state(bureau: ImportConfig) -> dict[str, Any]:
    return job_to_json(ImportJob("busy", "people.csv", bureau.folder, Stage.IMPORTING))


async def test_process_that_does_not_watch_the_folder_shows_its_sheets(
    bureau: ImportConfig, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "watched"
    await save_watched_sheet(database, str(folder / "a.csv"), now=5.0, sha256="x")
    await save_watched_sheet(database, str(tmp_path / "other" / "b.csv"), now=5.0, sha256="x")
    watching = replace(bureau, watched=folder)
    async with import_job_service(watching, shared(bureau, "web-1")) as web:
        assert await web.watched() == (str(folder), (WatchedSheet("a.csv", 5.0, None),))
    async with import_job_service(bureau, shared(bureau, "web-2")) as web:
        assert await web.watched() == ("", ())


async def test_import_whose_file_lies_on_another_machine_is_gone_for_the_next_step(
    webs: Webs, bureau: ImportConfig
) -> None:
    one, two = webs
    job = await one.receive("people.csv", pieces(SMALL), SUE)
    (bureau.folder / job.id / "sheet").unlink()
    assert (await two.view(job.id)).stage is Stage.SEEN
    with pytest.raises(NoImportError):
        await two.check(job.id, COLUMNS)


async def test_process_that_starts_deletes_imports_of_an_earlier_day_only(
    webs: Webs, bureau: ImportConfig, database: Database
) -> None:
    assert LEFT_FILES_S == 86_400.0
    one, _ = webs
    old = await one.receive("old.csv", pieces(SMALL), SUE)
    await age(database, LEFT_FILES_S + 1)
    new = await one.receive("new.csv", pieces(SMALL), SUE)
    await age(database, LEFT_FILES_S - 60)
    arriving = bureau.folder / "arriving"
    arriving.mkdir()
    for folder in bureau.folder.iterdir():
        if folder != arriving:
            make_old(folder)
    async with import_job_service(bureau, shared(bureau, "web-3")) as third:
        assert (await third.view(new.id)).filename == "new.csv"
        with pytest.raises(NoImportError):
            await third.view(old.id)
    assert {folder.name for folder in bureau.folder.iterdir()} == {"arriving", new.id}


def make_old(folder: Path) -> None:
    at = time.time() - LEFT_FILES_S - 60
    os.utime(folder, (at, at))


async def test_state_of_another_version_of_the_program_is_a_stopped_import(
    webs: Webs, bureau: ImportConfig, database: Database
) -> None:
    web, _ = webs
    job = ImportJob("x", "people.csv", bureau.folder / "x", Stage.SEEN)
    plain = job_to_json(job)
    assert job_from_json("x", job.folder, plain) == job
    for number, (name, value) in enumerate(plain.items()):
        damaged: list[dict[str, Any]] = [{**plain, name: 7} if name != "filename" else {}]
        if not isinstance(value, (bool, int, type(None))):
            damaged.append({key: kept for key, kept in plain.items() if key != name})
        for turn, state in enumerate(damaged):
            at = f"damaged-{number}-{turn}"
            await SharedJobs(database, "import", "web-3").add(at, state)
            assert (await web.view(at)).stage in {Stage.REFUSED, Stage.SEEN}
            await web.drop(at)
