"""Files that are hidden from all users but administrators and a few who are named."""

from sqlalchemy import Table

from screenpop.store.schema.columns import foreign_key_column, timestamp_column
from screenpop.store.schema.tables import metadata

hidden_files = Table(
    "hidden_files",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    foreign_key_column("hidden_by", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("hidden_at"),
)

hidden_file_users = Table(
    "hidden_file_users",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    foreign_key_column("user_id", "users.id", gone="CASCADE", primary_key=True, index=True),
)
