"""The port of exports: what can be written to a file, and who writes it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, runtime_checkable

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.follow_ups.work_list import WorkKind


@dataclass(frozen=True, slots=True)
class ExportRequestSpec:
    """Which customers to export, and in which format."""

    kind: Literal["csv", "xlsx"]
    language: str
    """Language of the headings."""
    sections: frozenset[Section]
    """Sections that the user may see; no others are exported."""
    search: str = ""
    """The search as typed on the list; empty: all."""
    documents: bool = False
    """With the numbers of travel documents, for a user who asks and may see them."""
    segment: Mapping[str, object] | None = None
    """``{"condition", "today", "zone"}``: only customers who meet the condition, as JSON."""
    payments: bool = False
    """The payments of these customers instead, as CSV; for a user who may see prices of trips."""

    @property
    def notes(self) -> bool:
        """Whether the search includes notes; hits would reveal their content."""
        return Section.PERSONAL in self.sections

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "language": self.language,
            "search": self.search,
            "notes": self.notes,
            "sections": sorted(self.sections),
            "documents": self.documents,
            "segment": None if self.segment is None else dict(self.segment),
            "payments": self.payments,
        }


@dataclass(frozen=True, slots=True)
class WorkListExportSpec:
    """Which work list to export as XLSX. ``users``: as ``work_lists.WorkFilter.users``."""

    list: WorkKind
    users: tuple[UserId | None, ...]
    today: date
    zone: str
    language: str
    sections: frozenset[Section]

    def to_json(self) -> dict[str, object]:
        return {
            "kind": "work_list",
            "list": self.list.value,
            "users": [None if one is None else int(one) for one in self.users],
            "today": self.today.isoformat(),
            "zone": self.zone,
            "language": self.language,
            "sections": sorted(self.sections),
        }


@dataclass(frozen=True, slots=True)
class VoucherExportSpec:
    """All vouchers, as CSV or XLSX, with their states on a day."""

    file: Literal["csv", "xlsx"]
    today: date
    zone: str
    language: str

    def to_json(self) -> dict[str, object]:
        return {
            "kind": "vouchers",
            "file": self.file,
            "today": self.today.isoformat(),
            "zone": self.zone,
            "language": self.language,
        }


@dataclass(frozen=True, slots=True)
class OfferExportSpec:
    """What became of offers, one row a customer and offer. ``offers``: ids and names."""

    kind: Literal["csv", "xlsx"]
    language: str
    first: date
    last: date
    within_days: int
    today: date
    zone: str
    offers: Mapping[int, str]

    def to_json(self) -> dict[str, object]:
        return {
            "kind": f"offers_{self.kind}",
            "language": self.language,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "within_days": self.within_days,
            "today": self.today.isoformat(),
            "zone": self.zone,
            "offers": {str(number): name for number, name in self.offers.items()},
        }


@dataclass(frozen=True, slots=True)
class CallListExportSpec:
    """Calls of the log, as CSV or XLSX. ``filter``: as ``call_filter.filter_to_json``."""

    file: Literal["csv", "xlsx"]
    filter: Mapping[str, object]
    zone: str
    language: str
    line_names: Mapping[str, str]
    """Names of the dialled numbers."""
    job: str = ""
    """The name by which the page asks how far it is, and cancels it; empty: it does not."""

    def to_json(self) -> dict[str, object]:
        return {
            "kind": "calls",
            "file": self.file,
            "filter": dict(self.filter),
            "zone": self.zone,
            "language": self.language,
            "line_names": dict(self.line_names),
        }


@dataclass(frozen=True, slots=True)
class ReportExportSpec:
    """The tables of a report as XLSX, one sheet each; as ``report_view.tables_json``."""

    tables: Sequence[Mapping[str, object]]
    language: str

    def to_json(self) -> dict[str, object]:
        return {"kind": "report", "tables": list(self.tables), "language": self.language}


ExportOrder = (
    ExportRequestSpec
    | WorkListExportSpec
    | VoucherExportSpec
    | OfferExportSpec
    | CallListExportSpec
    | ReportExportSpec
)


class ExportRefusedError(Exception):
    """``code``: ``busy``, ``failed``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Export = Callable[[ExportOrder], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""``async with export(order) as pieces``: yields the file while it is written."""


@dataclass(frozen=True, slots=True)
class ExportProgress:
    rows: int
    """Rows written so far."""
    total: int | None
    """Rows that the file will have; None until they are counted."""


@runtime_checkable
class ExportJobs(Protocol):
    """What is known of running exports with a ``job``."""

    async def progress(self, job: str) -> ExportProgress | None:
        """Return how far an export is; None for one that has ended or is not known."""
        ...

    async def cancel(self, job: str) -> bool:
        """End an export; return whether it was running."""
        ...
