"""Work lists: the list on which each customer is, and what keeps them off."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "work_list",
        sa.Column("customer_id", ID, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("trips", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worth", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("listed_at", sa.Double(), nullable=False),
        sa.Column("assigned_to_id", ID, nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("acted_by_id", ID, nullable=True),
        sa.Column("acted_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_work_list")),
        _foreign_key("work_list", "customer_id", "customers", "CASCADE"),
        _foreign_key("work_list", "assigned_to_id", "users", "SET NULL"),
        _foreign_key("work_list", "acted_by_id", "users", "SET NULL"),
    )
    columns = ["kind", "position", "customer_id"]
    for name, indexed in (
        ("ix_work_list_open", columns),
        ("ix_work_list_assigned", ["assigned_to_id", *columns]),
    ):
        op.create_index(name, "work_list", indexed, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "work_list_marks",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("away_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_list_marks")),
        _foreign_key("work_list_marks", "customer_id", "customers", "CASCADE"),
        _foreign_key("work_list_marks", "made_by_id", "users", "SET NULL"),
    )
    op.create_index(op.f("ix_work_list_marks_customer_id"), "work_list_marks", ["customer_id"])
    op.create_index("ix_customers_changed_at", "customers", ["changed_at"])


def _foreign_key(table: str, column: str, target: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=gone
    )
