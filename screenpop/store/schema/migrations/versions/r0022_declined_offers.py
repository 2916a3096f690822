"""Why an offer was declined, and until when it is not suggested again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("quiet_offers", sa.JSON(), nullable=True))
    op.add_column("offer_answers", sa.Column("why", sa.Text(), server_default="", nullable=False))
