"""Payments of trips, and their summary with the trip."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DAYS = ("due", "made_on", "paid_on", "returned_on")
_TEXTS = ("cheque_number", "bank", "note")


def upgrade() -> None:
    op.create_table(
        "trip_payments",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("trip_id", ID, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("counts_as", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Date(), nullable=True) for name in _DAYS),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in _TEXTS),
        sa.Column("import_batch_id", ID, nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_payments")),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_trip_payments_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["import_batch_id"],
            ["import_batches.id"],
            name=op.f("fk_trip_payments_import_batch_id_import_batches"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(op.f("ix_trip_payments_trip_id"), "trip_payments", ["trip_id"])
    op.add_column("trips", sa.Column("payments", sa.Text(), nullable=True))
