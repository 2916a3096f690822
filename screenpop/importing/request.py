"""The request of the import process: one JSON object on its first line."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.store.engine.fence import Lease, fence_of


class ImportTask(StrEnum):
    CHECK = "check"
    """Report what an import would do, and write nothing."""
    IMPORT = "import"
    REFRESH = "refresh"
    """Import the rows of a watched sheet that changed since it was last read."""
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    work: ImportTask
    database: str
    """URL of the database. It may hold a password, so it is never on a command line."""
    lock: str
    """Path of the lock file: one import at a time."""
    report: str = ""
    """Folder for the report; empty: no report."""
    sheet: ReadRequest | None = None
    """The sheet and its columns; None for an undo."""
    filename: str = ""
    """The name of the file at the user's; for display only."""
    batch: int = 0
    """Undo: id of the batch."""
    force: bool = False
    """Undo: also customers who were changed after the import."""
    watched: str = ""
    """Refresh: path of the watched sheet; ``sheet`` names a copy of it."""
    fence: Lease | None = None
    """The lease of the process that starts the import; None: it has none."""
    hidden: frozenset[int] = frozenset()
    """Customers whose files are hidden from the user: not in the report, and never changed."""

    def plain(self) -> dict[str, Any]:
        return {
            "work": self.work.value,
            "database": self.database,
            "lock": self.lock,
            "report": self.report,
            "sheet": self.sheet.plain() if self.sheet else None,
            "filename": self.filename,
            "batch": self.batch,
            "force": self.force,
            "watched": self.watched,
            "fence": fence_of(self.fence),
            "hidden": sorted(self.hidden),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        sheet = plain["sheet"]
        return cls(
            ImportTask(plain["work"]),
            plain["database"],
            plain["lock"],
            plain["report"],
            ReadRequest.from_plain(sheet) if sheet else None,
            plain["filename"],
            plain["batch"],
            plain["force"],
            plain["watched"],
            Lease.from_plain(plain["fence"]),
            frozenset(plain["hidden"]),
        )
