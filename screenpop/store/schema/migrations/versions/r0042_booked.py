"""When a trip was booked: what offers change is measured by it."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

NOT_BOOKED = ("asked", "quoted", "cancelled")


def upgrade() -> None:
    op.add_column("trip_progress", sa.Column("booked", sa.Double(), nullable=True))
    progress = sa.table(
        "trip_progress",
        sa.column("trip_id", sa.BigInteger()),
        sa.column("since", sa.Double()),
        sa.column("booked", sa.Double()),
    )
    trips = sa.table("trips", sa.column("id", sa.BigInteger()), sa.column("status", sa.Text()))
    booked = sa.select(trips.c.id).where(trips.c.status.not_in(NOT_BOOKED))
    op.execute(
        sa.update(progress).where(progress.c.trip_id.in_(booked)).values(booked=progress.c.since)
    )
