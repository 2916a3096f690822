"""The ledger of points."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    table = "point_entries"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("trip_id", ID, nullable=True),
        sa.Column("of_entry", ID, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("entry_key", sa.Text(), nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("entry_key", name=op.f(f"uq_{table}_entry_key")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_{table}_{column}_{target}"),
                ondelete=gone,
            )
            for column, target, gone in (
                ("customer_id", "customers", "CASCADE"),
                ("trip_id", "trips", "SET NULL"),
                ("user_id", "users", "SET NULL"),
            )
        ),
    )
    for column in ("customer_id", "trip_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
