"""Tables of the offers that an office made itself, and of the school holidays it states."""

from sqlalchemy import JSON, Boolean, Column, Date, Table, Text, UniqueConstraint, false

from screenpop.store.schema.columns import foreign_key_column, id_column, timestamp_column
from screenpop.store.schema.tables import metadata

offers = Table(
    "offers",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("terms", JSON, nullable=False),  # as ``offers.offer_json`` writes it
    Column("active", Boolean, nullable=False, server_default=false()),
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
    foreign_key_column("changed_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("changed_at"),
)

school_holidays = Table(
    "school_holidays",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
    UniqueConstraint("name", "first", "last"),
)
