"""The table of saved views of the call log, and the indexes of its orders."""

from sqlalchemy import JSON, Boolean, Column, Index, Table, Text, UniqueConstraint, false

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import calls, metadata

# Filters of the call log as its address has them; never a search text or a customer.
call_views = Table(
    "call_views",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE"),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded for comparison
    Column("filters", JSON, nullable=False),
    Column("shared", Boolean, nullable=False, server_default=false()),
    timestamp_column("changed_at"),
    UniqueConstraint("user_id", "name_key"),
)

for _time in (calls.c.wait_s, calls.c.talk_s):
    # For the call log sorted by one of them.
    _has_time = _time.is_not(None)
    Index(
        f"ix_calls_{_time.name}",
        _time,
        calls.c.id,
        sqlite_where=_has_time,
        postgresql_where=_has_time,
    )
