"""Partial indexes of households, companies and merged customers.

A full index costs time for each imported row, and SQLite's planner takes "not merged" for the most
selective condition and walks all customers by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("household_id", "company_id", "merged_into_id")


def upgrade() -> None:
    for name in COLUMNS:
        index, those = op.f(f"ix_customers_{name}"), sa.text(f"{name} IS NOT NULL")
        op.drop_index(index, "customers")
        op.create_index(index, "customers", [name], sqlite_where=those, postgresql_where=those)
