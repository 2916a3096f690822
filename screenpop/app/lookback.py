"""``screenpop lookback``: reads a call export and customers, and keeps neither."""

import io
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from screenpop.audit.call_export import ExportedCall, read_calls
from screenpop.audit.lookback import KnownCustomer, Lookback, look_back
from screenpop.audit.queue_log import SkippedLine
from screenpop.customers.draft import CustomerDraft, TripDraft
from screenpop.customers.inactivity import INACTIVE_MONTHS
from screenpop.customers.models import TripStatus
from screenpop.loyalty.own_rhythm import find_rhythm
from screenpop.loyalty.tiers import months_before
from screenpop.settings import Settings
from screenpop.spreadsheets.reading.client import read_sheet
from screenpop.spreadsheets.reading.text_encoding import read_bytes, text_of
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.sheets import HEADINGS_WANTED
from screenpop.store.engine.database import opened
from screenpop.store.export_rows import export_customers
from screenpop.telephony.identifiers import E164
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

_NOT_TAKEN = frozenset({TripStatus.ASKED, TripStatus.QUOTED, TripStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class LookbackRequest:
    calls: str
    """Absolute path of the call export."""
    sheet: str
    """Absolute path of the customer sheet; empty: the customers on file."""
    number_column: str
    plan: NumberPlan
    timezone: str
    database: str
    """URL of the database; unused with a sheet."""

    @classmethod
    def of(
        cls, settings: Settings, calls: Path, sheet: Path | None, number_column: str
    ) -> "LookbackRequest":
        return cls(
            str(calls),
            str(sheet) if sheet is not None else "",
            number_column,
            settings.number_plan.plan(),
            str(settings.zone),
            settings.database_address,
        )

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "plan": self.plan.plain()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "LookbackRequest":
        return cls(**{**plain, "plan": NumberPlan.from_plain(plain["plan"])})


@dataclass(frozen=True, slots=True)
class LookbackResult:
    figures: Lookback
    skipped: tuple[SkippedLine, ...]
    """Lines of the call export that cannot be read."""
    rows_left_out: int
    """Rows of the customer sheet that cannot be read."""


async def run_lookback(request: LookbackRequest) -> LookbackResult:
    """Return what the office would have known. Nothing is stored.

    A sheet is read in the sandboxed reading process, with the columns that are detected. Raises
    ``CdrError`` and ``SheetRefusedError``.
    """
    zone = ZoneInfo(request.timezone)
    text = text_of(read_bytes(Path(request.calls)))
    calls: list[ExportedCall] = []
    skipped: list[SkippedLine] = []
    for one in read_calls(io.StringIO(text, newline=""), zone, request.number_column):
        (calls if isinstance(one, ExportedCall) else skipped).append(one)  # type: ignore[arg-type]
    known: defaultdict[E164, list[KnownCustomer]] = defaultdict(list)
    people = _People(request, datetime.now(zone).date())
    number = 0
    async with aclosing(people.of_sheet() if request.sheet else people.on_file()) as drafts:
        async for draft in drafts:
            number += 1
            customer = KnownCustomer(number, draft.tier, _lapsed_from(draft.trips))
            for e164 in {phone.e164 for phone in draft.phones if phone.e164}:
                known[e164].append(customer)
    figures = look_back(calls, known, partial(resolve, plan=request.plan), zone)
    return LookbackResult(figures, tuple(skipped), people.left_out)


class _People:
    def __init__(self, request: LookbackRequest, today: date) -> None:
        self._request, self._today = request, today
        self.left_out = 0

    async def on_file(self) -> AsyncGenerator[CustomerDraft]:
        async with opened(self._request.database) as database:
            async for page in export_customers(database):
                for record in page:
                    yield record.draft

    async def of_sheet(self) -> AsyncGenerator[CustomerDraft]:
        context = ImportContext(self._request.plan, self._today)
        waiting: CustomerDraft | None = None
        async with read_sheet(Path(self._request.sheet), context) as reader:
            if not reader.look.choice.usable:
                raise SheetRefusedError("no_columns", headings=HEADINGS_WANTED)
            async for part in reader.parts():
                self.left_out += part.left_out
                for row in part.rows:
                    if row.more_of_above and waiting is not None:
                        waiting = replace(waiting, trips=(*waiting.trips, *row.draft.trips))
                        continue
                    if waiting is not None:
                        yield waiting
                    waiting = row.draft
        if waiting is not None:
            yield waiting


def _lapsed_from(trips: tuple[TripDraft, ...]) -> date | None:
    """By the own rhythm of three or more trips, else a year after the last one."""
    days = tuple(trip.departs for trip in trips if trip.departs and trip.status not in _NOT_TAKEN)
    rhythm = find_rhythm(days)
    if rhythm is not None:
        return rhythm.lapsed_from
    return months_before(max(days), -INACTIVE_MONTHS) if days else None
