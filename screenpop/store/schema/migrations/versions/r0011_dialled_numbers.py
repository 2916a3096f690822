"""For each leg, the outside number that was dialled, and the endpoint that answered instead."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("legs") as batch:
        for name in ("dialled", "stopped_by"):
            batch.add_column(sa.Column(name, sa.Text(), server_default="", nullable=False))
