"""What the pages of imports need from the rest of the house: values, and one protocol."""

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
    """How far an import is."""

    SEEN = "seen"
    """The file is here, its columns are shown for correction."""
    CHECKING = "checking"
    CHECKED = "checked"
    """The report is there; nothing came in."""
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"
    """``problem`` says why: the file is no list of customers, or it could not be done."""

    @property
    def is_busy(self) -> bool:
        return self in {Stage.CHECKING, Stage.IMPORTING, Stage.UNDOING}


@dataclass(frozen=True, slots=True)
class ColumnInput:
    """How a person says that the sheet is to be read."""

    fields: tuple[str, ...]
    """One for each column."""
    day_first: bool = True
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import as it is now."""

    id: str
    filename: str
    """As the browser named it, safe to show; never a path."""
    stage: Stage
    phase: str
    """Of one that is busy: ``waiting`` (another import runs), ``reading``, ``writing``,
    ``settling``, ``undoing``."""
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
        """Rows of the sheet; -1 where nobody counted."""
        return self.seen.rows if self.seen else -1


KINDS = tuple(result.value for result in RowResult)


class NoImportError(LookupError):
    """There is no import with this id, or no longer."""


class WrongStageError(Exception):
    """It cannot be done at this stage, or with these columns. ``code`` says why: ``busy``,
    ``not_checked``, ``same_column`` (``field``), ``no_columns``, ``other_columns``,
    ``no_such_batch``, ``too_many``."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class FileTooLargeError(Exception):
    """More bytes than ``Imports.largest``."""


@dataclass(frozen=True, slots=True)
class WatchedSheet:
    """A sheet of the watched folder."""

    name: str
    read_at: float | None
    problem: Problem | None


class Imports(Protocol):
    """Everything by id; a method raises ``NoImportError`` for one that is not there."""

    @property
    def largest(self) -> int:
        """Bytes of a file."""

    @property
    def at_work(self) -> bool:
        """Whether anybody imports at this moment, also on the command line. A batch that counts as
        running while nobody does was broken off."""

    @property
    def fields(self) -> Sequence[str]:
        """What a column can be, as codes, in the order in which a person looks for one."""

    async def receive(self, name: str, pieces: AsyncIterator[bytes], by: UserId) -> ImportView:
        """Keep the file as its bytes come, and look at it. Raises ``FileTooLargeError``,
        ``WrongStageError`` (``too_many``), and whatever ``pieces`` raises; nothing is kept then."""

    def view(self, job: str) -> ImportView: ...

    async def look(self, job: str, sheet: str) -> ImportView:
        """Look at another sheet of the file."""

    async def check(self, job: str, columns: ColumnInput) -> ImportView:
        """Begin a trial with these columns. Raises ``WrongStageError``."""

    async def start(self, job: str) -> ImportView:
        """Begin the import of what was checked. Raises ``WrongStageError``."""

    def cancel(self, job: str) -> ImportView:
        """Stop after the rows in hand; harmless when nothing runs."""

    async def undo(self, batch: int, by: UserId, *, force: bool) -> ImportView:
        """Begin to take a batch out again. Raises ``WrongStageError``."""

    async def drop(self, job: str) -> None:
        """Forget the file and its report. What came in stays."""

    async def report(
        self, job: str, what: str, after: int, most: int
    ) -> tuple[Sequence[ReportRow], int]:
        """Some rows of a kind, and from where to go on; 0 at the end."""

    def whole_report(self, job: str) -> AsyncIterator[Sequence[ReportRow]]:
        """All of it, some hundred rows at a time."""

    async def watched(self) -> tuple[str, Sequence[WatchedSheet]]:
        """The watched folder, empty when none is; and its sheets."""
