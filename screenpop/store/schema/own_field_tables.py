"""The table of the fields that an office makes itself; values are in ``own`` of their records."""

from sqlalchemy import JSON, Boolean, Column, Integer, Table, Text, false, true

from screenpop.store.schema.columns import id_column, timestamp_column
from screenpop.store.schema.tables import metadata

own_fields = Table(
    "own_fields",
    metadata,
    id_column(),
    Column("subject", Text, nullable=False),  # as customers.own_fields.OwnSubject
    Column("kind", Text, nullable=False),  # as customers.own_fields.OwnKind
    Column("names", JSON, nullable=False),  # {language: name}
    # [{"id", "names", "active", "gone"}], of a choice
    Column("choices", JSON, nullable=False, server_default="[]"),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("on_card", Boolean, nullable=False, server_default=false()),
    timestamp_column("changed_at"),
)
