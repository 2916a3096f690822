"""The board of trips: owner, ticked items and day of the state; its order within a column."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "trip_progress",
        sa.Column("trip_id", ID, autoincrement=False, nullable=False),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("ticked", sa.JSON(), nullable=False),
        sa.Column("since", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("pk_trip_progress")),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_trip_progress_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_trip_progress_owner_id_users"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(op.f("ix_trip_progress_owner_id"), "trip_progress", ["owner_id"])
    op.create_index(op.f("ix_trips_status_departs_id"), "trips", ["status", "departs", "id"])
