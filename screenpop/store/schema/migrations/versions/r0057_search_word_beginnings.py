"""Words by their beginning, for the search on PostgreSQL."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Compared byte by byte, whatever the database's collation. One row a word.
        op.execute(
            "CREATE INDEX ix_search_words_begun ON search_word_keys (word text_pattern_ops)"
            " WHERE key = substr(word, 1, 7) OR key = '0'"
        )
