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

from screenpop.store.tables import _Id, _id, _moment, _points_to, _words, metadata

# Who goes on a trip; its customer is who bought it, and may stay at home.
trip_travellers = Table(
    "trip_travellers",
    metadata,
    _id(),
    _points_to("trip_id", "trips.id", gone="CASCADE", index=True),
    _points_to("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
    _words("name"),  # of one who has no file
    Column("child", Boolean, nullable=False, server_default=false()),
)

case_steps = Table(
    "case_steps",
    metadata,
    _id(),
    _points_to("case_id", "cases.id", gone="CASCADE", index=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("at"),
    Column("what", Text, nullable=False),  # opened, said, state, promised
    _words("text"),
    Column("due", Date),
)

# ``changes``: {field: [before, after]}, as JSON can hold them.
customer_changes = Table(
    "customer_changes",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE"),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("at"),
    Column("what", Text, nullable=False),
    Column("changes", JSON, nullable=False),
    Index(None, "customer_id", "at"),
)

# One row for a visit, however often the page is loaded meanwhile.
customer_looks = Table(
    "customer_looks",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE"),
    _points_to("user_id", "users.id", gone="CASCADE"),
    _moment("first_at"),
    _moment("last_at"),
    Column("times", Integer, nullable=False, server_default="1"),
    Index(None, "customer_id", "last_at"),
)

# Customers of a sheet whom the search on SQLite does not know yet; see store.finding.
customers_to_find = Table(
    "customers_to_find",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
)

# Who it was the last time, of several on one number.
number_choices = Table(
    "number_choices",
    metadata,
    Column("e164", Text, primary_key=True),
    _points_to("customer_id", "customers.id", gone="CASCADE", index=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("at"),
)

# ``moved`` and ``before`` hold what an undo needs.
customer_merges = Table(
    "customer_merges",
    metadata,
    _id(),
    _points_to("kept_id", "customers.id", gone="CASCADE", index=True),
    _points_to("gone_id", "customers.id", gone="CASCADE", index=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("at"),
    _moment("undone_at", nullable=True),
    Column("moved", JSON, nullable=False),
    Column("before", JSON, nullable=False),
)

# Who has said where they sit today: as long as that session lasts, and one person a phone.
desk_logins = Table(
    "desk_logins",
    metadata,
    _points_to("session_id", "sessions.id", gone="CASCADE", primary_key=True),
    _words("pbx"),  # empty: whatever PBX
    Column("endpoint", Text, nullable=False),
    _moment("at"),
    UniqueConstraint("pbx", "endpoint"),
)

# Phones that were dialled while nobody was known to sit at them.
lonely_phones = Table(
    "lonely_phones",
    metadata,
    Column("pbx", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    _moment("first_at"),
    _moment("last_at"),
)

# What customers said to offers. It outlives the trace and the call in which it was said.
offer_answers = Table(
    "offer_answers",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE"),
    Column("offer", Text, nullable=False),  # the suggestion's id: ``birthday``, ``quote_open:12``
    Column("answer", Text, nullable=False),  # accepted, later, no
    Column("reason", JSON, nullable=False),  # {"code", "params"}; {} where it is not known
    _points_to("call_id", "calls.id", gone="SET NULL", nullable=True, index=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _words("agent"),  # the display name at that time
    _moment("at"),
    Index(None, "customer_id", "at"),
)

# Exports and erasures: when, by whom, how much; never of whom.
privacy_records = Table(
    "privacy_records",
    metadata,
    _id(),
    _moment("at"),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    Column("what", Text, nullable=False),  # exported, erased
    Column("figures", JSON, nullable=False),
)

# One row for each time a note was written or corrected on the call's page; never the text.
call_note_changes = Table(
    "call_note_changes",
    metadata,
    _id(),
    _points_to("note_id", "call_notes.id", gone="CASCADE", index=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("at"),
)

# Missed calls that an agent marked as done; those of the same caller go together.
missed_calls_done = Table(
    "missed_calls_done",
    metadata,
    _points_to("call_id", "calls.id", gone="CASCADE", primary_key=True),
    Column("with_call_id", _Id, nullable=False, index=True),  # the call whose row was pressed
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    _moment("done_at"),
    Index(None, "user_id", "done_at"),
)

all_tables = metadata
"""Those of ``store.tables`` and these."""
