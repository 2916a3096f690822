"""Second factors of logins, and identities of users at the office's login provider."""

from sqlalchemy import BigInteger, Column, Table, Text, UniqueConstraint

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

user_identities = Table(
    "user_identities",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE"),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the provider's own id, which it never gives again
    timestamp_column("since"),
    UniqueConstraint("issuer", "subject"),
    UniqueConstraint("user_id", "issuer"),
)
