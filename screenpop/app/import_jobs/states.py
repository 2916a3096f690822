"""Where the states of imports are kept: in memory of one process, or in the database for several.

A job that a process works on is an object there; its state in the database is that of its last
report. All methods of both classes raise ``NoImportError`` for an unknown id.
"""

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from screenpop.app.import_jobs.files import remove_folder, remove_old_imports
from screenpop.app.import_jobs.job import ImportJob, job_from_json, job_to_json
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.shared_jobs import SharedJob, SharedJobs
from screenpop.web.imports.port import NoImportError, Problem, Stage, WrongStageError

REPORT_EVERY_S = 1.0
"""Seconds between two reports of a process that works on an import; it is stopped as late."""
LEFT_FILES_S = 24 * 3600.0
"""Seconds without a change after which an import of an earlier day and its file are deleted."""


class JobStates(Protocol):
    async def find(self, job: str) -> ImportJob: ...

    async def all(self) -> list[ImportJob]:
        """Return all jobs, the oldest first."""

    async def add(self, job: ImportJob) -> None: ...

    async def save(self, job: ImportJob) -> None:
        """Keep a change of a user. Raises ``WrongStageError`` (``busy``) after another change."""

    async def begin(self, job: ImportJob) -> None:
        """Keep a job on which this process works from now on. Raises as ``save``."""

    async def follow(self, job: ImportJob) -> None:
        """Keep what is known of a job that this process works on, until cancelled.

        Stops the work when a user asks for it, and when another process has gone on with the job.
        """

    async def end(self, job: ImportJob) -> None:
        """Keep the outcome of a job."""

    async def cancel(self, job: ImportJob) -> None:
        """Stop the work on a job, whatever process does it."""

    async def remove(self, job: ImportJob) -> None: ...

    async def clean(self, folder: Path) -> None:
        """Delete what earlier processes left: their jobs, and files in ``folder``."""


class MemoryStates:
    """Implements ``JobStates`` for the only process."""

    def __init__(self) -> None:
        self._jobs: dict[str, ImportJob] = {}

    async def find(self, job: str) -> ImportJob:
        if job not in self._jobs:
            raise NoImportError(job)
        return self._jobs[job]

    async def all(self) -> list[ImportJob]:
        return list(self._jobs.values())

    async def add(self, job: ImportJob) -> None:
        self._jobs[job.id] = job

    async def save(self, job: ImportJob) -> None:
        """Nothing: the job is the object that is kept."""

    async def begin(self, job: ImportJob) -> None:
        self._jobs[job.id] = job

    async def follow(self, job: ImportJob) -> None:
        """Nothing, as ``save``."""

    async def end(self, job: ImportJob) -> None:
        """Nothing, as ``save``."""

    async def cancel(self, job: ImportJob) -> None:
        if job.child is not None:
            job.child.cancel()

    async def remove(self, job: ImportJob) -> None:
        self._jobs.pop(job.id, None)

    async def clean(self, folder: Path) -> None:
        await asyncio.to_thread(remove_old_imports, folder)


class SharedStates:
    """Implements ``JobStates`` for several processes, which have one folder for the files."""

    def __init__(self, shared: SharedJobs, folder: Path) -> None:
        self._shared, self._folder = shared, folder
        self._here: dict[str, ImportJob] = {}
        """Jobs on which this process works."""

    async def find(self, job: str) -> ImportJob:
        if job in self._here:
            return self._here[job]
        found = await self._shared.find(job)
        if found is None:
            raise NoImportError(job)
        return self._read(found)

    async def all(self) -> list[ImportJob]:
        return [self._here.get(one.id) or self._read(one) for one in await self._shared.all()]

    async def add(self, job: ImportJob) -> None:
        await self._shared.add(job.id, job_to_json(job))

    async def save(self, job: ImportJob) -> None:
        await self._change(job, is_worked_on=False)

    async def begin(self, job: ImportJob) -> None:
        await self._change(job, is_worked_on=True)
        self._here[job.id] = job

    async def follow(self, job: ImportJob) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            try:
                is_cancelled = await self._shared.report(job.id, job_to_json(job))
            except DatabaseProblemError:
                continue  # logged once, by the database
            is_lost = is_cancelled is None
            must_stop = (is_lost or is_cancelled) and job.stage is not Stage.UNDOING
            if must_stop and job.child is not None:
                job.child.cancel()
            if is_lost:
                return

    async def end(self, job: ImportJob) -> None:
        while True:
            try:
                await self._shared.end(job.id, job_to_json(job))
                break
            except DatabaseProblemError:
                await asyncio.sleep(REPORT_EVERY_S)
        self._here.pop(job.id, None)

    async def cancel(self, job: ImportJob) -> None:
        if job.child is not None:
            job.child.cancel()
        else:
            await self._shared.cancel(job.id)

    async def remove(self, job: ImportJob) -> None:
        await self._shared.remove(job.id)

    async def clean(self, folder: Path) -> None:
        kept = set[str]()
        for one in await self._shared.all():
            if one.quiet_s >= LEFT_FILES_S:
                await self._shared.remove(one.id)
            else:
                kept.add(one.id)
        await asyncio.to_thread(_remove_left, folder, kept, time.time() - LEFT_FILES_S)

    async def _change(self, job: ImportJob, *, is_worked_on: bool) -> None:
        state = job_to_json(job)
        if not await self._shared.change(job.id, state, job.version, is_worked_on=is_worked_on):
            raise WrongStageError("busy")
        job.version += 1

    def _read(self, found: SharedJob) -> ImportJob:
        folder = self._folder / found.id
        try:
            job = job_from_json(found.id, folder, found.state)
        except (KeyError, TypeError, ValueError, IndexError):  # of another version of the program
            job = ImportJob(found.id, "", folder, Stage.REFUSED, problem=Problem("died", {}))
        job.version = found.version
        if job.stage.is_busy and found.is_left:
            _stop(job)
        return job


def _stop(job: ImportJob) -> None:
    """Set the state of a job whose process is gone. A check is done again; an import is not, as
    its first rows may be in."""
    if job.stage is Stage.CHECKING:
        job.stage = Stage.SEEN
    else:
        job.stage, job.problem = Stage.REFUSED, Problem("died", {})


def _remove_left(folder: Path, kept: Collection[str], before: float) -> None:
    """Delete the folders of no job that have not changed since, in seconds since 1970."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in folder.iterdir():
        # Another process may delete it too.
        with suppress(FileNotFoundError):
            if one.name not in kept and one.stat().st_mtime <= before:
                remove_folder(one)
