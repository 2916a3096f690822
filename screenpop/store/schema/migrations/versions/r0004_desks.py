"""Hot-desk logins, and phones without an agent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_logins",
        sa.Column("session_id", ID, nullable=False, autoincrement=False),
        sa.Column("pbx", sa.Text(), server_default="", nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_desk_logins")),
        sa.UniqueConstraint("pbx", "endpoint", name=op.f("uq_desk_logins_pbx_endpoint")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_desk_logins_session_id_sessions"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "lonely_phones",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "endpoint", name=op.f("pk_lonely_phones")),
    )
