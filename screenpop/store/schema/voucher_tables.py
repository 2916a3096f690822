"""Tables of vouchers, and of what happened to each."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from screenpop.store.schema.columns import (
    foreign_key_column,
    free_text_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

# A voucher is open while neither ``redeemed_at`` nor ``cancelled_at`` is set and its last day has
# not passed; no column repeats that.
vouchers = Table(
    "vouchers",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    foreign_key_column("offer_id", "offers.id", gone="RESTRICT"),
    foreign_key_column("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
    Column("bound", Boolean, nullable=False),
    Column("kind", Text, nullable=False),  # as loyalty.vouchers.VoucherKind
    Column("amount", BigInteger, nullable=False, server_default="0"),
    text_column("currency"),
    Column("percent", Integer, nullable=False, server_default="0"),
    free_text_column("gift"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("issue_key", Text, nullable=False),  # of a batch, or of the answer that accepted
    Column("issue_no", Integer, nullable=False),
    timestamp_column("issued_at"),
    timestamp_column("redeemed_at", nullable=True),
    text_column("redeemed_by"),  # the display name at that time
    free_text_column("redeemed_place"),
    timestamp_column("cancelled_at", nullable=True),
    UniqueConstraint("issue_key", "issue_no"),
    Index(None, "offer_id", "id"),
)

voucher_events = Table(
    "voucher_events",
    metadata,
    id_column(),
    foreign_key_column("voucher_id", "vouchers.id", gone="CASCADE", index=True),
    Column("what", Text, nullable=False),  # issued, redeemed, reversed, cancelled, reopened
    timestamp_column("at"),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("agent"),  # the display name at that time
    free_text_column("reason"),
    free_text_column("place"),
    Column("request_key", Text, unique=True),  # a repeated request has no second effect
)
