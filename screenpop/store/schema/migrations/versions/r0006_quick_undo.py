"""Index of referrers: without it each deleted customer is looked for in all others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sent = sa.text("referred_by_id IS NOT NULL")
    op.create_index(
        op.f("ix_customers_referred_by_id"),
        "customers",
        ["referred_by_id"],
        sqlite_where=sent,
        postgresql_where=sent,
    )
