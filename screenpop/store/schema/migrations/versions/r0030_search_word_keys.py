"""Words of customers by the keys of what is like them."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_word_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "word", name=op.f("pk_search_word_keys")),
        sqlite_with_rowid=False,
    )
