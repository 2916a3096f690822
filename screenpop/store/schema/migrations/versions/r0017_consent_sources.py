"""Consents have a state, a day and a source; a yes without a source becomes never asked.

Every no stays: it is in ``marketing_consent``. The other channels could only hold a yes.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE customers SET marketing_consent = NULL WHERE marketing_consent")
    op.execute("UPDATE customers SET consents = '{}' WHERE CAST(consents AS TEXT) <> '{}'")
