"""The call log for the pages: lists of calls, and one call with everything that happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.labels import ChosenLabel, LabelKind
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.calls.call_filter import CallFilter, CallSort
from screenpop.store.calls.call_labels import (
    LABEL_COLUMNS,
    chosen_labels,
    with_labels,
)
from screenpop.store.calls.call_page import SORTED_BY, CallCursor, has_few_calls, rows_of_page
from screenpop.store.calls.call_search import searched_calls
from screenpop.store.engine.database import Database
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import call_note_changes
from screenpop.store.schema.tables import (
    call_notes,
    call_traces,
    calls,
    customers,
    legs,
    receipts,
    transfers,
)
from screenpop.telephony.identifiers import SIMULATED, BootId, CallId, Endpoint, LegId, PbxId

_PAGE = 50
_MAX_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call; times in seconds since 1970 (UTC), durations in seconds."""

    id: int
    pbx: PbxId
    boot: BootId
    call: CallId
    direction: str
    caller_raw: str
    caller_name: str
    """The caller ID name as sent by the PBX: untrusted text."""
    withheld: bool
    caller_kind: str
    e164: str | None
    called: str
    did: str
    queue: str
    arrived_at: float
    answered_at: float | None
    ended_at: float | None
    """None while the call is in progress."""
    disposition: str
    """As ``calls.events.Disposition``, or ``in_progress``."""
    answered_by: tuple[str, ...]
    """Our phones and outside numbers, in order."""
    wait_s: float | None
    talk_s: float | None
    estimated: bool
    before_pickup: bool | None
    """Whether the card was painted before the phone was answered; None for an unanswered call."""
    customer: CustomerId | None
    customer_title: str
    customer_gender: str
    """``unsaid`` where the customer is not known."""
    customer_names: dict[str, PersonName]
    agent: UserId | None
    """The agent who spoke last, or made the call."""
    agent_name: str
    labels: Mapping[LabelKind, ChosenLabel] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        return self.pbx == SIMULATED


@dataclass(frozen=True, slots=True)
class CallPage:
    calls: tuple[LoggedCall, ...]
    after: CallCursor | None
    """Where the next page begins; None on the last page."""


@dataclass(frozen=True, slots=True)
class LoggedLeg:
    leg: LegId
    endpoint: Endpoint
    queue: str
    rang_at: float
    answered_at: float | None
    ended_at: float
    outcome: str
    rang: bool
    dialled: str
    """The number, for a trunk."""
    stopped_by: str
    """The phone or number that answered instead, or that of the transferring agent; or empty."""
    agent: UserId | None
    """The agent of this phone at that time."""
    agent_name: str


@dataclass(frozen=True, slots=True)
class LoggedTransfer:
    origin: Endpoint
    target: str
    kind: str
    at: float


@dataclass(frozen=True, slots=True)
class LoggedReceipt:
    agent: UserId | None
    agent_name: str
    endpoint: str
    sent_at: float | None
    received_at: float | None
    painted_at: float | None
    seen_at: float | None
    before_pickup: bool | None


@dataclass(frozen=True, slots=True)
class NoteChange:
    """One change of a note on the call's page."""

    by: str
    """The display name; empty for the command line and for deleted users."""
    at: float


@dataclass(frozen=True, slots=True)
class LoggedNote:
    id: int
    agent: UserId | None
    """The author; None for the command line and for deleted users."""
    agent_name: str
    text: str
    changed_at: float
    changes: tuple[NoteChange, ...] = ()
    """Changes on the call's page, oldest first; notes typed on the card are not among them."""


@dataclass(frozen=True, slots=True)
class CallDetail:
    call: LoggedCall
    legs: tuple[LoggedLeg, ...]
    transfers: tuple[LoggedTransfer, ...]
    receipts: tuple[LoggedReceipt, ...]
    notes: tuple[LoggedNote, ...]
    trace: tuple[dict[str, object], ...]
    """The decisions in order, as in ``service.ports.LoggedCall``."""


async def list_calls(
    database: Database,
    wanted: CallFilter | None = None,
    *,
    after: CallCursor | None = None,
    limit: int = _PAGE,
    sort: CallSort = CallSort.NEWEST,
) -> CallPage:
    """Return one page of the log. Every page costs the same."""
    most = max(1, min(limit, _MAX_PAGE_SIZE))
    wanted = wanted or CallFilter()
    searched = await searched_calls(database, wanted.search)

    def read(connection: Connection) -> CallPage:
        few = wanted.visible is not None and has_few_calls(connection, wanted.visible)
        statement = page_statement(wanted, after, most + 1, sort, searched, few=few)
        rows = connection.execute(statement).all()
        found = tuple(_call(row) for row in rows[:most])
        last = found[-1] if len(rows) > most else None
        return CallPage(found, _place_of(last, sort) if last else None)

    return await database.read(read)


def page_statement(
    wanted: CallFilter,
    after: CallCursor | None,
    most: int,
    sort: CallSort = CallSort.NEWEST,
    searched: ColumnElement[bool] | None = None,
    *,
    few: bool = False,
) -> Select[Any]:
    """Select one page of the log; ``few`` as in ``call_page.rows_of_page``."""
    return rows_of_page(_all_calls(), wanted, after, most, sort, searched, few=few)


