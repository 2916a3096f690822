"""More of what the customer's file looks on disk: who travels, what was promised, who changed and
who looked at what, merges and the choices of numbers that several share; and where people sit."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from screenpop.store.schema.tables import (
    IdType,
    foreign_key_column,
    id_column,
    metadata,
    text_column,
    timestamp_column,
)

# Who goes on a trip; its customer is who bought it, and may stay at home.
trip_travellers = Table(
    "trip_travellers",
    metadata,
    id_column(),
    foreign_key_column("trip_id", "trips.id", gone="CASCADE", index=True),
    foreign_key_column("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
    text_column("name"),  # of one who has no file
    Column("child", Boolean, nullable=False, server_default=false()),
)

case_steps = Table(
    "case_steps",
    metadata,
    id_column(),
    foreign_key_column("case_id", "cases.id", gone="CASCADE", index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
    Column("what", Text, nullable=False),  # opened, said, state, promised
    text_column("text"),
    Column("due", Date),
)

# ``changes``: {field: [before, after]}, as JSON can hold them.
customer_changes = Table(
    "customer_changes",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
    Column("what", Text, nullable=False),
    Column("changes", JSON, nullable=False),
    Index(None, "customer_id", "at"),
)

# One row for a visit, however often the page is loaded meanwhile.
customer_looks = Table(
    "customer_looks",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    foreign_key_column("user_id", "users.id", gone="CASCADE"),
    timestamp_column("first_at"),
    timestamp_column("last_at"),
    Column("times", Integer, nullable=False, server_default="1"),
    Index(None, "customer_id", "last_at"),
)

# Customers of a sheet whom the search on SQLite does not know yet; see store.search.queries.
customers_to_find = Table(
    "customers_to_find",
    metadata,
    Column("id", IdType, primary_key=True, autoincrement=False),
)

# Who it was the last time, of several on one number.
number_choices = Table(
    "number_choices",
    metadata,
    Column("e164", Text, primary_key=True),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
)

# ``moved`` and ``before`` hold what an undo needs.
customer_merges = Table(
    "customer_merges",
    metadata,
    id_column(),
    foreign_key_column("kept_id", "customers.id", gone="CASCADE", index=True),
    foreign_key_column("gone_id", "customers.id", gone="CASCADE", index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
    timestamp_column("undone_at", nullable=True),
    Column("moved", JSON, nullable=False),
    Column("before", JSON, nullable=False),
)

# Who has said where they sit today: as long as that session lasts, and one person a phone.
desk_logins = Table(
    "desk_logins",
    metadata,
    foreign_key_column("session_id", "sessions.id", gone="CASCADE", primary_key=True),
    text_column("pbx"),  # empty: whatever PBX
    Column("endpoint", Text, nullable=False),
    timestamp_column("at"),
    UniqueConstraint("pbx", "endpoint"),
)

# Phones that were dialled while nobody was known to sit at them.
lonely_phones = Table(
    "lonely_phones",
    metadata,
    Column("pbx", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    timestamp_column("first_at"),
    timestamp_column("last_at"),
)

# What customers said to offers. It outlives the trace and the call in which it was said.
offer_answers = Table(
    "offer_answers",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    Column("offer", Text, nullable=False),  # the suggestion's id: ``birthday``, ``quote_open:12``
    Column("answer", Text, nullable=False),  # accepted, later, no
    Column("reason", JSON, nullable=False),  # {"code", "params"}; {} where it is not known
    foreign_key_column("call_id", "calls.id", gone="SET NULL", nullable=True, index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("agent"),  # the display name at that time
    timestamp_column("at"),
    Index(None, "customer_id", "at"),
)

# Exports and erasures: when, by whom, how much; never of whom.
privacy_records = Table(
    "privacy_records",
    metadata,
    id_column(),
    timestamp_column("at"),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    Column("what", Text, nullable=False),  # exported, erased
    Column("figures", JSON, nullable=False),
)

# One row for each time a note was written or corrected on the call's page; never the text.
call_note_changes = Table(
    "call_note_changes",
    metadata,
    id_column(),
    foreign_key_column("note_id", "call_notes.id", gone="CASCADE", index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
)

# Missed calls that an agent marked as done; those of the same caller go together.
missed_calls_done = Table(
    "missed_calls_done",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    Column("with_call_id", IdType, nullable=False, index=True),  # the call whose row was pressed
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("done_at"),
    Index(None, "user_id", "done_at"),
)

all_tables = metadata
"""Those of ``store.schema.tables`` and these."""
