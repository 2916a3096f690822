"""Calls in progress in the call log: written at their arrival, closed after a restart.

A call in progress has the disposition ``in_progress``; its ``ended_at`` is the time up to which
it was known to be up. Its row replaces an estimate only, and any later record replaces its row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)

from screenpop.calls.call_state import CallKey
from screenpop.calls.events import Disposition
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.batch import NoteRecord, prepare_batch
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.calls.call_labels import move_label
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import call_notes, calls
from screenpop.store.webhooks.outbox import queue_call_events, queue_ends_of_rows
from screenpop.telephony.identifiers import CallId, PbxId

_LONGEST_CALL_S = 7 * 24 * 3600.0
"""In seconds. Older rows were closed by an earlier start; the index finds the others."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call in progress; ``record`` returns what is known by then, None when the call is over."""

    key: CallKey
    record: Callable[[], LoggedCall | None]


@dataclass(frozen=True, slots=True)
class MergedCall:
    """A call that was merged into ``into`` and has no row of its own."""

    key: CallKey
    into: CallId


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """The calls of a PBX that were last written before ``kept_before`` (seconds since 1970)."""

    pbx: PbxId
    kept_before: float


Item = LoggedCall | OpenCall | MergedCall | LeftOpen | NoteRecord


def describe_item(item: Item) -> str:
    """Return the ids of an item for the program's log; none of its content."""
    match item:
        case LoggedCall(entry=entry):
            return f"call {entry.pbx}/{entry.boot}/{entry.call}"
        case OpenCall(key) | MergedCall(key):
            return f"call {'/'.join(key)}"
        case NoteRecord(call, pbx):
            return f"note on the call {pbx}/{call}"
        case LeftOpen(pbx):
            return f"end of the calls left open on {pbx}"


def call_of_item(item: Item) -> dict[str, str]:
    """Return ``pbx`` and ``call`` of an item for the program's log, as far as it has them."""
    match item:
        case LoggedCall(entry=entry):
            return {"pbx": entry.pbx, "call": entry.call}
        case OpenCall(key) | MergedCall(key):
            return {"pbx": key[0], "call": key[2]}
        case NoteRecord(call, pbx):
            return {"pbx": pbx, "call": call}
        case LeftOpen(pbx):
            return {"pbx": pbx}


async def prepare_items(
    kind: Kind, items: Sequence[Item], now: float
) -> Callable[[Connection], None]:
    """Ask for the records; return what writes calls, notes, merges and ends in a transaction.

    What is returned runs in another thread: it reads nothing that may change meanwhile.
    """
    finished = [item for item in items if isinstance(item, LoggedCall)]
    over = {(one.entry.pbx, one.entry.boot, one.entry.call) for one in finished}
    opened = [
        record
        for item in items
        if isinstance(item, OpenCall) and item.key not in over
        if (record := item.record()) is not None
    ]
    notes = [item for item in items if isinstance(item, NoteRecord)]
    write_batch = await prepare_batch(kind, [*opened, *finished], notes, now)

    def write(connection: Connection) -> None:
        write_batch(connection)
        queue_call_events(kind, connection, [*opened, *finished], now)
        for item in items:
            if isinstance(item, MergedCall):
                _remove_merged(kind, connection, item, now)
            elif isinstance(item, LeftOpen):
                _close_left_open(kind, connection, item, now)

    return write


def _remove_merged(kind: Kind, connection: Connection, merged: MergedCall, now: float) -> None:
    """Remove the row of a merged call; move its notes and follow-ups to the remaining call.

    Where the same agent has a note on both calls, the remaining note has the text of both.
    """
    pbx, boot, call = map(clean_for_database, merged.key)
    into = clean_for_database(merged.into)
    if into == call:
        return
    row = _row_of(connection, pbx, boot, call)
    target = _row_of(connection, pbx, boot, into)
    mine = _notes_of(call_notes, row, pbx, boot, call)
    other = call_notes.alias()
    has_both = exists().where(
        _notes_of(other, target, pbx, boot, into), other.c.user_id == call_notes.c.user_id
    )
    connection.execute(delete(call_notes).where(mine, has_both))
    connection.execute(
        update(call_notes).where(mine).values(call_id=target, linkedid=into, boot=boot)
    )
    if row is not None:
        connection.execute(
            update(follow_ups).where(follow_ups.c.call_id == row).values(call_id=target)
        )
        move_label(connection, row, target)
        queue_ends_of_rows(kind, connection, calls.c.id == row, now, into)
        connection.execute(delete(calls).where(calls.c.id == row))


def _notes_of(
    notes: FromClause, row: int | None, pbx: str, boot: str, call: str
) -> ColumnElement[bool]:
    """Match the notes on a call's row; where it has none, those that wait for it."""
    if row is not None:
        return notes.c.call_id == row
    waits = notes.c.call_id.is_(None)
    return and_(waits, notes.c.pbx == pbx, notes.c.boot == boot, notes.c.linkedid == call)


def _row_of(connection: Connection, pbx: str, boot: str, call: str) -> int | None:
    statement = select(calls.c.id).where(
        calls.c.pbx == pbx, calls.c.linkedid == call, calls.c.boot == boot
    )
    found: int | None = connection.execute(statement).scalar()
    return found


def _close_left_open(kind: Kind, connection: Connection, left: LeftOpen, now: float) -> None:
    """Close what an earlier run left in progress.

    Its end is an estimate: the last moment at which that run wrote anything.
    """
    of_that_run = (
        calls.c.pbx == clean_for_database(left.pbx),
        calls.c.kept_at < left.kept_before,
        calls.c.arrived_at >= left.kept_before - _LONGEST_CALL_S,
    )
    open_rows = (*of_that_run, calls.c.disposition == IN_PROGRESS)
    if (connection.execute(select(calls.c.id).where(*open_rows).limit(1))).first() is None:
        return
    queue_ends_of_rows(kind, connection, and_(*of_that_run), now)
    last = (connection.execute(select(func.max(calls.c.kept_at)).where(*of_that_run))).scalar()
    known = func.coalesce(calls.c.answered_at, calls.c.arrived_at)
    end = case((known > last, known), else_=literal(last))
    answered = calls.c.answered_at.is_not(None)
    connection.execute(
        update(calls)
        .where(*open_rows)
        .values(
            ended_at=end,
            disposition=case(
                (answered, Disposition.ANSWERED.value), else_=Disposition.FAILED.value
            ),
            wait_s=func.coalesce(calls.c.answered_at, end) - calls.c.arrived_at,
            talk_s=case((answered, end - calls.c.answered_at), else_=literal(0.0)),
            estimated=True,
            kept_at=now,
        )
    )
