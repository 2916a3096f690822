"""Indexes with which the trips of all customers are counted and found by destination."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_trips_customer_id_status_departs"), "trips", ["customer_id", "status", "departs"]
    )
    short = sa.text("destination <> '' AND length(destination) <= 200")
    op.create_index(
        op.f("ix_trips_destination"),
        "trips",
        ["destination"],
        sqlite_where=short,
        postgresql_where=short,
    )
