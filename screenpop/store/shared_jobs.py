"""Imports and exports of the pages as all web processes know them.

A job has a state, which is JSON of the program that runs it. One process at most works on it, and
reports each second; a job without reports was left by a process that is gone. Times are by the
database's clock. All methods raise ``DatabaseProblemError``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import Row, delete, insert, select, true, update

from screenpop.store.engine.database import Database
from screenpop.store.engine.database_time import database_time
from screenpop.store.schema.process_tables import shared_jobs

STOPPED_AFTER_S = 15.0
"""Seconds without a report after which the process that works on a job counts as gone."""


@dataclass(frozen=True, slots=True)
class SharedJob:
    id: str
    state: Mapping[str, Any]
    version: int
    """Grows with each change of a user, so that of two changes at once one is refused."""
    worker: str
    """The process that works on it; empty: none."""
    quiet_s: float
    """Seconds since its last change or report."""

    @property
    def is_left(self) -> bool:
        """Return whether the process that works on it is gone."""
        return bool(self.worker) and self.quiet_s >= STOPPED_AFTER_S


class SharedJobs:
    """The jobs of one kind. ``worker``: the unique name of this process."""

    def __init__(self, database: Database, kind: Literal["import", "export"], worker: str) -> None:
        self._database, self._kind, self._worker = database, kind, worker
        self._now = database_time(database.kind)

    async def find(self, job: str) -> SharedJob | None:
        found = await self._select(shared_jobs.c.id == job)
        return found[0] if found else None

    async def all(self) -> list[SharedJob]:
        """Return all jobs, the one without a change for longest first."""
        return await self._select(true())

    async def add(self, job: str, state: Mapping[str, Any], *, is_worked_on: bool = False) -> None:
        values = self._values(state, is_worked_on=is_worked_on)
        added = insert(shared_jobs).values(id=job, kind=self._kind, version=0, **values)
        async with self._database.writing() as connection:
            await connection.execute(added)

    async def change(
        self, job: str, state: Mapping[str, Any], version: int, *, is_worked_on: bool = False
    ) -> bool:
        """Store a change of a user; return False when the job was changed since ``version``.

        ``is_worked_on``: this process begins to work on it.
        """
        values = self._values(state, is_worked_on=is_worked_on)
        return await self._update(
            shared_jobs.c.version == version, job, version=version + 1, **values
        )

    async def report(self, job: str, state: Mapping[str, Any]) -> bool | None:
        """Store how far this process is; return whether a user asked it to stop.

        None: the job is not its own any more, and nothing was stored. It had not reported for
        ``STOPPED_AFTER_S``, as on a very busy machine, and another process has gone on with it.
        """
        async with self._database.writing() as connection:
            changed = update(shared_jobs).where(shared_jobs.c.id == job, self._is_kind)
            changed = changed.where(self._is_own).values(state=_text(state), beat_at=self._now)
            is_cancelled = await connection.scalar(changed.returning(shared_jobs.c.is_cancelled))
            return None if is_cancelled is None else bool(is_cancelled)

    async def end(self, job: str, state: Mapping[str, Any]) -> None:
        """Store the outcome: no process works on it any more. Nothing where it is not its own."""
        await self._update(self._is_own, job, **self._values(state, is_worked_on=False))

    async def cancel(self, job: str) -> bool:
        """Ask the process that works on it to stop; return whether there is one."""
        is_worked_on = shared_jobs.c.worker != ""
        is_heard = shared_jobs.c.beat_at > self._now - STOPPED_AFTER_S
        return await self._update(is_worked_on & is_heard, job, is_cancelled=True)

    async def remove(self, job: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(
                delete(shared_jobs).where(shared_jobs.c.id == job, self._is_kind)
            )

    @property
    def _is_kind(self) -> Any:
        return shared_jobs.c.kind == self._kind

    @property
    def _is_own(self) -> Any:
        return shared_jobs.c.worker == self._worker

    async def _select(self, which: Any) -> list[SharedJob]:
        jobs = select(shared_jobs, (self._now - shared_jobs.c.beat_at).label("quiet_s"))
        jobs = jobs.where(which, self._is_kind).order_by(shared_jobs.c.beat_at, shared_jobs.c.id)
        async with self._database.reading() as connection:
            return [_job(row) for row in await connection.execute(jobs)]

    async def _update(self, which: Any, job: str, **values: Any) -> bool:
        changed = update(shared_jobs).where(shared_jobs.c.id == job, self._is_kind, which)
        async with self._database.writing() as connection:
            return (await connection.execute(changed.values(**values))).rowcount == 1

    def _values(self, state: Mapping[str, Any], *, is_worked_on: bool) -> dict[str, Any]:
        return {
            "state": _text(state),
            "worker": self._worker if is_worked_on else "",
            "beat_at": self._now,
            "is_cancelled": False,
        }


def _text(state: Mapping[str, Any]) -> str:
    return orjson.dumps(state).decode()


def _job(row: Row[Any]) -> SharedJob:
    return SharedJob(row.id, orjson.loads(row.state), row.version, row.worker, row.quiet_s)
