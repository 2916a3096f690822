"""Callbacks: who has taken one, and the talks that close them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TALKED = sa.text("talk_s >= 10.0")
_TALKED_RAW = sa.text("talk_s >= 10.0 AND e164 IS NULL")


def upgrade() -> None:
    op.create_table(
        "callbacks_taken",
        sa.Column("call_id", ID, nullable=False, autoincrement=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_callbacks_taken")),
        _foreign_key("call_id", "calls"),
        _foreign_key("user_id", "users"),
    )
    op.create_index(op.f("ix_callbacks_taken_user_id"), "callbacks_taken", ["user_id"])
    for name, column, condition in (
        ("ix_calls_talked_e164", "e164", _TALKED),
        ("ix_calls_talked_customer", "customer_id", _TALKED),
        ("ix_calls_talked_raw", "caller_raw", _TALKED_RAW),
        ("ix_calls_talked_called", "called", _TALKED_RAW),
    ):
        op.create_index(
            name,
            "calls",
            [column, "answered_at"],
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _foreign_key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_callbacks_taken_{column}_{target}"),
        ondelete="CASCADE",
    )
