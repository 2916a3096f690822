"""E-mails; imports with a complete undo; watched sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _columns()
    _what_an_import_changed()
    _sheets_that_stay()


def _columns() -> None:
    with op.batch_alter_table("import_batches") as batch:
        for name in ("customers_in", "customers_changed", "trips_in"):
            batch.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("state", sa.Text(), server_default="done", nullable=False))
    with op.batch_alter_table("customers") as batch:
        batch.add_column(sa.Column("emails", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("trips") as batch:
        batch.add_column(sa.Column("import_batch_id", ID, nullable=True))
        batch.add_column(sa.Column("as_imported", sa.Text(), server_default="", nullable=False))
        batch.create_foreign_key(
            op.f("fk_trips_import_batch_id_import_batches"),
            "import_batches",
            ["import_batch_id"],
            ["id"],
            ondelete="SET NULL",
        )


def _what_an_import_changed() -> None:
    op.create_table(
        "import_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_changes")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batches.id"],
            name=op.f("fk_import_changes_batch_id_import_batches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_import_changes_customer_id_customers"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_import_changes_batch_id"), "import_changes", ["batch_id"])
    op.create_index(op.f("ix_import_changes_customer_id"), "import_changes", ["customer_id"])


def _sheets_that_stay() -> None:
    op.create_table(
        "watched_sheets",
        sa.Column("id", ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("choice", sa.JSON(), nullable=True),
        sa.Column("read_at", sa.Double(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_sheets")),
        sa.UniqueConstraint("path", name=op.f("uq_watched_sheets_path")),
    )
    op.create_table(
        "watched_rows",
        sa.Column("id", ID, nullable=False),
        sa.Column("sheet_id", ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("customer_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_rows")),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["watched_sheets.id"],
            name=op.f("fk_watched_rows_sheet_id_watched_sheets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_watched_rows_customer_id_customers"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(op.f("ix_watched_rows_sheet_id"), "watched_rows", ["sheet_id"])
    op.create_index(op.f("ix_watched_rows_customer_id"), "watched_rows", ["customer_id"])
