"""Tokens by which programs use the API."""

from sqlalchemy import JSON, Column, Table, Text

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import metadata

# A revoked token has no row.
api_tokens = Table(
    "api_tokens",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("ending", Text, nullable=False),  # the last characters, by which people recognise it
    Column("scopes", JSON, nullable=False),  # a list, as accounts.token_scopes.Scope
    # NULL: made on the command line.
    foreign_key_column("made_by", "users.id", gone="CASCADE", nullable=True, index=True),
    timestamp_column("made_at"),
    timestamp_column("expires_at", nullable=True),
    timestamp_column("last_used_at", nullable=True),
)
