"""Tables of the work lists: the list on which each customer is, and what keeps them off."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from screenpop.store.schema.columns import (
    foreign_key_column,
    free_text_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import customers, metadata

# One row a customer at most, so no customer is on two lists.
work_list = Table(
    "work_list",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    Column("kind", Text, nullable=False),  # as ``follow_ups.work_list.WorkKind``
    text_column("subject"),
    Column("params", JSON, nullable=False),
    Column("position", Integer, nullable=False),  # higher first, within a kind
    Column("trips", Integer, nullable=False, server_default="0"),
    Column("worth", BigInteger, nullable=False, server_default="0"),
    text_column("currency"),
    Column("listed_on", Date, nullable=False),
    timestamp_column("listed_at"),
    foreign_key_column("assigned_to_id", "users.id", gone="SET NULL", nullable=True),
    Column("state", Text, nullable=False, server_default="open"),  # as ``RowState``
    foreign_key_column("acted_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("acted_at", nullable=True),
)
_open = text("state = 'open'")
_in_order = (work_list.c.kind, work_list.c.position, work_list.c.customer_id)
Index("ix_work_list_open", *_in_order, sqlite_where=_open, postgresql_where=_open)
_of_user = (work_list.c.assigned_to_id, *_in_order)
Index("ix_work_list_assigned", *_of_user, sqlite_where=_open, postgresql_where=_open)

work_list_marks = Table(
    "work_list_marks",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    text_column("kind"),  # empty: every list
    text_column("subject"),  # empty: every occasion
    Column("until", Date, nullable=False),
    text_column("state"),  # what was chosen: ``done``, ``snoozed``, ``never``
    text_column("away_reason"),  # why a lapsed customer stayed away
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
)

# A segment that is called; its customers as they were when the list was made.
call_lists = Table(
    "call_lists",
    metadata,
    id_column(),
    foreign_key_column("segment_id", "segments.id", gone="CASCADE"),
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
    UniqueConstraint("segment_id"),
)

# Not unique, as two of the customers may become one.
call_list_customers = Table(
    "call_list_customers",
    metadata,
    id_column(),
    foreign_key_column("call_list_id", "call_lists.id", gone="CASCADE", index=True),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
)

customer_messages = Table(
    "customer_messages",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    text_column("reason"),  # a list's kind, or ``general``
    text_column("number"),
    text_column("language"),
    free_text_column("text"),
    Column("request_key", Text, nullable=False, unique=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("state"),  # ``sending``, ``sent``, ``failed``
    timestamp_column("made_at"),
    timestamp_column("ended_at", nullable=True),
)

Index("ix_customers_changed_at", customers.c.changed_at)
