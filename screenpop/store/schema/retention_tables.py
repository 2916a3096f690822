"""Tables of the retention: its last runs, and the newest deleted call of each customer."""

from sqlalchemy import Column, Integer, Table, Text

from screenpop.store.schema.columns import (
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

# The last run of each kind of data.
retention_runs = Table(
    "retention_runs",
    metadata,
    Column("kind", Text, primary_key=True),  # as ``customers.retention.RetentionKind``
    timestamp_column("at"),
    Column("deleted", Integer, nullable=False),
    text_column("problem"),  # the name of the error that ended it; empty: it ended well
)

# When customers called last, of calls that the retention has deleted: without it a customer whose
# calls are kept for a year would count as one without a call.
deleted_calls = Table(
    "deleted_calls",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    timestamp_column("last_at"),
)
