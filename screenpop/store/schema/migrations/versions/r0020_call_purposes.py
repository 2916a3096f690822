"""Purposes of calls, which an office edits, and the purpose of each call."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FIRST = (
    ("Booking", "رزرو", "Κράτηση"),
    ("Question", "پرسش", "Ερώτηση"),
    ("Change", "تغییر", "Αλλαγή"),
    ("Complaint", "شکایت", "Παράπονο"),
    ("Payment", "پرداخت", "Πληρωμή"),
    ("Visa", "ویزا", "Βίζα"),
    ("Other", "سایر", "Άλλο"),
)
_COMPLAINT = "Complaint"


def upgrade() -> None:
    purposes = op.create_table(
        "call_purposes",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("opens_case", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_purposes")),
    )
    op.create_table(
        "call_labels",
        sa.Column("call_id", ID, autoincrement=False, nullable=False),
        sa.Column("purpose_id", ID, nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_labels")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_labels_call_id_calls"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_call_labels_{column}_{table}"),
                ondelete="SET NULL",
            )
            for column, table in (
                ("purpose_id", "call_purposes"),
                ("case_id", "cases"),
                ("user_id", "users"),
            )
        ),
    )
    op.create_index(op.f("ix_call_labels_purpose_id"), "call_labels", ["purpose_id"])
    op.create_index(op.f("ix_call_labels_case_id"), "call_labels", ["case_id"])
    op.bulk_insert(
        purposes,
        [
            {
                "names": {"en": en, "fa": fa, "el": el},
                "position": position,
                "active": True,
                "opens_case": en == _COMPLAINT,
            }
            for position, (en, fa, el) in enumerate(_FIRST, 1)
        ],
    )
