"""One import job of the pages: its state, its view, and the request of its sheet."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from screenpop.app.import_jobs.views import corrected_preview
from screenpop.customers.import_columns import ColumnMapping, SheetPreview
from screenpop.importing.client import ImportProcess
from screenpop.importing.messages import ImportFinished, Phase, Progress
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
    arriving: bool = False

    @property
    def is_busy(self) -> bool:
        return self.arriving or self.stage.is_busy

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
