"""Deleted users keep their row; sessions know their browser; logins are recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("password_changed_at", sa.Double(), nullable=True))
    op.add_column("users", sa.Column("deleted_at", sa.Double(), nullable=True))
    for name in ("browser", "address"):
        op.add_column("sessions", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("sessions", sa.Column("confirmed_at", sa.Double(), nullable=True))
    op.create_table(
        "login_records",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("browser", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_records")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_login_records_user_id_users"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(op.f("ix_login_records_at_id"), "login_records", ["at", "id"])
