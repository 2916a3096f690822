"""Table of the office's own branches."""

from sqlalchemy import Column, Table, Text

from screenpop.store.schema.columns import id_column, timestamp_column
from screenpop.store.schema.tables import metadata

# Customers and users of a branch: ``customers.branch_id``, ``users.branch_id``. No foreign keys:
# on SQLite the whole table of customers would be copied to add one.
branches = Table(
    "branches",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # as customers.branches.branch_key
    timestamp_column("created_at"),
)
