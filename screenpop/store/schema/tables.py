"""Tables of the database, first half. Every change here needs a migration beside it.

Days are dates; times are seconds since 1970 (UTC) as floats. Codes (tier, state, outcome ...) are
stored as text, as their enums spell them.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from screenpop.store.schema.columns import (
    IdType,
    foreign_key_column,
    free_text_column,
    id_column,
    position_column,
    text_column,
    timestamp_column,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), text_column("value"))

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    timestamp_column("changed_at"),
)

import_batches = Table(
    "import_batches",
    metadata,
    id_column(),
    text_column("filename"),
    timestamp_column("imported_at"),
    Column("rows_in", Integer, nullable=False, server_default="0"),
    Column("rows_refused", Integer, nullable=False, server_default="0"),
    timestamp_column("undone_at", nullable=True),
    # Customers added and changed, trips added; ``running`` until the last chunk is in.
    Column("customers_in", Integer, nullable=False, server_default="0"),
    Column("customers_changed", Integer, nullable=False, server_default="0"),
    Column("trips_in", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="done"),
)

households = Table(
    "households",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False, server_default="household"),  # or company
    Column("name", Text, nullable=False),
    UniqueConstraint("kind", "name"),
)

customers = Table(
    "customers",
    metadata,
    id_column(),
    Column("title", Text, nullable=False, server_default="none"),
    Column("gender", Text, nullable=False, server_default="unsaid"),
    # [{"language", "given", "family"}], the name as first written first.
    Column("names", JSON, nullable=False),
    text_column("language"),
    Column("birthday", Date),
    Column("anniversary", Date),
    Column("tier", Text, nullable=False, server_default="none"),
    Column("vip", Boolean, nullable=False, server_default=false()),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    text_column("currency"),
    Column("marketing_consent", Boolean),
    Column("customer_since", Date),
    free_text_column("preferences"),
    text_column("city"),  # where they live
    free_text_column("heard_from"),  # how they heard of us
    text_column("code"),  # the office's own customer code, from its other programs
    Column("tags", JSON, nullable=False),
    Column("emails", JSON, nullable=False, server_default="[]"),
    free_text_column("notes"),
    foreign_key_column("household_id", "households.id", gone="SET NULL", nullable=True),
    foreign_key_column("company_id", "households.id", gone="SET NULL", nullable=True),
    # Travel preferences by subject (seat, meals, season, budget, destinations).
    Column("wishes", JSON, nullable=False, server_default="{}"),
    Column("consents", JSON, nullable=False, server_default="{}"),
    # {offer id: first day on which a declined offer may be suggested again}; NULL without any.
    Column("quiet_offers", JSON(none_as_null=True)),
    Column("own", JSON(none_as_null=True)),  # {id of an own field: value}; NULL without any
    foreign_key_column("owner_id", "users.id", gone="SET NULL", nullable=True),
    Column("branch_id", IdType),  # as in ``branches``, which empties it
    foreign_key_column("referred_by_id", "customers.id", gone="SET NULL", nullable=True),
    foreign_key_column("merged_into_id", "customers.id", gone="SET NULL", nullable=True),
    # Searchable words, written by store.search.queries; the second is not for every department.
    text_column("folded"),
    free_text_column("folded_notes"),
    timestamp_column("created_at"),
    timestamp_column("changed_at"),
    foreign_key_column(
        "import_batch_id", "import_batches.id", gone="SET NULL", nullable=True, index=True
    ),
)
_has_code = customers.c.code != ""
Index("ix_customers_code", customers.c.code, sqlite_where=_has_code, postgresql_where=_has_code)
for _few in ("household_id", "company_id", "merged_into_id", "referred_by_id"):
    # Partial, as few customers have these: full ones cost space and mislead SQLite's planner.
    _some = customers.c[_few].is_not(None)
    Index(None, customers.c[_few], sqlite_where=_some, postgresql_where=_some)

# A shared number has one row for each customer.
customer_phones = Table(
    "customer_phones",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    Column("raw", Text, nullable=False),
    Column("e164", Text, index=True),
    Column("last_nine", Text, index=True),
    free_text_column("label"),
    Column("since", Date),
    Column("verified_on", Date),
    UniqueConstraint("customer_id", "e164"),
)

trips = Table(
    "trips",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    text_column("destination"),
    text_column("country"),
    Column("product", Text, nullable=False, server_default="other"),
    Column("departs", Date),
    Column("returns", Date),
    Column("status", Text, nullable=False, server_default="asked"),
    Column("adults", Integer, nullable=False, server_default="1"),
    Column("children", Integer, nullable=False, server_default="0"),
    Column("price", BigInteger, nullable=False, server_default="0"),
    Column("paid", BigInteger, nullable=False, server_default="0"),
    Column("payments", Text),  # JSON of ``customers.trip_payments``; NULL without payments
    text_column("currency"),
    Column("visa", Text, nullable=False, server_default="not_needed"),
    free_text_column("note"),
    Column("rating", Integer),
    free_text_column("supplier"),
    Column("margin", BigInteger, nullable=False, server_default="0"),
    Column("feedback_asked", Date),
    free_text_column("feedback"),
    Column("own", JSON(none_as_null=True)),  # as of customers
    foreign_key_column("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True),
    text_column("as_imported"),  # fingerprint of the trip as imported, to detect later changes
    Index(None, "customer_id", "departs"),
)

cases = Table(
    "cases",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    free_text_column("subject"),
    Column("opened", Date, nullable=False),
    free_text_column("promised_by"),
    Column("promised_for", Date),
    Column("closed", Date),
    foreign_key_column("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True),
    text_column("as_imported"),  # as for trips
)

# What an import changed on existing customers, so that it can be undone.
import_changes = Table(
    "import_changes",
    metadata,
    id_column(),
    foreign_key_column("batch_id", "import_batches.id", gone="CASCADE", index=True),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("changes", JSON, nullable=False),
)

watched_sheets = Table(
    "watched_sheets",
    metadata,
    id_column(),
    Column("path", Text, nullable=False, unique=True),
    text_column("sha256"),
    Column("choice", JSON),  # column mapping as a user chose it
    timestamp_column("read_at", nullable=True),
    text_column("problem"),  # error code of the last reading
)

watched_rows = Table(
    "watched_rows",
    metadata,
    id_column(),
    foreign_key_column("sheet_id", "watched_sheets.id", gone="CASCADE", index=True),
    Column("line", Integer, nullable=False),
    # A digest of the person, all that is kept after an erasure.
    Column("mark", Text, nullable=False),
    Column("draft", JSON),
    foreign_key_column("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
)

calls = Table(
    "calls",
    metadata,
    id_column(),
    Column("pbx", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("linkedid", Text, nullable=False),
    Column("direction", Text, nullable=False),
    text_column("caller_raw"),
    text_column("caller_name"),
    text_column("folded"),  # the caller's name and digits, for the search
    Column("withheld", Boolean, nullable=False, server_default=false()),
    Column("caller_kind", Text, nullable=False),
    Column("e164", Text),
    text_column("called"),
    text_column("did"),
    text_column("queue"),
    timestamp_column("arrived_at"),
    timestamp_column("answered_at", nullable=True),
    timestamp_column("ended_at"),
    Column("disposition", Text, nullable=False),
    Column("answered_by", JSON, nullable=False),  # phones and outside numbers, in order
    Column("wait_s", Double),
    Column("talk_s", Double),
    Column("estimated", Boolean, nullable=False, server_default=false()),
    Column("before_pickup", Boolean),  # painted before the phone was answered
    foreign_key_column("customer_id", "customers.id", gone="SET NULL", nullable=True),
    # The agent who spoke last.
    foreign_key_column("agent_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("kept_at"),
    # In this order it also finds a call of which only PBX and Linkedid are known.
    UniqueConstraint("pbx", "linkedid", "boot"),
    Index(None, "customer_id", "arrived_at"),
    Index(None, "e164", "arrived_at"),
    Index(None, "agent_id", "arrived_at"),
    Index(None, "arrived_at", "id"),
)
_missed = text("direction = 'inbound' AND disposition <> 'answered'")
Index("ix_calls_missed", calls.c.arrived_at, sqlite_where=_missed, postgresql_where=_missed)
LATE_CARD = (
    "direction = 'inbound'",
    "disposition = 'answered'",
    "before_pickup IS NOT TRUE",
    "boot <> 'queue_log'",
)
"""Conditions on ``calls``: answered, the card not on the screen before; not of a ``queue_log``."""
_late_card = text(" AND ".join(LATE_CARD))
_by_time = (calls.c.arrived_at, calls.c.id)
Index("ix_calls_late_card", *_by_time, sqlite_where=_late_card, postgresql_where=_late_card)
_in_queue = (calls.c.queue, calls.c.arrived_at, calls.c.id)
_queued = text("queue <> ''")
Index("ix_calls_queued", *_in_queue, sqlite_where=_queued, postgresql_where=_queued)

legs = Table(
    "legs",
    metadata,
    id_column(),
    foreign_key_column("call_id", "calls.id", gone="CASCADE", index=True),
    Column("pbx", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("uniqueid", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    text_column("queue"),
    timestamp_column("rang_at"),
    timestamp_column("answered_at", nullable=True),
    timestamp_column("ended_at"),
    Column("outcome", Text, nullable=False),
    Column("rang", Boolean, nullable=False),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    text_column("dialled"),  # the number, for a trunk
    text_column("stopped_by"),  # the phone or number that answered instead
    Column("hold_s", Double, nullable=False, server_default="0"),
    UniqueConstraint("pbx", "boot", "uniqueid"),
)

transfers = Table(
    "transfers",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    position_column(),
    Column("origin", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    timestamp_column("at"),
)

receipts = Table(
    "receipts",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    position_column(),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    Column("endpoint", Text, nullable=False),
    timestamp_column("sent_at", nullable=True),
    timestamp_column("received_at", nullable=True),
    timestamp_column("painted_at", nullable=True),
    timestamp_column("seen_at", nullable=True),
    Column("before_pickup", Boolean),
)

call_traces = Table(
    "call_traces",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    Column("steps", JSON, nullable=False),
)

# A note can be written before its call has ended, so before the call has a row to reference.
call_notes = Table(
    "call_notes",
    metadata,
    id_column(),
    Column("pbx", Text, nullable=False),
    Column("boot", Text),
    Column("linkedid", Text, nullable=False),
    foreign_key_column("call_id", "calls.id", gone="CASCADE", nullable=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    free_text_column("text"),
    timestamp_column("changed_at"),
    UniqueConstraint("call_id", "user_id"),
    Index(
        "ix_call_notes_waiting",
        "pbx",
        "linkedid",
        sqlite_where=text("call_id IS NULL"),
        postgresql_where=text("call_id IS NULL"),
    ),
)
