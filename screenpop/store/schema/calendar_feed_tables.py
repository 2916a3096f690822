"""Addresses under which calendars read a user's follow-ups."""

from sqlalchemy import Boolean, Column, Table, Text, false

from screenpop.store.schema.columns import foreign_key_column, timestamp_column
from screenpop.store.schema.tables import metadata

# A feed that was ended has no row.
calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    foreign_key_column("user_id", "users.id", gone="CASCADE", primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("shows_names", Boolean, nullable=False, server_default=false()),
    timestamp_column("made_at"),
)
