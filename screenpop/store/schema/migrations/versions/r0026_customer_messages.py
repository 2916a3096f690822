"""Messages that were sent to customers through the office's gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_messages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("reason", "number", "language", "text")
        ),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_messages")),
        sa.UniqueConstraint("request_key", name=op.f("uq_customer_messages_request_key")),
        _foreign_key("customer_id", "customers", "CASCADE"),
        _foreign_key("user_id", "users", "SET NULL"),
    )
    op.create_index(op.f("ix_customer_messages_customer_id"), "customer_messages", ["customer_id"])


def _foreign_key(column: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_customer_messages_{column}_{target}"),
        ondelete=gone,
    )
