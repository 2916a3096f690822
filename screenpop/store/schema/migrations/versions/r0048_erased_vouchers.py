"""Open vouchers of customers who were erased before are cancelled: they cannot be redeemed."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_VOUCHERS = sa.table(
    "vouchers",
    *(sa.column(name) for name in ("id", "customer_id", "redeemed_at", "cancelled_at")),
    sa.column("bound", sa.Boolean),
)
_EVENTS = sa.table("voucher_events", *(sa.column(name) for name in ("voucher_id", "what", "at")))


def upgrade() -> None:
    now = time.time()
    unusable = (
        _VOUCHERS.c.bound.is_(True),
        _VOUCHERS.c.customer_id.is_(None),
        _VOUCHERS.c.redeemed_at.is_(None),
        _VOUCHERS.c.cancelled_at.is_(None),
    )
    found = sa.select(_VOUCHERS.c.id, sa.literal("erased"), sa.literal(now)).where(*unusable)
    op.execute(sa.insert(_EVENTS).from_select(["voucher_id", "what", "at"], found))
    op.execute(sa.update(_VOUCHERS).where(*unusable).values(cancelled_at=now))
