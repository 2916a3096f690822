"""The office's own customer code: imports find and update a customer by it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("code", sa.Text(), server_default="", nullable=False))
    some = sa.text("code != ''")
    op.create_index(
        "ix_customers_code", "customers", ["code"], sqlite_where=some, postgresql_where=some
    )
