"""Marketing consent may be "never asked": each earlier yes was the default, each no is kept."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not as a batch step: on SQLite that would copy the table and lose triggers of the search.
    for statement in (
        "ALTER TABLE customers ADD COLUMN consent_asked BOOLEAN",
        "UPDATE customers SET consent_asked = marketing_consent WHERE NOT marketing_consent",
        "ALTER TABLE customers DROP COLUMN marketing_consent",
        "ALTER TABLE customers RENAME COLUMN consent_asked TO marketing_consent",
    ):
        op.execute(statement)
