"""What several processes share beside the office's data: roles that only one may have at a time,
such as reading the PBXs; counters of logins; tokens that count once; imports, exports."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, false

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

# Wrong passwords of the last minutes; see ``store.accounts.login_counters``. ``key`` is a digest of
# an account, an address, both, or a browser.
login_counters = Table(
    "login_counters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("tries", BigInteger, nullable=False),  # all attempts so far; never counted down
    Column("wrong", Integer, nullable=False),  # wrong ones, and those in progress
    timestamp_column("last_at"),  # of the last wrong one, by the database's clock
    Index(None, "last_at"),
)

# States of logins by the provider and its log-out tokens; see ``store.accounts.used_tokens``.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    timestamp_column("used_at"),  # by the database's clock
    Index(None, "used_at"),
)

# Imports and exports of the pages, so that each web process knows them; see ``store.shared_jobs``.
shared_jobs = Table(
    "shared_jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # ``import``, ``export``
    Column("state", Text, nullable=False),  # JSON of the program that runs the job
    Column("version", Integer, nullable=False),  # grows with each change by a user
    text_column("worker"),  # the web process that works on it; empty: none
    timestamp_column("beat_at"),  # of the last change, by the database's clock
    Column("is_cancelled", Boolean, nullable=False, server_default=false()),
    Index(None, "kind", "beat_at"),
)
