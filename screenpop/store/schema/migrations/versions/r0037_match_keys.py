"""Match keys of customers, groups of duplicates, numbers that need correction.

The tables are filled by the maintenance after the start.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _gone_with(table: str, column: str, target: str, gone: str = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete=gone,
    )


def upgrade() -> None:
    op.create_table(
        "match_keys",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("key", "customer_id", name=op.f("pk_match_keys")),
        _gone_with("match_keys", "customer_id", "customers"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_match_keys_customer_id"), "match_keys", ["customer_id"])
    op.create_table(
        "duplicate_groups",
        sa.Column("key", ID, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_duplicate_groups")),
    )
    op.create_table(
        "different_people",
        sa.Column("older_id", ID, nullable=False),
        sa.Column("newer_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("older_id", "newer_id", name=op.f("pk_different_people")),
        _gone_with("different_people", "older_id", "customers"),
        _gone_with("different_people", "newer_id", "customers"),
        _gone_with("different_people", "user_id", "users", "SET NULL"),
    )
    op.create_index(op.f("ix_different_people_newer_id"), "different_people", ["newer_id"])
    op.create_table(
        "number_problems",
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("phone_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("problem", "phone_id", name=op.f("pk_number_problems")),
        _gone_with("number_problems", "phone_id", "customer_phones"),
    )
    op.create_index(op.f("ix_number_problems_phone_id"), "number_problems", ["phone_id"])
    op.create_table(
        "customers_to_match",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers_to_match")),
    )
    born = sa.text("birthday IS NOT NULL")
    op.create_index(
        "ix_customers_birthday",
        "customers",
        ["birthday"],
        sqlite_where=born,
        postgresql_where=born,
    )
