"""An index of answered calls whose card was not in time, for their list."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    late = sa.text(
        "direction = 'inbound' AND disposition = 'answered' AND before_pickup IS NOT TRUE"
        " AND boot <> 'queue_log'"
    )
    op.create_index(
        "ix_calls_late_card",
        "calls",
        ["arrived_at", "id"],
        sqlite_where=late,
        postgresql_where=late,
    )
