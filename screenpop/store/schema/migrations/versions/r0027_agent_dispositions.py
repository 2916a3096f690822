"""What a talk led to, as the agent sees it: a second list of the kind of the purposes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = "agent_disposition"
_FIRST = (
    ("Booked", "رزرو شد", "Έγινε κράτηση"),
    ("Will decide", "تصمیم می‌گیرد", "Θα αποφασίσει"),
    ("No interest", "علاقه ندارد", "Δεν ενδιαφέρεται"),
    ("Call back", "تماس دوباره", "Να ξανακαλέσουμε"),
    ("Wrong number", "شمارهٔ اشتباه", "Λάθος αριθμός"),
    ("Other", "سایر", "Άλλο"),
)


def upgrade() -> None:
    op.add_column(
        "call_purposes",
        sa.Column("kind", sa.Text(), server_default="purpose", nullable=False),
    )
    with op.batch_alter_table("call_labels") as table:
        table.add_column(sa.Column("agent_disposition_id", ID, nullable=True))
        table.create_foreign_key(
            op.f("fk_call_labels_agent_disposition_id_call_purposes"),
            "call_purposes",
            ["agent_disposition_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index(
        op.f("ix_call_labels_agent_disposition_id"), "call_labels", ["agent_disposition_id"]
    )
    labels = sa.table(
        "call_purposes",
        sa.column("kind", sa.Text()),
        sa.column("names", sa.JSON()),
        sa.column("position", sa.Integer()),
        sa.column("active", sa.Boolean()),
        sa.column("opens_case", sa.Boolean()),
    )
    op.bulk_insert(
        labels,
        [
            {
                "kind": _KIND,
                "names": {"en": en, "fa": fa, "el": el},
                "position": position,
                "active": True,
                "opens_case": False,
            }
            for position, (en, fa, el) in enumerate(_FIRST, 1)
        ],
    )
