"""Changes of notes on a call's page: user and time."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_note_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("note_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_note_changes")),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["call_notes.id"],
            name=op.f("fk_call_note_changes_note_id_call_notes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_call_note_changes_user_id_users"),
            ondelete="SET NULL",
        ),
    )
    op.create_index(
        op.f("ix_call_note_changes_note_id"), "call_note_changes", ["note_id"], unique=False
    )
