"""Files that are hidden from all users but administrators and a few who are named."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    table = "hidden_files"
    op.create_table(
        table,
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("hidden_by", ID, nullable=True),
        sa.Column("hidden_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f(f"pk_{table}")),
        _customer(table),
        sa.ForeignKeyConstraint(
            ["hidden_by"],
            ["users.id"],
            name=op.f(f"fk_{table}_hidden_by_users"),
            ondelete="SET NULL",
        ),
    )
    table = "hidden_file_users"
    op.create_table(
        table,
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "user_id", name=op.f(f"pk_{table}")),
        _customer(table),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])


def _customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer_id"],
        ["customers.id"],
        name=op.f(f"fk_{table}_customer_id_customers"),
        ondelete="CASCADE",
    )
