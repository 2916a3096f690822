"""Writes events into the queue, inside the transaction of what they report."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from screenpop.calls.events import Direction
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import calls, customers
from screenpop.store.schema.webhook_tables import webhook_deliveries
from screenpop.store.webhooks.target_rows import load_targets
from screenpop.webhooks.call_events import call_events
from screenpop.webhooks.events import EventType, OutgoingEvent, event_id
from screenpop.webhooks.targets import DeliveryState, Target, TargetShape
from screenpop.webhooks.zammad import TYPES as ZAMMAD_TYPES

log = logging.getLogger(__name__)

_SLICE = 200


def queue_call_events(
    kind: Kind, connection: Connection, records: Sequence[LoggedCall], now: float
) -> None:
    """Queue the events of a batch of the call log; without a target this is one short read."""
    if not records:
        return
    targets = load_targets(connection, active_only=True)
    if not targets:
        return
    events: list[OutgoingEvent] = []
    for record in records:
        try:
            events += call_events(record, now)
        except Exception:
            # The call log must not suffer from what is only reported to other programs.
            log.exception(
                "The events of a call could not be built; they are left out",
                extra={"pbx": record.entry.pbx, "call": record.entry.call},
            )
    queue_events(kind, connection, events, now, targets)


def queue_events(
    kind: Kind,
    connection: Connection,
    events: Iterable[OutgoingEvent],
    now: float,
    targets: Sequence[Target] | None = None,
) -> int:
    """Queue events for the active targets that chose them; return how many rows were offered.

    An event that a target has in its queue already, or received earlier, is not queued again.
    Events of a customer erased since are left out.
    """
    chosen = load_targets(connection, active_only=True) if targets is None else targets
    rows = [
        _row(target, event, now) for event in events for target in chosen if _wants(target, event)
    ]
    known = _known_customers(connection, {row["customer_id"] for row in rows} - {None})
    rows = [row for row in rows if row["customer_id"] is None or row["customer_id"] in known]
    statement = insert_or_update(kind, webhook_deliveries).on_conflict_do_nothing(
        index_elements=["target_id", "event_id"]
    )
    for start in range(0, len(rows), _SLICE):
        connection.execute(statement, rows[start : start + _SLICE])
    return len(rows)


def queue_ends_of_rows(
    kind: Kind,
    connection: Connection,
    condition: ColumnElement[bool],
    now: float,
    merged_into: str = "",
) -> None:
    """Queue ``call.ended`` for rows of the call log that get no record of an end.

    Those are calls that became part of another, and calls that an earlier run left in progress.
    """
    targets = load_targets(connection, active_only=True)
    if not targets:
        return
    rows = connection.execute(
        select(calls).where(
            condition,
            calls.c.disposition == IN_PROGRESS,
            calls.c.direction != Direction.INTERNAL.value,
        )
    ).all()
    queue_events(
        kind, connection, [_end_of_row(row, now, merged_into) for row in rows], now, targets
    )


def _end_of_row(row: Any, now: float, merged_into: str) -> OutgoingEvent:
    answered = row.answered_at is not None
    call = {
        "id": row.linkedid,
        "pbx": row.pbx,
        "direction": row.direction,
        "line": row.did,
        "queue": row.queue,
        "arrived_at": row.arrived_at,
    }
    data: dict[str, object] = {
        "call": call,
        "disposition": "answered" if answered else "failed",
        "wait_s": None,
        "talk_s": None,
        "estimated": True,
    }
    if merged_into:
        data["merged_into"] = merged_into
    key = (row.pbx, row.boot, row.linkedid)
    return OutgoingEvent(
        id=event_id(*key, EventType.CALL_ENDED, 0),
        type=EventType.CALL_ENDED,
        at=now,
        order=event_id("call", *key),
        data=data,
        customer=row.customer_id,
        number=row.e164 or "",
    )


def _wants(target: Target, event: OutgoingEvent) -> bool:
    if event.type is EventType.TEST:
        return event.order == order_for_test(target.id)
    if target.shape is TargetShape.ZAMMAD:
        return event.type in ZAMMAD_TYPES
    return event.type in target.types


def order_for_test(target_id: int) -> str:
    """Return the order of the test events of one target, which no other target receives."""
    return f"test/{target_id}"


def _known_customers(connection: Connection, ids: Iterable[object]) -> set[int]:
    wanted = list(ids)
    if not wanted:
        return set()
    found = connection.execute(select(customers.c.id).where(customers.c.id.in_(wanted)))
    return set(found.scalars())


def _row(target: Target, event: OutgoingEvent, now: float) -> dict[str, object]:
    return {
        "target_id": target.id,
        "event_id": event.id,
        "type": event.type.value,
        "order_key": event.order,
        "customer_id": event.customer,
        "number": clean_for_database(event.number),
        "data": {name: _clean(value) for name, value in event.data.items()},
        "agents": list(event.agents),
        "at": event.at,
        "made_at": now,
        "state": DeliveryState.WAITING.value,
        "next_at": now,
    }


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_for_database(value)
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value
