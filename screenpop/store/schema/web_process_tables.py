"""What several web processes share beside the office's data: counters of logins, jobs of pages."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, false

from screenpop.store.schema.columns import text_column, timestamp_column
from screenpop.store.schema.tables import metadata

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
