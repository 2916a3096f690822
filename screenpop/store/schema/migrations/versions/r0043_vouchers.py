"""Vouchers with their history."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    table = "vouchers"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("offer_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=True),
        sa.Column("bound", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        _text("currency"),
        sa.Column("percent", sa.Integer(), server_default="0", nullable=False),
        _text("gift"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("issue_key", sa.Text(), nullable=False),
        sa.Column("issue_no", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.Double(), nullable=False),
        sa.Column("redeemed_at", sa.Double(), nullable=True),
        _text("redeemed_by"),
        _text("redeemed_place"),
        sa.Column("cancelled_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("code", name=op.f(f"uq_{table}_code")),
        sa.UniqueConstraint("issue_key", "issue_no", name=op.f(f"uq_{table}_issue_key_issue_no")),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offers.id"],
            name=op.f(f"fk_{table}_offer_id_offers"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f(f"fk_{table}_customer_id_customers"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(op.f(f"ix_{table}_customer_id"), table, ["customer_id"])
    op.create_index(op.f(f"ix_{table}_offer_id_id"), table, ["offer_id", "id"])
    table = "voucher_events"
    op.create_table(
        table,
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("voucher_id", ID, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        _text("agent"),
        _text("reason"),
        _text("place"),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("request_key", name=op.f(f"uq_{table}_request_key")),
        sa.ForeignKeyConstraint(
            ["voucher_id"],
            ["vouchers.id"],
            name=op.f(f"fk_{table}_voucher_id_vouchers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="SET NULL"
        ),
    )
    op.create_index(op.f(f"ix_{table}_voucher_id"), table, ["voucher_id"])
