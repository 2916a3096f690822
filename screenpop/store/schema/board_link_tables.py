"""Links by which a wall screen shows the board without a login."""

from sqlalchemy import Boolean, Column, Table, Text, false

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import metadata

# A link that was taken back has no row.
board_links = Table(
    "board_links",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("shows_names", Boolean, nullable=False, server_default=false()),
    foreign_key_column("made_by", "users.id", gone="CASCADE", index=True),
    timestamp_column("made_at"),
    timestamp_column("expires_at"),
)
