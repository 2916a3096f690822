"""Tables of the database, second half: travellers, case history, audit log, merges, hot desks."""

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
    text,
)

from screenpop.store.schema import (
    account_tables,
    api_token_tables,
    attachment_tables,
    board_link_tables,
    branch_tables,
    calendar_feed_tables,
    call_view_tables,
    company_tables,
    form_draft_tables,
    hidden_file_tables,
    list_order_tables,
    match_tables,
    offer_tables,
    own_field_tables,
    payment_tables,
    point_tables,
    process_tables,
    refusal_tables,
    retention_tables,
    second_factor_tables,
    segment_tables,
    team_tables,
    trip_board_tables,
    value_tables,
    voucher_tables,
    webhook_tables,
    work_list_tables,
)
from screenpop.store.schema.columns import (
    IdType,
    foreign_key_column,
    free_text_column,
    id_column,
    text_column,
    timestamp_column,
)
from screenpop.store.schema.tables import calls, metadata

# Travellers of a trip; the trip's customer is the buyer, who may stay at home.
trip_travellers = Table(
    "trip_travellers",
    metadata,
    id_column(),
    foreign_key_column("trip_id", "trips.id", gone="CASCADE", index=True),
    foreign_key_column("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
    text_column("name"),  # of a traveller who is no customer
    Column("child", Boolean, nullable=False, server_default=false()),
)

case_steps = Table(
    "case_steps",
    metadata,
    id_column(),
    foreign_key_column("case_id", "cases.id", gone="CASCADE", index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
    Column("what", Text, nullable=False),  # as ``CaseStep.what``
    free_text_column("text"),
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

# One row a visit, however often the page is reloaded meanwhile.
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

# Imported customers that are not in SQLite's search index yet; see store.search.queries.
customers_to_find = Table(
    "customers_to_find",
    metadata,
    Column("id", IdType, primary_key=True, autoincrement=False),
)

# The customer chosen the last time, of several with one number.
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

# Hot-desk logins: valid for the session that made them, one user a phone.
desk_logins = Table(
    "desk_logins",
    metadata,
    foreign_key_column("session_id", "sessions.id", gone="CASCADE", primary_key=True),
    text_column("pbx"),  # empty: any PBX
    Column("endpoint", Text, nullable=False),
    timestamp_column("at"),
    UniqueConstraint("pbx", "endpoint"),
)

# Phones that were dialled while no agent was assigned to them.
lonely_phones = Table(
    "lonely_phones",
    metadata,
    Column("pbx", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    timestamp_column("first_at"),
    timestamp_column("last_at"),
)

# Customers' answers to offers; kept longer than the trace and the call they came from.
offer_answers = Table(
    "offer_answers",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    Column("offer", Text, nullable=False),  # the suggestion's id: ``birthday``, ``quote_open:12``
    Column("answer", Text, nullable=False),  # accepted, later, no
    text_column("why"),  # of a no, as ``offers.quiet.DECLINE_REASONS``
    Column("reason", JSON, nullable=False),  # {"code", "params"}; {} where it is not known
    foreign_key_column("call_id", "calls.id", gone="SET NULL", nullable=True, index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    text_column("agent"),  # the display name at that time
    timestamp_column("at"),
    Index(None, "customer_id", "at"),
    Index(None, "offer", "answer"),
)

# What was promised to a customer, for which day; rules in ``screenpop.follow_ups``.
follow_ups = Table(
    "follow_ups",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    foreign_key_column("call_id", "calls.id", gone="SET NULL", nullable=True),
    Column("due", Date, nullable=False),
    Column("snoozed_until", Date),
    free_text_column("promise"),
    Column("source", Text, nullable=False),  # as ``FollowUpSource``
    text_column("offer"),  # the id of the offer that was answered with "later"
    Column("state", Text, nullable=False),  # as ``FollowUpState``
    foreign_key_column("assigned_to_id", "users.id", gone="SET NULL", nullable=True),
    foreign_key_column("made_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("made_at"),
    foreign_key_column("closed_by_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("closed_at", nullable=True),
    Column("request_key", Text, unique=True),  # a repeated request makes no second row
)
_open_follow_up, _of_call = text("state = 'open'"), text("call_id IS NOT NULL")
Index(
    "ix_follow_ups_open",
    follow_ups.c.assigned_to_id,
    follow_ups.c.due,
    sqlite_where=_open_follow_up,
    postgresql_where=_open_follow_up,
)
Index(
    "ix_follow_ups_call_id",
    follow_ups.c.call_id,
    sqlite_where=_of_call,
    postgresql_where=_of_call,
)

# Purposes and agents' dispositions as the office edits them; never deleted, as calls refer to them.
call_purposes = Table(
    "call_purposes",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False, server_default="purpose"),  # as calls.labels.LabelKind
    Column("names", JSON, nullable=False),  # {language: name}
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("opens_case", Boolean, nullable=False, server_default=false()),
)

# What an agent chose for a call. Not columns of ``calls``, whose rows the log writes as a whole.
call_labels = Table(
    "call_labels",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    foreign_key_column(
        "purpose_id", "call_purposes.id", gone="SET NULL", nullable=True, index=True
    ),
    foreign_key_column(
        "agent_disposition_id", "call_purposes.id", gone="SET NULL", nullable=True, index=True
    ),
    foreign_key_column("case_id", "cases.id", gone="SET NULL", nullable=True, index=True),
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("changed_at", nullable=True),
)

# What customers were asked for on the phone; ``answer``: empty, given, declined.
asked_facts = Table(
    "asked_facts",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE"),
    Column("fact", Text, nullable=False),  # as ``customers.missing_facts.Fact``
    Column("card", Text, nullable=False, index=True),  # the id of the card that asked
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    Column("asked_on", Date, nullable=False),
    free_text_column("answer"),
    timestamp_column("answered_at", nullable=True),
    Index(None, "customer_id", "asked_on"),
)

# Exports and erasures: when, by which user, how much; never of which customer.
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

# Missed calls that an agent marked as done; the calls of one caller share a mark.
missed_calls_done = Table(
    "missed_calls_done",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    Column(
        "with_call_id", IdType, nullable=False, index=True
    ),  # the call on whose row the button was pressed
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("done_at"),
    Index(None, "user_id", "done_at"),
)

# Callbacks that a user has taken: one row a callback, on its oldest open attempt.
callbacks_taken = Table(
    "callbacks_taken",
    metadata,
    foreign_key_column("call_id", "calls.id", gone="CASCADE", primary_key=True),
    foreign_key_column("user_id", "users.id", gone="CASCADE", index=True),
    timestamp_column("taken_at"),
)

# Talks that close a callback: of at least ``follow_ups.work_list.MIN_TALK_S``.
_talked = text("talk_s >= 10.0")
_talked_raw = text("talk_s >= 10.0 AND e164 IS NULL")
for _name, _side, _talks in (
    ("ix_calls_talked_e164", calls.c.e164, _talked),
    ("ix_calls_talked_customer", calls.c.customer_id, _talked),
    ("ix_calls_talked_raw", calls.c.caller_raw, _talked_raw),
    ("ix_calls_talked_called", calls.c.called, _talked_raw),
):
    Index(_name, _side, calls.c.answered_at, sqlite_where=_talks, postgresql_where=_talks)

# Agents' states: one row a time in one state, the newest without an end.
agent_states = Table(
    "agent_states",
    metadata,
    id_column(),
    foreign_key_column("user_id", "users.id", gone="CASCADE"),
    Column("state", Text, nullable=False),  # as agents.availability.AgentState
    text_column("reason"),  # of a pause, also under a call
    text_column("reason_text"),  # in the PBX's words, if it is none of ours
    timestamp_column("begun_at"),
    timestamp_column("until", nullable=True),  # of a wrap-up
    timestamp_column("ended_at", nullable=True),
    Column("estimated", Boolean, nullable=False, server_default=false()),
    Index(None, "user_id", "begun_at"),
    Index(None, "begun_at"),
)

# Passports, visas, memberships; numbers are sealed, see store.engine.document_key.
customer_documents = Table(
    "customer_documents",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("kind", Text, nullable=False),  # as customers.documents.DocumentKind
    text_column("country"),  # ISO 3166-1 alpha-2
    text_column("issuer"),  # the airline or club
    text_column("name"),  # as in the passport
    text_column("number_sealed"),
    text_column("number_mark"),  # a keyed hash of the normalised number, for searches
    text_column("doubt"),  # as customers.documents.DocumentProblem
    Column("valid_from", Date),
    Column("expires", Date),
    timestamp_column("created_at"),
    timestamp_column("changed_at"),
)
_has_number = text("number_mark <> ''")
Index(
    "ix_customer_documents_number_mark",
    customer_documents.c.number_mark,
    sqlite_where=_has_number,
    postgresql_where=_has_number,
)

# Numbers, documents and attachments that were removed, for the undo; deleted after a day.
removed_items = Table(
    "removed_items",
    metadata,
    id_column(),
    foreign_key_column("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("kind", Text, nullable=False),  # as store.customers.removed.RemovedKind
    Column("row", JSON, nullable=False),  # its columns; what was sealed stays sealed
    foreign_key_column("user_id", "users.id", gone="SET NULL", nullable=True),
    timestamp_column("at"),
)

# Stored words of customers by their keys; written by store.search.similar_words.
search_word_keys = Table(
    "search_word_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    sqlite_with_rowid=False,
)

TABLE_MODULES = (
    *(account_tables, api_token_tables, attachment_tables, board_link_tables),
    call_view_tables,
    branch_tables,
    calendar_feed_tables,
    company_tables,
    form_draft_tables,
    hidden_file_tables,
    process_tables,
    list_order_tables,
    match_tables,
    offer_tables,
    own_field_tables,
    payment_tables,
    point_tables,
    refusal_tables,
    retention_tables,
    second_factor_tables,
    segment_tables,
    team_tables,
    trip_board_tables,
    value_tables,
    voucher_tables,
    webhook_tables,
    work_list_tables,
)
"""All other modules of tables (tests/store/engine/test_migrate.py)."""
all_tables = metadata
"""The tables of ``store.schema.tables``, of this module and of ``TABLE_MODULES``."""
