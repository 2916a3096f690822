"""Values of customers and the runs that computed them."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _whole(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), server_default="0", nullable=False)


def upgrade() -> None:
    op.create_table(
        "customer_values",
        sa.Column("customer_id", ID, nullable=False, autoincrement=False),
        sa.Column("scored_on", sa.Date(), nullable=False),
        _whole("trips"),
        sa.Column("first_trip", sa.Date(), nullable=True),
        sa.Column("last_trip", sa.Date(), nullable=True),
        _whole("spend", sa.BigInteger),
        _whole("margin", sa.BigInteger),
        _text("currency"),
        _text("rhythm"),
        _whole("rhythm_months"),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("lapsed_from", sa.Date(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        _text("earned_tier"),
        _text("next_tier"),
        _whole("next_tier_trips"),
        sa.Column("percentile", sa.Integer(), nullable=True),
        sa.Column("is_top", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=True),
        sa.Column("chance_word", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        _whole("referred"),
        _text("card"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_values")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_values_customer_id_customers"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_customer_values_stage", "customer_values", ["stage", "chance"])
    op.create_table(
        "value_runs",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("took_s", sa.Double(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_runs")),
    )