def _place_of(call: LoggedCall, sort: CallSort) -> CallCursor:
    value: float = getattr(call, SORTED_BY[sort])
    return CallCursor(value, call.id)


async def call_detail(database: Database, call: int) -> CallDetail | None:
    """Return one call with everything that happened; None when there is no such call."""
    async with database.reading() as connection:
        row = (await connection.execute(_all_calls().where(calls.c.id == call))).first()
        if row is None:
            return None
        leg_rows = await connection.execute(
            select(legs, users.c.display_name)
            .outerjoin(users, users.c.id == legs.c.user_id)
            .where(legs.c.call_id == call)
            .order_by(legs.c.rang_at, legs.c.id)
        )
        passed_on = await connection.execute(
            select(transfers).where(transfers.c.call_id == call).order_by(transfers.c.position)
        )
        seen = await connection.execute(
            select(receipts, users.c.display_name)
            .outerjoin(users, users.c.id == receipts.c.user_id)
            .where(receipts.c.call_id == call)
            .order_by(receipts.c.position)
        )
        notes = await _notes(connection, call)
        steps = await connection.execute(
            select(call_traces.c.steps).where(call_traces.c.call_id == call)
        )
        return CallDetail(
            _call(row),
            tuple(_leg(leg) for leg in leg_rows),
            tuple(LoggedTransfer(Endpoint(r.origin), r.target, r.kind, r.at) for r in passed_on),
            tuple(_receipt(receipt) for receipt in seen),
            notes,
            tuple(steps.scalar() or ()),
        )


async def _notes(connection: AsyncConnection, call: int) -> tuple[LoggedNote, ...]:
    written = await connection.execute(
        select(call_notes, users.c.display_name)
        .outerjoin(users, users.c.id == call_notes.c.user_id)
        .where(call_notes.c.call_id == call)
        .order_by(call_notes.c.id)
    )
    changed = await connection.execute(
        select(call_note_changes, users.c.display_name)
        .join(call_notes, call_notes.c.id == call_note_changes.c.note_id)
        .outerjoin(users, users.c.id == call_note_changes.c.user_id)
        .where(call_notes.c.call_id == call)
        .order_by(call_note_changes.c.id)
    )
    changes: dict[int, list[NoteChange]] = {}
    for row in changed:
        changes.setdefault(row.note_id, []).append(NoteChange(row.display_name or "", row.at))
    return tuple(
        LoggedNote(
            row.id,
            _user(row.user_id),
            row.display_name or "",
            row.text,
            row.changed_at,
            tuple(changes.get(row.id, ())),
        )
        for row in written
    )


async def logged_calls(
    connection: AsyncConnection, call_ids: Sequence[int]
) -> Mapping[int, LoggedCall]:
    """Return calls by their id in the log; ids that do not exist are left out."""
    return await connection.run_sync(load_calls, call_ids)


def load_calls(connection: Connection, call_ids: Sequence[int]) -> Mapping[int, LoggedCall]:
    """As ``logged_calls``."""
    if not call_ids:
        return {}
    rows = connection.execute(_all_calls().where(calls.c.id.in_(call_ids)))
    return {row.id: _call(row) for row in rows}


@cache
def _all_calls() -> Select[Any]:
    return select(
        calls,
        customers.c.title.label("customer_title"),
        customers.c.gender.label("customer_gender"),
        customers.c.names.label("customer_names"),
        users.c.display_name.label("agent_name"),
        *LABEL_COLUMNS,
    ).select_from(
        with_labels(calls)
        .outerjoin(customers, customers.c.id == calls.c.customer_id)
        .outerjoin(users, users.c.id == calls.c.agent_id)
    )


def _call(row: Any) -> LoggedCall:
    return LoggedCall(
        row.id,
        PbxId(row.pbx),
        BootId(row.boot),
        CallId(row.linkedid),
        row.direction,
        row.caller_raw,
        row.caller_name,
        row.withheld,
        row.caller_kind,
        row.e164,
        row.called,
        row.did,
        row.queue,
        row.arrived_at,
        row.answered_at,
        None if row.disposition == IN_PROGRESS else row.ended_at,
        row.disposition,
        tuple(row.answered_by),
        row.wait_s,
        row.talk_s,
        row.estimated,
        row.before_pickup,
        None if row.customer_id is None else CustomerId(row.customer_id),
        row.customer_title or "none",
        row.customer_gender or "unsaid",
        names_from_json(row.customer_names),
        _user(row.agent_id),
        row.agent_name or "",
        chosen_labels(row),
    )


def _leg(row: Any) -> LoggedLeg:
    return LoggedLeg(
        LegId(row.uniqueid),
        Endpoint(row.endpoint),
        row.queue,
        row.rang_at,
        row.answered_at,
        row.ended_at,
        row.outcome,
        row.rang,
        row.dialled,
        row.stopped_by,
        _user(row.user_id),
        row.display_name or "",
    )


def _user(found: int | None) -> UserId | None:
    return None if found is None else UserId(found)


def _receipt(row: Any) -> LoggedReceipt:
    return LoggedReceipt(
        _user(row.user_id),
        row.display_name or "",
        row.endpoint,
        row.sent_at,
        row.received_at,
        row.painted_at,
        row.seen_at,
        row.before_pickup,
    )
