"""The messages of the import process: one JSON object a line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from screenpop.customers.import_report import ImportTotals, KeptCustomerReport


class Phase(StrEnum):
    WAITING = "waiting"
    """Another import is running."""
    READING = "reading"
    WRITING = "writing"
    SETTLING = "settling"
    """All rows are written; the search index is updated."""
    UNDOING = "undoing"


@dataclass(frozen=True, slots=True)
class Progress:
    phase: Phase
    counts: ImportTotals = field(default_factory=ImportTotals)


@dataclass(frozen=True, slots=True)
class ImportFinished:
    counts: ImportTotals = field(default_factory=ImportTotals)
    batch: int = 0
    cancelled: bool = False
    gone: int = 0
    restored: int = 0
    kept: tuple[KeptCustomerReport, ...] = ()
    """Undo: kept customers, at most the first 100."""
    kept_count: int = 0
    refused: str = ""
    """A key of ``spreadsheets.rows.errors.REFUSALS`` or ``no_such_batch``; empty: not refused."""
    params: Mapping[str, str | int] | None = None
    """Parameters of ``refused``."""
    failed: str = ""
    """Why it failed, as a sentence; empty: it did not."""


ImportMessage = Progress | ImportFinished


def message_to_json(message: ImportMessage) -> dict[str, Any]:
    return {"ended": isinstance(message, ImportFinished), **asdict(message)}


class InvalidMessageError(ValueError):
    """A line that is no message of the import process."""


def message_from_json(plain: Mapping[str, Any]) -> ImportMessage:
    """Raises ``InvalidMessageError``."""
    try:
        values = dict(plain)
        ended = values.pop("ended")
        values["counts"] = ImportTotals(**values["counts"])
        if not ended:
            return Progress(Phase(values["phase"]), values["counts"])
        values["kept"] = tuple(KeptCustomerReport.from_plain(one) for one in values["kept"])
        return ImportFinished(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidMessageError(f"{plain!r:.200}") from error
