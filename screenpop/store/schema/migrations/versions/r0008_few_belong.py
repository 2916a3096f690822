"""Who belongs to a household or a company, or was merged: indexes of those few alone.

An index that holds everybody is dear for each row of a sheet, and SQLite takes "not merged" for
the rarest of all conditions: it went through the whole file by it.
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
