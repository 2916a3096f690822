"""Reads targets of webhooks inside a transaction."""

from typing import Any

from sqlalchemy import Connection, select

from screenpop.store.schema.webhook_tables import webhook_targets
from screenpop.webhooks.events import EventType
from screenpop.webhooks.targets import Target, TargetShape


def load_targets(connection: Connection, *, active_only: bool = False) -> tuple[Target, ...]:
    """Return the targets by name."""
    statement = select(webhook_targets).order_by(webhook_targets.c.name, webhook_targets.c.id)
    if active_only:
        statement = statement.where(webhook_targets.c.active)
    return tuple(_target(row) for row in connection.execute(statement).all())


_KNOWN = {one.value: one for one in EventType}


def _target(row: Any) -> Target:
    return Target(
        id=row.id,
        name=row.name,
        url=row.url,
        shape=TargetShape(row.shape),
        types=frozenset(_KNOWN[one] for one in row.types if one in _KNOWN),
        with_numbers=row.with_numbers,
        with_names=row.with_names,
        is_active=row.active,
        off_reason=row.off_reason,
        failures=row.failures,
        failing_since=row.failing_since,
        paused_until=row.paused_until,
        made_at=row.made_at,
        secret_sealed=row.secret_sealed,
    )
