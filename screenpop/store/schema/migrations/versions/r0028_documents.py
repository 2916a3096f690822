"""Travel documents of customers; their numbers are encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = ("country", "issuer", "name", "number_sealed", "number_mark", "doubt")


def upgrade() -> None:
    op.create_table(
        "customer_documents",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in _TEXTS),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_documents")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_documents_customer_id_customers"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_customer_documents_customer_id"), "customer_documents", ["customer_id"]
    )
    has_number = sa.text("number_mark <> ''")
    op.create_index(
        op.f("ix_customer_documents_number_mark"),
        "customer_documents",
        ["number_mark"],
        sqlite_where=has_number,
        postgresql_where=has_number,
    )
