"""``screenpop lookback``: reads a call export and customers, and keeps neither."""

import io
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

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
from screenpop.telephony.phone_numbers import resolve

_NOT_TAKEN = frozenset({TripStatus.ASKED, TripStatus.QUOTED, TripStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class LookbackResult:
    figures: Lookback
    skipped: tuple[SkippedLine, ...]
    """Lines of the call export that cannot be read."""
    rows_left_out: int
    """Rows of the customer sheet that cannot be read."""


async def run_lookback(
    settings: Settings, calls_file: Path, sheet: Path | None = None, number_column: str = ""
) -> LookbackResult:
    """Return what the office would have known. Nothing is stored.

    ``sheet``: the customers; None: those on file. It is read in the sandboxed reading process, with
    the columns that are detected; its path must be absolute. Raises ``CdrError`` and
    ``SheetRefusedError``.
    """
    text = text_of(read_bytes(calls_file))
    calls: list[ExportedCall] = []
    skipped: list[SkippedLine] = []
    for one in read_calls(io.StringIO(text, newline=""), settings.zone, number_column):
        (calls if isinstance(one, ExportedCall) else skipped).append(one)  # type: ignore[arg-type]
    known: defaultdict[E164, list[KnownCustomer]] = defaultdict(list)
    people = _People(settings)
    drafts = people.on_file() if sheet is None else people.of_sheet(sheet)
    async with aclosing(drafts):
        number = 0
        async for draft in drafts:
            number += 1
            customer = KnownCustomer(number, draft.tier, _lapsed_from(draft.trips))
            for e164 in {phone.e164 for phone in draft.phones if phone.e164}:
                known[e164].append(customer)
    read_number = partial(resolve, plan=settings.number_plan.plan())
    figures = look_back(calls, known, read_number, settings.zone)
    return LookbackResult(figures, tuple(skipped), people.left_out)


class _People:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.left_out = 0

    async def on_file(self) -> AsyncGenerator[CustomerDraft]:
        async with opened(self._settings.database_address) as database:
            async for page in export_customers(database):
                for record in page:
                    yield record.draft

    async def of_sheet(self, sheet: Path) -> AsyncGenerator[CustomerDraft]:
        today = datetime.now(self._settings.zone).date()
        context = ImportContext(self._settings.number_plan.plan(), today)
        waiting: CustomerDraft | None = None
        async with read_sheet(sheet, context) as reader:
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
