"""Imported cases: their import and their fingerprint, for the undo."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("cases") as batch:
        batch.add_column(sa.Column("import_batch_id", ID, nullable=True))
        batch.add_column(sa.Column("as_imported", sa.Text(), server_default="", nullable=False))
        batch.create_foreign_key(
            op.f("fk_cases_import_batch_id_import_batches"),
            "import_batches",
            ["import_batch_id"],
            ["id"],
            ondelete="SET NULL",
        )
