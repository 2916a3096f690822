"""Second factors of logins: secrets of authenticator apps, and recovery codes."""

from sqlalchemy import BigInteger, Column, Table, Text

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import metadata

# A user without a row logs in with the password only.
second_factors = Table(
    "second_factors",
    metadata,
    foreign_key_column("user_id", "users.id", gone="CASCADE", primary_key=True),
    Column("sealed_secret", Text, nullable=False),  # see store.engine.document_key
    Column("last_step", BigInteger, nullable=False),  # the 30 s of the last code, used once
    timestamp_column("since"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE", index=True),
    Column("code_hash", Text, nullable=False),
    timestamp_column("used_at", nullable=True),
)
