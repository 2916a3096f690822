"""One import job of the pages: its state, also as JSON, its view, the request of its sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from screenpop.app.import_jobs.views import corrected_preview
from screenpop.customers.import_columns import ColumnMapping, SheetPreview
from screenpop.importing.client import ImportProcess
from screenpop.importing.messages import (
    ImportFinished,
    Phase,
    Progress,
    message_from_json,
    message_to_json,
)
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.web.imports.port import ImportView, Problem, Stage


class ImportResult(StrEnum):
    """What became of an import, of its trial, or of undoing one."""

    CHECKED = "checked"
    IMPORTED = "imported"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"
    """By no fault of the file."""


@dataclass(slots=True)
class ImportJob:
    id: str
    filename: str
    folder: Path
    stage: Stage
    look: SheetPreview | None = None
    sheet: str = ""
    headings_line: int | None = None
    """As the user named it; None: it is detected."""
    choice: ColumnMapping | None = None
    currency: str = ""
    joined: tuple[str, ...] = ()
    """Other sheets of the file whose rows come in too."""
    skip_hidden: bool = False
    progress: Progress = field(default_factory=lambda: Progress(Phase.READING))
    ended: ImportFinished = field(default_factory=ImportFinished)
    batch: int = 0
    problem: Problem | None = None
    child: ImportProcess | None = None
    """The process that works on it, if it is one of this server process."""
    version: int = 0
    """As ``store.shared_jobs.SharedJob``."""

    @property
    def path(self) -> Path:
        return self.folder / "sheet"


def sheet_request(job: ImportJob, context: ImportContext) -> ReadRequest:
    """Return the request that reads the sheet as its preview shows it."""
    look = job.look
    return ReadRequest(
        str(job.path),
        replace(context, skip_hidden=job.skip_hidden),
        only_look=False,
        sheet=look.sheet if look is not None else job.sheet,
        choice=job.choice,
        joined=job.joined,
        headings_line=look.headings_line if look is not None else job.headings_line,
    )


def job_view(job: ImportJob) -> ImportView:
    ended = job.ended
    counts = job.progress.counts if job.stage.is_busy else ended.counts
    return ImportView(
        id=job.id,
        filename=job.filename,
        stage=job.stage,
        phase=job.progress.phase.value,
        seen=corrected_preview(job.look, job.choice, job.currency) if job.look else None,
        counts=counts,
        cancelled=ended.cancelled,
        batch=job.batch,
        problem=job.problem,
        gone=ended.gone,
        restored=ended.restored,
        kept=ended.kept,
        kept_count=ended.kept_count,
    )


def job_to_json(job: ImportJob) -> dict[str, Any]:
    """Return what other processes need to know of a job."""
    problem = job.problem
    return {
        "filename": job.filename,
        "stage": job.stage.value,
        "look": job.look.plain() if job.look is not None else None,
        "sheet": job.sheet,
        "headings_line": job.headings_line,
        "choice": job.choice.plain() if job.choice is not None else None,
        "currency": job.currency,
        "joined": list(job.joined),
        "skip_hidden": job.skip_hidden,
        "progress": message_to_json(job.progress),
        "ended": message_to_json(job.ended),
        "batch": job.batch,
        "problem": None if problem is None else [problem.code, dict(problem.params)],
    }


def job_from_json(number: str, folder: Path, plain: Mapping[str, Any]) -> ImportJob:
    """Return the job of ``job_to_json``. Raises for the JSON of another version."""
    progress, ended = message_from_json(plain["progress"]), message_from_json(plain["ended"])
    if not isinstance(progress, Progress) or not isinstance(ended, ImportFinished):
        raise TypeError("not the messages of an import")
    look, choice, problem = plain["look"], plain["choice"], plain["problem"]
    return ImportJob(
        number,
        plain["filename"],
        folder,
        Stage(plain["stage"]),
        SheetPreview.from_plain(look) if look else None,
        plain["sheet"],
        plain["headings_line"],
        ColumnMapping.from_plain(choice) if choice else None,
        plain["currency"],
        tuple(plain["joined"]),
        plain["skip_hidden"],
        progress,
        ended,
        plain["batch"],
        Problem(problem[0], problem[1]) if problem else None,
    )
