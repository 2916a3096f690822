"""Follow-ups: what was promised to a customer, for which day."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'open'")
_OF_CALL = sa.text("call_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("promise", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assigned_to_id", ID, nullable=True),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("closed_by_id", ID, nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("request_key", name=op.f("uq_follow_ups_request_key")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_follow_ups_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
            name=op.f("fk_follow_ups_call_id_calls"),
            ondelete="SET NULL",
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["users.id"],
                name=op.f(f"fk_follow_ups_{column}_users"),
                ondelete="SET NULL",
            )
            for column in ("assigned_to_id", "made_by_id", "closed_by_id")
        ),
    )
    op.create_index(op.f("ix_follow_ups_customer_id"), "follow_ups", ["customer_id"])
    op.create_index(
        "ix_follow_ups_open",
        "follow_ups",
        ["assigned_to_id", "due"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_follow_ups_call_id",
        "follow_ups",
        ["call_id"],
        sqlite_where=_OF_CALL,
        postgresql_where=_OF_CALL,
    )
