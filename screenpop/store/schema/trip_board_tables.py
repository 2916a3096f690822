"""Table of what the board keeps of a trip."""

from sqlalchemy import JSON, Column, Index, Integer, Table

from screenpop.store.schema.columns import foreign_key_column, timestamp_column
from screenpop.store.schema.tables import metadata, trips

# A trip without a row was never moved, ticked or given an owner, and was not entered by hand.
trip_progress = Table(
    "trip_progress",
    metadata,
    foreign_key_column("trip_id", "trips.id", gone="CASCADE", primary_key=True),
    foreign_key_column("owner_id", "users.id", gone="SET NULL", nullable=True, index=True),
    Column("ticked", JSON, nullable=False),  # items as customers.trip_board.CheckItem
    timestamp_column("since", nullable=True),  # when the trip came into its state
    timestamp_column("booked", nullable=True),  # when it was booked; NULL while it is not
    Column("version", Integer, nullable=False),  # counts changes, against lost updates
)
Index(None, trips.c.status, trips.c.departs, trips.c.id)  # the order within a column of the board
