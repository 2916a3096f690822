"""How long the phone of a leg was on hold."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legs", sa.Column("hold_s", sa.Double(), server_default="0", nullable=False))
