"""How each user wants cards to open, sound and look."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("card_preferences", sa.Text(), server_default="", nullable=False)
    )
