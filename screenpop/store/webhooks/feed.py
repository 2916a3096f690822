"""Finds what has changed in the records and queues its events.

Changes of customers come from the log that their transactions write (``customer_changes``), so
they survive a restart and cost their writers nothing. Callbacks and promises are compared with what
was queued before. Everything of one look is one transaction.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, insert, select

from screenpop.store.calls.open_callbacks import load_listed_since, open_callers
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.url import Kind
from screenpop.store.schema.customer_tables import customer_changes, follow_ups
from screenpop.store.schema.tables import calls, meta
from screenpop.store.schema.webhook_tables import webhook_callbacks
from screenpop.store.webhooks.outbox import queue_events
from screenpop.store.webhooks.target_rows import load_targets
from screenpop.webhooks.events import EventType, OutgoingEvent, event_id
from screenpop.webhooks.targets import Target, TargetShape

_CHANGES_KEY = "webhook_changes_after"
_CALLBACKS_KEY = "webhook_callbacks_since"
MOST_CHANGES = 1000
"""Changes of customers in one look; the next look takes the following ones."""
_OVERLAP = 200
"""Ids that are looked at again: a transaction with a lower id may commit after one with a higher.
The queue keeps each event once."""
LONGEST_LATE_DAYS = 7
"""What is older, because nothing ran, is not reported any more. Finished deliveries are kept
longer, so that the queue recognises what it had."""
_DAY_S = 86_400.0


async def queue_changes(database: Database, now: float, zone: ZoneInfo) -> int:
    """Queue events of changed customers, callbacks and promises; return how many were offered."""
    offered = 0

    def work(connection: Connection) -> None:
        nonlocal offered
        offered = _queue_changes(database.kind, connection, now, zone)

    targets = await database.read(lambda connection: load_targets(connection, active_only=True))
    chosen = _chosen(targets)
    if not chosen & _FOUND_HERE and not await database.read(_has_state):
        return 0
    async with database.writing() as connection:
        await connection.run_sync(work)
    return offered


_CALLBACK_TYPES = {EventType.CALLBACK_OPENED, EventType.CALLBACK_CLOSED}
_FOUND_HERE = _CALLBACK_TYPES | {EventType.CUSTOMER_CHANGED, EventType.PROMISE_DUE}


def _chosen(targets: Sequence[Target]) -> set[EventType]:
    standard = (one for one in targets if one.shape is TargetShape.STANDARD)
    return {kind for one in standard for kind in one.types}


def _has_state(connection: Connection) -> bool:
    keys = (_CHANGES_KEY, _CALLBACKS_KEY)
    return bool(connection.scalar(select(func.count()).where(meta.c.key.in_(keys))))


def _queue_changes(kind: Kind, connection: Connection, now: float, zone: ZoneInfo) -> int:
    targets = load_targets(connection, active_only=True)
    chosen = _chosen(targets)
    events: list[OutgoingEvent] = []
    if EventType.CUSTOMER_CHANGED in chosen:
        events += _customer_events(kind, connection, now)
    else:
        connection.execute(delete(meta).where(meta.c.key == _CHANGES_KEY))
    if chosen & _CALLBACK_TYPES:
        events += _callback_events(kind, connection, now)
    else:
        connection.execute(delete(webhook_callbacks))
        connection.execute(delete(meta).where(meta.c.key == _CALLBACKS_KEY))
    if EventType.PROMISE_DUE in chosen:
        since = min(one.made_at for one in targets if EventType.PROMISE_DUE in one.types)
        events += _promise_events(connection, since, now, zone)
    return queue_events(kind, connection, events, now, targets)


def _customer_events(kind: Kind, connection: Connection, now: float) -> Iterator[OutgoingEvent]:
    """Return events of the changes since the last look; none at the first look."""
    newest = int(connection.scalar(select(func.max(customer_changes.c.id))) or 0)
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == _CHANGES_KEY))
    if kept is None:
        _keep(kind, connection, _CHANGES_KEY, str(newest))
        return iter(())
    if int(kept) == newest:
        return iter(())
    # The rows of an erased customer are gone, and their ids come again.
    after = min(int(kept), newest)
    rows = connection.execute(
        select(customer_changes)
        .where(
            customer_changes.c.id > max(after - _OVERLAP, 0),
            customer_changes.c.at > now - LONGEST_LATE_DAYS * _DAY_S,
        )
        .order_by(customer_changes.c.id)
        .limit(MOST_CHANGES + _OVERLAP)
    ).all()
    _keep(kind, connection, _CHANGES_KEY, str(rows[-1].id if rows else newest))
    return (_customer_event(row) for row in rows)


def _customer_event(row: Any) -> OutgoingEvent:
    kind = EventType.CUSTOMER_CHANGED
    return OutgoingEvent(
        event_id(kind, row.id, row.customer_id, row.at),
        kind,
        row.at,
        f"customer/{row.customer_id}",
        # Names of the fields, not their values: the receiver asks for what it may see.
        {"what": row.what, "fields": sorted(row.changes)},
        row.customer_id,
        agents=() if row.user_id is None else (row.user_id,),
    )


def _callback_events(kind: Kind, connection: Connection, now: float) -> list[OutgoingEvent]:
    """Return events of callbacks opened and closed since the last look; none at the first."""
    attempts, callers, _taken = open_callers(load_listed_since(connection), now)
    caller = callers.subquery("caller")
    first = select(attempts.c.caller_key, func.min(attempts.c.id).label("id")).group_by(
        attempts.c.caller_key
    )
    oldest = first.subquery("oldest")
    rows = connection.execute(
        select(oldest.c.id, caller.c.person_id, caller.c.times, calls.c.e164, calls.c.arrived_at)
        .join(caller, caller.c.caller_key == oldest.c.caller_key)
        .join(calls, calls.c.id == oldest.c.id)
        .order_by(oldest.c.id)
    ).all()
    known = set(connection.scalars(select(webhook_callbacks.c.call_id)))
    is_open = {row.id for row in rows}
    opened, closed = [row for row in rows if row.id not in known], sorted(known - is_open)
    if opened:
        connection.execute(insert(webhook_callbacks), [{"call_id": row.id} for row in opened])
    for call in closed:
        connection.execute(delete(webhook_callbacks).where(webhook_callbacks.c.call_id == call))
    since = connection.scalar(select(meta.c.value).where(meta.c.key == _CALLBACKS_KEY))
    if since is None:
        _keep(kind, connection, _CALLBACKS_KEY, str(now))
        return []
    return [
        *(_callback_event(EventType.CALLBACK_CLOSED, call, now) for call in closed),
        *(
            _callback_event(EventType.CALLBACK_OPENED, row.id, now, row.person_id, row.e164 or "")
            for row in opened
        ),
    ]


def _callback_event(
    kind: EventType, call: int, now: float, customer: int | None = None, number: str = ""
) -> OutgoingEvent:
    # An attempt can be opened again by a user, so the time is part of the id.
    number_of_event = event_id(kind, call, now)
    data = {"callback": call}
    return OutgoingEvent(number_of_event, kind, now, f"callback/{call}", data, customer, number)


def _promise_events(
    connection: Connection, since: float, now: float, zone: ZoneInfo
) -> list[OutgoingEvent]:
    """Return the promises that are due and open; the queue keeps each day's event once."""
    today = datetime.fromtimestamp(now, zone).date()
    earliest = max(
        datetime.fromtimestamp(since, zone).date(),
        date.fromordinal(max(today.toordinal() - LONGEST_LATE_DAYS, 1)),
    )
    due = func.coalesce(follow_ups.c.snoozed_until, follow_ups.c.due)
    rows = connection.execute(
        select(follow_ups, due.label("due_on"))
        .where(follow_ups.c.state == "open", due >= earliest, due <= today)
        .order_by(follow_ups.c.id)
    ).all()
    return [_promise_event(row, now) for row in rows]


def _promise_event(row: Any, now: float) -> OutgoingEvent:
    kind = EventType.PROMISE_DUE
    data = {"follow_up": row.id, "due": row.due_on.isoformat(), "source": row.source}
    return OutgoingEvent(
        event_id(kind, row.id, row.made_at, row.due_on.isoformat()),
        kind,
        now,
        f"follow_up/{row.id}",
        data,
        row.customer_id,
        agents=() if row.assigned_to_id is None else (row.assigned_to_id,),
    )


def _keep(kind: Kind, connection: Connection, key: str, value: str) -> None:
    statement = insert_or_update(kind, meta).values(key=key, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )
