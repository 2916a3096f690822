"""Missed calls that were marked as done, and the indexes that find missed calls and queues.

Before this version, missed calls left the page after a day: older ones are not listed again
(``meta.missed_calls_since``).
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MISSED = sa.text("direction = 'inbound' AND disposition <> 'answered'")
_QUEUED = sa.text("queue <> ''")
_DAY_S = 24 * 3600


def upgrade() -> None:
    op.create_table(
        "missed_calls_done",
        sa.Column("call_id", ID, nullable=False, autoincrement=False),
        sa.Column("with_call_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("done_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_missed_calls_done")),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
            name=op.f("fk_missed_calls_done_call_id_calls"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_missed_calls_done_user_id_users"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(
        op.f("ix_missed_calls_done_with_call_id"), "missed_calls_done", ["with_call_id"]
    )
    op.create_index(
        op.f("ix_missed_calls_done_user_id_done_at"), "missed_calls_done", ["user_id", "done_at"]
    )
    op.create_index(
        "ix_calls_missed", "calls", ["arrived_at"], sqlite_where=_MISSED, postgresql_where=_MISSED
    )
    op.create_index(
        "ix_calls_queued",
        "calls",
        ["queue", "arrived_at", "id"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT id FROM calls LIMIT 1")).first() is not None:
        connection.execute(
            sa.text("INSERT INTO meta (key, value) VALUES ('missed_calls_since', :since)"),
            {"since": str(time.time() - _DAY_S)},
        )
