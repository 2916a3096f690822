"""Unfinished forms and notes of users, which browsers stored before."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    table = "form_drafts"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("customer_id", ID, nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f(f"fk_{table}_customer_id_customers"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f(f"ix_{table}_user_id_form"), table, ["user_id", "form"], unique=True)
    op.create_index(op.f(f"ix_{table}_customer_id"), table, ["customer_id"])
    op.create_index(op.f(f"ix_{table}_saved_at"), table, ["saved_at"])
