"""Targets of webhooks, and the queue of what they are to receive."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from screenpop.store.schema.columns import (
    IdType,
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

webhook_targets = Table(
    "webhook_targets",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("shape", Text, nullable=False),  # as ``webhooks.TargetShape``
    Column("types", JSON, nullable=False),  # the chosen event types
    Column("with_numbers", Boolean, nullable=False, server_default=true()),
    Column("with_names", Boolean, nullable=False, server_default=false()),
    Column("secret_sealed", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    text_column("off_reason"),  # empty while active or switched off by a user; "gone"
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    timestamp_column("failing_since", nullable=True),
    timestamp_column("paused_until", nullable=True),
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    id_column(),
    foreign_key_column("target_id", "webhook_targets.id", gone="CASCADE"),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", nullable=True, index=True),
    text_column("number"),  # emptied when the delivery is over, as ``data``
    Column("data", JSON, nullable=False),
    Column("agents", JSON, nullable=False),
    timestamp_column("at"),
    timestamp_column("made_at"),
    Column("state", Text, nullable=False),  # as ``webhooks.DeliveryState``
    Column("attempts", Integer, nullable=False, server_default="0"),
    timestamp_column("next_at"),
    timestamp_column("last_at", nullable=True),
    Column("status", Integer),  # of the last answer
    text_column("problem"),  # why there was no answer that counts
    Column("took_ms", Integer),
    UniqueConstraint("target_id", "event_id"),
)
_waits = text("state = 'waiting'")
Index(
    "ix_webhook_deliveries_waiting",
    webhook_deliveries.c.target_id,
    webhook_deliveries.c.order_key,
    webhook_deliveries.c.id,
    sqlite_where=_waits,
    postgresql_where=_waits,
)

# Open callbacks whose ``callback.opened`` was queued; a callback is its oldest open attempt.
webhook_callbacks = Table(
    "webhook_callbacks",
    metadata,
    Column("call_id", IdType, primary_key=True, autoincrement=False),
)
