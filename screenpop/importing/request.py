"""What the importing process is asked to do: one JSON object on its first line."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from screenpop.spreadsheets.reading.messages import ReadRequest


class ImportTask(StrEnum):
    CHECK = "check"
    """Say what an import would do."""
    IMPORT = "import"
    REFRESH = "refresh"
    """Import what changed of a sheet since it was last read."""
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    work: ImportTask
    database: str
    """Its address: it may hold a password, so it stands on no command line."""
    lock: str
    """The file that whoever imports holds."""
    report: str = ""
    """The folder for the report; empty: none is wanted."""
    sheet: ReadRequest | None = None
    """What to read, and how; None for an undo."""
    filename: str = ""
    """As the person calls it; only ever shown."""
    batch: int = 0
    """For an undo."""
    force: bool = False
    """For an undo: also what was changed since."""
    watched: str = ""
    """For a refresh: where the sheet stays; ``sheet`` names a copy of it."""

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
        )
