"""What the importing process says on its way, and at the end: one JSON object a line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from screenpop.customers.import_report import ImportTotals, KeptCustomerReport


class Phase(StrEnum):
    WAITING = "waiting"
    """Another import runs."""
    READING = "reading"
    WRITING = "writing"
    SETTLING = "settling"
    """All is in; the search takes it up."""
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
    """Of an undo; the first of very many."""
    kept_count: int = 0
    refused: str = ""
    """The file is no list of customers: a key of ``REFUSALS``; or ``no_such_batch``."""
    params: Mapping[str, str | int] | None = None
    """What stands in that sentence."""
    failed: str = ""
    """Why it could not be done at all, as a sentence."""


ImportMessage = Progress | ImportFinished


def message_to_json(said: ImportMessage) -> dict[str, Any]:
    return {"ended": isinstance(said, ImportFinished), **asdict(said)}


class InvalidMessageError(ValueError):
    """A line that no importing process of ours writes."""


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
