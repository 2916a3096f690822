"""Counters of logins, and imports and exports, that several web processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counters, jobs = "login_counters", "shared_jobs"
    op.create_table(
        counters,
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{counters}")),
    )
    op.create_index(op.f(f"ix_{counters}_last_at"), counters, ["last_at"])
    op.create_table(
        jobs,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("beat_at", sa.Double(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{jobs}")),
    )
    op.create_index(op.f(f"ix_{jobs}_kind_beat_at"), jobs, ["kind", "beat_at"])
