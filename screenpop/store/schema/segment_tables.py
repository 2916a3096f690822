"""Tables of segments, of steps that changed many customers, and of facts computed for segments."""

from sqlalchemy import JSON, Column, Date, Index, Integer, Table, Text, text

from screenpop.store.schema.columns import (
    foreign_key_column,
    id_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata, trips

# Saved conditions; ``condition`` as ``conditions.json_format`` writes it.
segments = Table(
    "segments",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # folded for comparison
    Column("condition", JSON, nullable=False),
    Column("audience", Text, nullable=False),  # as ``store.segments.saved.Audience``
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
    timestamp_column("changed_at"),
)

# One row a step; what it changed is in the history of each customer.
bulk_edits = Table(
    "bulk_edits",
    metadata,
    id_column(),
    Column("action", Text, nullable=False),  # as ``customers.bulk_changes.Action``
    Column("params", JSON, nullable=False),
    Column("customers", Integer, nullable=False),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
    timestamp_column("undone_at", nullable=True),
    foreign_key_column("undone_by_id", "users.id", gone="SET NULL", nullable=True),
    Column("restored", Integer),  # customers whom the undo changed back
)

bulk_edit_changes = Table(
    "bulk_edit_changes",
    metadata,
    foreign_key_column("change_id", "customer_changes.id", gone="CASCADE", primary_key=True),
    foreign_key_column("bulk_edit_id", "bulk_edits.id", gone="CASCADE", index=True),
)

# The own rhythm of customers with three trips or more, written with the work lists.
customer_rhythms = Table(
    "customer_rhythms",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    Column("due", Date, nullable=False),
    Column("lapsed_from", Date, nullable=False),
)

# The trips of all customers are counted without reading their rows.
Index(None, trips.c.customer_id, trips.c.status, trips.c.departs)

# PostgreSQL refuses long texts in an index; conditions compare no longer ones either.
SHORT_DESTINATION = "trips.destination <> '' AND length(trips.destination) <= 200"
_short = text(SHORT_DESTINATION.replace("trips.", ""))
Index(None, trips.c.destination, sqlite_where=_short, postgresql_where=_short)
