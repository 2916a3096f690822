"""Files attached to customers, and files that are still to be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERENCES = (
    ("customer_id", "customers", "CASCADE"),
    ("trip_id", "trips", "SET NULL"),
    ("user_id", "users", "SET NULL"),
)


def upgrade() -> None:
    table = "customer_attachments"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("trip_id", ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name_sealed", sa.Text(), server_default="", nullable=False),
        sa.Column("note_sealed", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("file", name=op.f(f"uq_{table}_file")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{target}.id"],
                name=op.f(f"fk_{table}_{column}_{target}"),
                ondelete=gone,
            )
            for column, target, gone in _REFERENCES
        ),
    )
    for column in ("customer_id", "trip_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_table(
        "attachment_removals",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_attachment_removals")),
    )
