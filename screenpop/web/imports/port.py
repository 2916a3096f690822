"""The port between the import pages and the service that runs imports: values and ``Imports``."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from screenpop.accounts.users import UserId
from screenpop.customers.import_columns import SheetPreview
from screenpop.customers.import_report import (
    ImportTotals,
    KeptCustomerReport,
    ReportRow,
    RowResult,
)


class Stage(StrEnum):
    """The state of an import."""

    SEEN = "seen"
    """The file was received; its columns can be corrected."""
    CHECKING = "checking"
    CHECKED = "checked"
    """The trial is done and its report is ready; nothing was imported."""
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"
    """The file is no customer list, or the work failed; ``problem`` is the reason."""

    @property
    def is_busy(self) -> bool:
        return self in {Stage.CHECKING, Stage.IMPORTING, Stage.UNDOING}


@dataclass(frozen=True, slots=True)
class ColumnInput:
    """The user's choice of how to read the sheet."""

    fields: tuple[str, ...]
    """One field code a column."""
    day_first: bool = True
    currency: str = ""
    joined: tuple[str, ...] = ()
    """Names of other sheets whose rows come in too."""
    days: tuple[str, ...] = ()
    """How the days of each column are read, as ``DayOrder``, or empty; no item: all as found."""
    skip_hidden: bool = False
    """Hidden rows are left out."""


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ImportView:
    """The current state of one import."""

    id: str
    filename: str
    """The browser's name for the file, cleaned for display; never a path."""
    stage: Stage
    phase: str
    """While busy: ``waiting`` (for another import), ``reading``, ``writing``, ``settling``,
    ``undoing``."""
    seen: SheetPreview | None
    counts: ImportTotals
    cancelled: bool = False
    batch: int = 0
    problem: Problem | None = None
    gone: int = 0
    restored: int = 0
    kept: tuple[KeptCustomerReport, ...] = ()
    kept_count: int = 0

    @property
    def total(self) -> int:
        """Rows of the sheet; -1 when unknown."""
        return self.seen.rows if self.seen else -1


KINDS = tuple(result.value for result in RowResult)


class NoImportError(LookupError):
    """No import has this id (any more)."""


class WrongStageError(Exception):
    """The action is impossible at this stage or with these columns.

    ``code``: ``busy``, ``not_checked``, ``same_column`` (``field``), ``no_columns``,
    ``other_columns``, ``no_such_batch``, ``too_many``, ``no_heading_line``, ``own_needs_admin``,
    and those of ``customers.own_fields.OwnFieldProblem``.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class FileTooLargeError(Exception):
    """The file is larger than ``Imports.largest``."""


@dataclass(frozen=True, slots=True)
class WatchedSheet:
    """A sheet of the watched folder."""

    name: str
    read_at: float | None
    problem: Problem | None


class Imports(Protocol):
    """The service that runs imports. Methods raise ``NoImportError`` for an unknown id."""

    @property
    def largest(self) -> int:
        """The largest accepted file, in bytes."""

    @property
    def at_work(self) -> bool:
        """Whether an import is running, also from the command line.

        A batch marked as running while this is False was interrupted.
        """

    @property
    def fields(self) -> Sequence[str]:
        """The field codes a column can have, in display order."""

    async def receive(self, name: str, pieces: AsyncIterator[bytes], user_id: UserId) -> ImportView:
        """Save the file piece by piece and preview it.

        Raises ``FileTooLargeError``, ``WrongStageError`` (``too_many``) and the errors of
        ``pieces``; nothing is kept then.
        """

    async def view(self, job: str) -> ImportView: ...

    async def look(
        self, job: str, sheet: str | None = None, headings_line: int | None = None
    ) -> ImportView:
        """Preview another sheet of the file, or the same with its headings on this line.

        ``headings_line``: 0 for no headings, None for the detected line.
        Raises ``WrongStageError`` (``no_heading_line``); the preview stays then.
        """

    async def check(self, job: str, columns: ColumnInput) -> ImportView:
        """Start a trial with these columns. Raises ``WrongStageError``."""

    async def start(self, job: str) -> ImportView:
        """Start the import of the checked sheet. Raises ``WrongStageError``."""

    async def cancel(self, job: str) -> ImportView:
        """Stop after the current chunk of rows; no effect when nothing runs."""

    async def undo(self, batch: int, user_id: UserId, *, force: bool) -> ImportView:
        """Start to undo a batch. Raises ``WrongStageError``."""

    async def drop(self, job: str) -> None:
        """Delete the file and its report; imported customers stay."""

    async def report(
        self, job: str, what: str, after: int, most: int
    ) -> tuple[Sequence[ReportRow], int]:
        """Return rows of one result and the cursor of the next call, 0 at the end."""

    def whole_report(self, job: str) -> AsyncIterator[Sequence[ReportRow]]:
        """Yield the whole report, some hundred rows at a time."""

    async def watched(self) -> tuple[str, Sequence[WatchedSheet]]:
        """Return the watched folder, empty when there is none, and its sheets."""
