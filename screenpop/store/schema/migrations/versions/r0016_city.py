"""The city where a customer lives."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch step: on SQLite that would copy the table and lose triggers of the search.
    op.add_column("customers", sa.Column("city", sa.Text(), server_default="", nullable=False))
