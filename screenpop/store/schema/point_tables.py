"""The ledger of points: entries are added and never changed; their sum is the balance."""

from sqlalchemy import Column, Date, Integer, Table, Text

from screenpop.store.schema.columns import (
    IdType,
    foreign_key_column,
    free_text_column,
    id_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

point_entries = Table(
    "point_entries",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("kind", Text, nullable=False),  # as loyalty.points.PointKind
    Column("points", Integer, nullable=False),  # below 0: taken away
    free_text_column("reason"),  # typed, or the destination of the trip
    foreign_key_column("trip_id", "trips.id", gone="SET NULL", nullable=True, index=True),
    Column("of_entry", IdType),  # of expired ones: the entry that earned them
    Column("day", Date, nullable=False),
    Column("expires", Date),
    Column("entry_key", Text, unique=True),  # one trip, expiry or request makes one entry
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
)
