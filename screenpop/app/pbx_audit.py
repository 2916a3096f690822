"""Holds our call log against the PBX's ``queue_log`` and CDR, and fills in calls it missed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from screenpop.audit.cdr import CdrRow, parse_cdr
from screenpop.audit.compare import (
    LISTENING_APPS,
    Comparison,
    Kind,
    compare_cdr,
    compare_queue_calls,
)
from screenpop.audit.file_times import check_zone
from screenpop.audit.queue_log import (
    QueueCall,
    QueueEvent,
    QueueOutcome,
    SkippedLine,
    fold_queue_calls,
    parse_queue_log,
    phone_of,
)
from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.service.ports import LoggedCall
from screenpop.settings import Settings
from screenpop.store.customers.refs import customers_of_number
from screenpop.store.engine.database import Database
from screenpop.store.reports.audited_calls import audited_calls
from screenpop.telephony.identifiers import FROM_QUEUE_LOG, CallId, Endpoint, LegId, PbxId
from screenpop.telephony.phone_numbers import resolve

_MARGIN_S = 3600.0


@dataclass(frozen=True, slots=True)
class AuditResult:
    file: Path
    calls: int
    """Calls in the PBX's file."""
    comparison: Comparison
    skipped: tuple[SkippedLine, ...]
    filled: int = 0


async def audit_queue_log(
    database: Database,
    settings: Settings,
    pbx: PbxId,
    file: Path,
    *,
    fill: bool,
    zone: tzinfo | None = None,
) -> AuditResult:
    """Compare the calls of a ``queue_log`` with our log.

    ``fill``: write those that our log has not, with what the file knows, as estimated. ``zone``: of
    dates in the file; None: that of the settings. Raises ``OSError`` if the file cannot be read,
    ``OtherZoneError`` if its dates are of another zone.
    """
    zone = zone or settings.zone
    events: list[QueueEvent] = []
    skipped: list[SkippedLine] = []
    with _lines(file) as lines:
        for one in parse_queue_log(lines, zone):
            (events if isinstance(one, QueueEvent) else skipped).append(one)  # type: ignore[arg-type]
    theirs = fold_queue_calls(events)
    check_zone(((call.entered_at, call.call) for call in theirs), zone)
    times = [event.at for event in events]
    ours = await audited_calls(database, pbx, *_span(times)) if times else ()
    comparison = compare_queue_calls(theirs, ours)
    filled = 0
    if fill:
        missing = {one.call for one in comparison.differences if one.kind is Kind.MISSING}
        filled = await _fill(
            database, settings, pbx, [one for one in theirs if one.call in missing]
        )
    return AuditResult(file, len(theirs), comparison, tuple(skipped), filled)


async def audit_cdr(
    database: Database, settings: Settings, pbx: PbxId, file: Path, zone: tzinfo | None = None
) -> AuditResult:
    """Compare the calls of a CDR with our log. ``zone``: as for ``audit_queue_log``.

    Raises ``OSError`` if the file cannot be read, ``CdrError`` if it has other columns,
    ``OtherZoneError`` if its times are of another zone.
    """
    zone = zone or settings.zone
    rows: list[CdrRow] = []
    skipped: list[SkippedLine] = []
    with _lines(file) as lines:
        for one in parse_cdr(lines, zone):
            (rows if isinstance(one, CdrRow) else skipped).append(one)  # type: ignore[arg-type]
    check_zone(((row.start, row.uniqueid) for row in rows), zone)
    times = [row.start for row in rows]
    ours = await audited_calls(database, pbx, *_span(times)) if times else ()
    calls = {
        row.linkedid or row.uniqueid for row in rows if row.app.casefold() not in LISTENING_APPS
    }
    return AuditResult(file, len(calls), compare_cdr(rows, ours), tuple(skipped))


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[str]]:
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        yield iter(lines)


def _span(times: Sequence[float]) -> tuple[float, float]:
    return min(times) - _MARGIN_S, max(times) + _MARGIN_S


async def _fill(
    database: Database, settings: Settings, pbx: PbxId, missing: Sequence[QueueCall]
) -> int:
    database.log.start()
    ended = [call for call in missing if call.outcome is not QueueOutcome.UNFINISHED]
    for call in ended:
        caller = resolve(call.number, plan=settings.number_plan.plan())
        found = await customers_of_number(database, caller.e164) if caller.e164 else ()
        customer = found[0].id if len(found) == 1 else None
        database.log.keep(LoggedCall(_record(pbx, call), caller, customer, (), ()))
    await database.log.flush()
    return len(ended)


_DISPOSITIONS = {
    QueueOutcome.ANSWERED: Disposition.ANSWERED,
    QueueOutcome.ABANDONED: Disposition.ABANDONED,
    QueueOutcome.LEFT: Disposition.NO_ANSWER,
}


def _record(pbx: PbxId, call: QueueCall) -> CallRecord:
    ended_at = call.ended_at if call.ended_at is not None else call.last_at
    phones = tuple(Endpoint(phone_of(agent)) for agent in call.agents)
    answered_at = call.connected_at
    legs = tuple(
        LegRecord(
            LegId(f"{call.call}-{place}"),
            phone,
            call.queue,
            call.entered_at,
            answered_at,
            ended_at,
            LegOutcome.ANSWERED,
            rang=False,
        )
        for place, phone in enumerate(phones)
    )
    return CallRecord(
        pbx,
        FROM_QUEUE_LOG,
        CallId(call.call),
        Direction.INBOUND,
        CallerInfo(call.number),
        "",
        "",
        call.queue,
        call.entered_at,
        answered_at,
        ended_at,
        _DISPOSITIONS[call.outcome],
        phones,
        (),
        (answered_at if answered_at is not None else ended_at) - call.entered_at,
        ended_at - answered_at if answered_at is not None else None,
        legs,
        estimated=True,
    )
