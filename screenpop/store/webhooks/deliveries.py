"""What the sender of webhooks takes from the queue and reports back, and what the page lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from screenpop.customers.display_name import display_name
from screenpop.store.engine.database import Database
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.hidden_file_tables import hidden_files
from screenpop.store.schema.tables import customers
from screenpop.store.schema.webhook_tables import webhook_deliveries, webhook_targets
from screenpop.store.webhooks.outbox import order_for_test, queue_events
from screenpop.store.webhooks.target_rows import load_targets
from screenpop.webhooks.events import AgentName, EventType, OutgoingEvent, People, event_id
from screenpop.webhooks.targets import Delivery, DeliveryState, Target, TargetShape

BATCH = 20
LISTED = 50
_EMPTY: dict[str, Any] = {"number": "", "data": {}, "agents": [], "customer_id": None}
_SLICE = 500


async def active_targets(database: Database) -> tuple[Target, ...]:
    return await database.read(lambda connection: load_targets(connection, active_only=True))


async def take_deliveries(
    database: Database, target: Target, now: float
) -> list[tuple[Delivery, People]]:
    """Return what may be sent to a target now, oldest first, at most one of each order."""
    d, earlier = webhook_deliveries, webhook_deliveries.alias("earlier")
    # The first that waits of each order: later ones wait for it, also while it is retried.
    blocked = (
        select(earlier.c.id)
        .where(
            earlier.c.target_id == d.c.target_id,
            earlier.c.order_key == d.c.order_key,
            earlier.c.state == DeliveryState.WAITING.value,
            earlier.c.id < d.c.id,
        )
        .exists()
    )
    # Written by a clock that was ahead: its next time may be years away.
    is_of_other_clock = func.coalesce(d.c.last_at, d.c.made_at) > now
    statement = (
        select(d)
        .where(_waits(target.id), or_(d.c.next_at <= now, is_of_other_clock), ~blocked)
        .order_by(d.c.id)
        .limit(BATCH)
    )

    def read(connection: Connection) -> list[tuple[Delivery, People]]:
        found = [_delivery(row) for row in connection.execute(statement).all()]
        agents = _agent_names(connection, {one for each in found for one in each.event.agents})
        names = _customer_names(connection, found) if target.with_names else {}
        return [(one, People(agents, names.get(one.event.customer or 0, ""))) for one in found]

    return await database.read(read)


async def report_delivered(
    database: Database, delivery: Delivery, now: float, status: int, took_ms: int
) -> None:
    values = {
        **_EMPTY,
        "state": DeliveryState.DELIVERED.value,
        "attempts": delivery.attempts + 1,
        "last_at": now,
        "status": status,
        "problem": "",
        "took_ms": took_ms,
    }
    works = {"failures": 0, "failing_since": None, "paused_until": None}
    async with database.writing() as connection:
        await connection.execute(_at(delivery).values(values))
        await connection.execute(
            update(webhook_targets)
            .where(webhook_targets.c.id == delivery.target_id, webhook_targets.c.failures > 0)
            .values(works)
        )


async def report_failed(
    database: Database,
    delivery: Delivery,
    now: float,
    *,
    status: int | None,
    problem: str,
    took_ms: int,
    again_at: float | None,
    pause_until: float | None,
) -> None:
    """Keep a failed attempt; ``again_at``: None to give the event up; ``pause_until``: of the
    whole target, None where only this event failed."""
    values: dict[str, Any] = {
        "attempts": delivery.attempts + 1,
        "last_at": now,
        "status": status,
        "problem": problem,
        "took_ms": took_ms,
    }
    if again_at is None:
        values |= {**_EMPTY, "state": DeliveryState.GIVEN_UP.value}
    else:
        values["next_at"] = again_at
    async with database.writing() as connection:
        await connection.execute(_at(delivery).values(values))
        if pause_until is not None:
            await connection.execute(
                update(webhook_targets)
                .where(webhook_targets.c.id == delivery.target_id)
                .values(
                    failures=webhook_targets.c.failures + 1,
                    failing_since=func.coalesce(webhook_targets.c.failing_since, now),
                    paused_until=pause_until,
                )
            )


async def report_gone(database: Database, delivery: Delivery, now: float, took_ms: int) -> None:
    """Switch a target off that answered 410; nothing that waits for it is sent."""
    values = {**_EMPTY, "state": DeliveryState.GONE.value, "last_at": now}
    async with database.writing() as connection:
        await connection.execute(
            _at(delivery).values(status=410, took_ms=took_ms, attempts=delivery.attempts + 1)
        )
        await connection.execute(
            update(webhook_deliveries).where(_waits(delivery.target_id)).values(values)
        )
        await connection.execute(
            update(webhook_targets)
            .where(webhook_targets.c.id == delivery.target_id)
            .values(active=False, off_reason="gone")
        )


async def give_up_old(database: Database, before: float) -> int:
    """Give up what has waited since before ``before``, also of targets that are off."""
    d = webhook_deliveries
    statement = (
        update(d)
        .where(d.c.state == DeliveryState.WAITING.value, d.c.made_at < before)
        .values({**_EMPTY, "state": DeliveryState.GIVEN_UP.value})
    )
    async with database.writing() as connection:
        return int((await connection.execute(statement)).rowcount)


async def delete_old_deliveries(database: Database, before: float) -> int:
    """Delete at most 500 finished deliveries queued before ``before``; return how many."""
    d = webhook_deliveries
    old = (
        select(d.c.id)
        .where(d.c.state != DeliveryState.WAITING.value, d.c.made_at < before)
        .limit(_SLICE)
    )
    async with database.writing() as connection:
        return int((await connection.execute(delete(d).where(d.c.id.in_(old)))).rowcount)


async def queue_test(database: Database, target: Target, now: float) -> None:
    """Queue a test for one active target; for Zammad a call that begins and ends."""
    steps = ("begin", "end") if target.shape is TargetShape.ZAMMAD else ("begin",)
    events = [
        OutgoingEvent(
            event_id("test", target.id, now, step),
            EventType.TEST,
            now,
            order_for_test(target.id),
            {"text": "This is a test by an administrator.", "step": step},
        )
        for step in steps
    ]
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: queue_events(database.kind, sync, events, now))


async def list_deliveries(database: Database, target_id: int) -> tuple[Delivery, ...]:
    """Return the newest deliveries of a target, newest first."""
    statement = (
        select(webhook_deliveries)
        .where(webhook_deliveries.c.target_id == target_id)
        .order_by(webhook_deliveries.c.id.desc())
        .limit(LISTED)
    )
    return await database.read(
        lambda connection: tuple(_delivery(row) for row in connection.execute(statement).all())
    )


async def count_waiting(database: Database) -> Mapping[int, int]:
    """Return how many deliveries wait, by target."""
    d = webhook_deliveries
    statement = (
        select(d.c.target_id, func.count())
        .where(d.c.state == DeliveryState.WAITING.value)
        .group_by(d.c.target_id)
    )
    return await database.read(
        lambda connection: {row[0]: row[1] for row in connection.execute(statement).all()}
    )


@dataclass(frozen=True, slots=True)
class WebhookQueue:
    """What waits for all targets."""

    waiting: int = 0
    oldest_at: float | None = None
    """When the oldest was queued, seconds since 1970; None when none waits."""


async def measure_queue(database: Database) -> WebhookQueue:
    """Return how much waits, and since when."""
    d = webhook_deliveries.c
    statement = select(func.count(), func.min(d.made_at)).where(
        d.state == DeliveryState.WAITING.value
    )
    row = await database.read(lambda connection: connection.execute(statement).one())
    return WebhookQueue(row[0], row[1])


def _waits(target_id: int) -> ColumnElement[bool]:
    d = webhook_deliveries
    return (d.c.target_id == target_id) & (d.c.state == DeliveryState.WAITING.value)


def _at(delivery: Delivery) -> Any:
    return update(webhook_deliveries).where(webhook_deliveries.c.id == delivery.id)


def _agent_names(connection: Connection, ids: set[int]) -> dict[int, AgentName]:
    if not ids:
        return {}
    found = connection.execute(
        select(users.c.id, users.c.username, users.c.display_name).where(users.c.id.in_(ids))
    )
    return {row.id: AgentName(row.username, row.display_name) for row in found.all()}


def _customer_names(connection: Connection, found: Sequence[Delivery]) -> dict[int, str]:
    """Return the names of customers but of those with a hidden file, which no program sees."""
    ids = {one.event.customer for one in found if one.event.customer is not None}
    if not ids:
        return {}
    rows = connection.execute(
        select(customers.c.id, customers.c.names).where(
            customers.c.id.in_(ids), customers.c.id.not_in(select(hidden_files.c.customer_id))
        )
    )
    return {row.id: display_name(names_from_json(row.names), "en").full for row in rows.all()}


_TYPES = {one.value: one for one in EventType}


def _delivery(row: Any) -> Delivery:
    event = OutgoingEvent(
        row.event_id,
        _TYPES.get(row.type, EventType.TEST),
        row.at,
        row.order_key,
        row.data,
        row.customer_id,
        row.number,
        tuple(row.agents),
    )
    return Delivery(
        row.id,
        row.target_id,
        event,
        DeliveryState(row.state),
        row.attempts,
        row.made_at,
        row.next_at,
        row.last_at,
        row.status,
        row.problem,
        row.took_ms,
    )
