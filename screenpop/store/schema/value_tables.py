"""Tables of customers' values, written by ``screenpop.scoring``."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from screenpop.store.schema.columns import (
    foreign_key_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import metadata

WITHOUT_VALUE = -(2**63 - 1)
"""The place of a customer without profit or spend."""

# One row a customer; everything in it can be computed again from trips, cases and rules.
customer_values = Table(
    "customer_values",
    metadata,
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", primary_key=True),
    Column("scored_on", Date, nullable=False),
    Column("trips", Integer, nullable=False, server_default="0"),
    Column("first_trip", Date),
    Column("last_trip", Date),
    Column("spend", BigInteger, nullable=False, server_default="0"),
    Column("margin", BigInteger, nullable=False, server_default="0"),
    text_column("currency"),
    text_column("rhythm"),  # as loyalty.own_rhythm.RhythmKind, or empty
    Column("rhythm_months", Integer, nullable=False, server_default="0"),
    Column("due", Date),
    Column("lapsed_from", Date),
    Column("stage", Text, nullable=False),  # as loyalty.stages.Stage
    text_column("earned_tier"),
    text_column("next_tier"),
    Column("next_tier_trips", Integer, nullable=False, server_default="0"),
    Column("percentile", Integer),
    # By ``percentile`` and ``spend``, see ``store.value.rows.value_place``; the best is largest.
    Column("place", BigInteger, nullable=False, server_default=str(WITHOUT_VALUE)),
    Column("is_top", Boolean, nullable=False, server_default=false()),
    Column("chance", Integer),  # percent
    Column("chance_word", Text, nullable=False),  # as loyalty.value.ChanceWord
    Column("reasons", JSON, nullable=False),  # [[code, raises]]
    Column("referred", Integer, nullable=False, server_default="0"),
    # What the card shows, as JSON: one text for the one statement of the card's work.
    text_column("card"),
)
Index("ix_customer_values_stage", customer_values.c.stage, customer_values.c.chance)

value_runs = Table(
    "value_runs",
    metadata,
    id_column(),
    timestamp_column("at"),
    Column("day", Date, nullable=False),
    Column("took_s", Double, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("report", JSON, nullable=False),
    Column("model", JSON, nullable=False),  # as likelihood.backtest.Fitted
)

# Each row has all rules for tiers; the newest is in use, the others are their history.
tier_rule_versions = Table(
    "tier_rule_versions",
    metadata,
    id_column(),
    Column("rules", JSON, nullable=False),  # as ``loyalty.tier_json`` writes them
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("agent"),  # the display name at that time
    timestamp_column("at"),
)
