"""Segments, steps that change many customers, and each customer's rhythm."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name_key", name=op.f("uq_segments_name_key")),
        _foreign_key("segments", "made_by_id", "users", "SET NULL"),
    )
    op.create_table(
        "bulk_edits",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("undone_at", sa.Double(), nullable=True),
        sa.Column("undone_by_id", ID, nullable=True),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edits")),
        _foreign_key("bulk_edits", "user_id", "users", "SET NULL"),
        _foreign_key("bulk_edits", "undone_by_id", "users", "SET NULL"),
    )
    op.create_table(
        "bulk_edit_changes",
        sa.Column("change_id", ID, autoincrement=False, nullable=False),
        sa.Column("bulk_edit_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_bulk_edit_changes")),
        _foreign_key("bulk_edit_changes", "change_id", "customer_changes", "CASCADE"),
        _foreign_key("bulk_edit_changes", "bulk_edit_id", "bulk_edits", "CASCADE"),
    )
    op.create_index(
        op.f("ix_bulk_edit_changes_bulk_edit_id"), "bulk_edit_changes", ["bulk_edit_id"]
    )
    op.create_table(
        "customer_rhythms",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("lapsed_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_rhythms")),
        _foreign_key("customer_rhythms", "customer_id", "customers", "CASCADE"),
    )
    # The next start builds the work lists again, which also writes the rhythms.
    op.execute("DELETE FROM meta WHERE key = 'work_list_built'")


def _foreign_key(table: str, column: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete=gone,
    )
