"""Call lists: segments whose customers are to be called; what was removed, for the undo."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_lists",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("segment_id", ID, nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_lists")),
        sa.UniqueConstraint("segment_id", name=op.f("uq_call_lists_segment_id")),
        _points_to("call_lists", "segment_id", "segments", "CASCADE"),
        _points_to("call_lists", "made_by_id", "users", "SET NULL"),
    )
    table = "call_list_customers"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("call_list_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _points_to(table, "call_list_id", "call_lists", "CASCADE"),
        _points_to(table, "customer_id", "customers", "CASCADE"),
    )
    for column in ("call_list_id", "customer_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    table = "removed_items"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _points_to(table, "customer_id", "customers", "CASCADE"),
        _points_to(table, "user_id", "users", "SET NULL"),
    )
    op.create_index(op.f(f"ix_{table}_customer_id"), table, ["customer_id"])


def _points_to(table: str, column: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=gone
    )
