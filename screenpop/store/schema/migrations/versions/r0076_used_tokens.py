"""Tokens of logins by the provider that have been used."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "used_tokens"
    op.create_table(
        table,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_used_at"), table, ["used_at"])
