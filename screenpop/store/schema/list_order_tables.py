"""What the list of customers is sorted by: keys of names, and the last talk of each customer."""

from sqlalchemy import Column, Double, Index, LargeBinary, Table

from screenpop.store.schema.columns import foreign_key_column
from screenpop.store.schema.tables import metadata, trips
from screenpop.store.schema.value_tables import customer_values

# ``customers.name_order`` of each language; none of a merged customer. Written with match keys.
name_orders = Table(
    "name_orders",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    *(Column(name, LargeBinary, nullable=False) for name in ("en", "fa", "el")),
    *(Index(None, name, "customer_id") for name in ("en", "fa", "el")),
)

# Written by triggers on ``calls``: a migration that copies that table makes them again.
last_contacts = Table(
    "last_contacts",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    Column("at", Double, nullable=False),
    Index(None, "at", "customer_id"),
)

_has_day = trips.c.departs.is_not(None)
Index(
    "ix_trips_departs",
    trips.c.departs,
    trips.c.customer_id,
    sqlite_where=_has_day,
    postgresql_where=_has_day,
)
Index("ix_customer_values_place", customer_values.c.place, customer_values.c.customer_id)
