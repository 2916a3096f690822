"""Which process holds a role that only one may have at a time, such as reading the PBXs."""

from sqlalchemy import BigInteger, Column, Table, Text

from screenpop.store.schema.columns import text_column, timestamp_column
from screenpop.store.schema.tables import metadata

# ``epoch`` grows with each change of the holder. ``expires_at`` is by the database's clock.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    text_column("holder"),
    Column("epoch", BigInteger, nullable=False),
    timestamp_column("expires_at"),
)
