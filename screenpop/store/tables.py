"""What the records look like on disk. Every change here needs a migration beside it.

Days are dates; moments are seconds since 1970 (UTC) as floats, as everywhere in calls. Codes
(tier, state, outcome ...) are text as their enums spell them.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only in a column that is called INTEGER.
_Id: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


def _words(name: str) -> Column[str]:
    """Text that is empty when there is nothing to say."""
    return Column(name, Text, nullable=False, server_default="")


def _moment(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def _points_to(
    name: str,
    target: str,
    *,
    gone: str,
    nullable: bool = False,
    index: bool = False,
    primary_key: bool = False,
) -> Column[int]:
    """A foreign key; ``gone`` says what happens here when the other row goes."""
    return Column(
        name,
        _Id,
        ForeignKey(target, ondelete=gone),
        nullable=nullable,
        index=index,
        primary_key=primary_key,
        autoincrement=False if primary_key else "auto",
    )


def _position() -> Column[int]:
    return Column("position", Integer, primary_key=True, autoincrement=False)


meta = Table("meta", metadata, Column("key", Text, primary_key=True), _words("value"))

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    _moment("changed_at"),
)

import_batches = Table(
    "import_batches",
    metadata,
    _id(),
    _words("filename"),
    _moment("imported_at"),
    Column("rows_in", Integer, nullable=False, server_default="0"),
    Column("rows_refused", Integer, nullable=False, server_default="0"),
    _moment("undone_at", nullable=True),
    # Customers added and changed, trips added; ``running`` until the last chunk is in.
    Column("customers_in", Integer, nullable=False, server_default="0"),
    Column("customers_changed", Integer, nullable=False, server_default="0"),
    Column("trips_in", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="done"),
)

households = Table(
    "households",
    metadata,
    _id(),
    Column("kind", Text, nullable=False, server_default="household"),  # or company
    Column("name", Text, nullable=False),
    UniqueConstraint("kind", "name"),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    Column("title", Text, nullable=False, server_default="none"),
    Column("gender", Text, nullable=False, server_default="unsaid"),
    # [{"language", "given", "family"}], the name as first written first.
    Column("names", JSON, nullable=False),
    _words("language"),
    Column("birthday", Date),
    Column("anniversary", Date),
    Column("tier", Text, nullable=False, server_default="none"),
    Column("vip", Boolean, nullable=False, server_default=false()),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    _words("currency"),
    Column("marketing_consent", Boolean),
    Column("customer_since", Date),
    _words("preferences"),
    Column("tags", JSON, nullable=False),
    Column("emails", JSON, nullable=False, server_default="[]"),
    _words("notes"),
    _points_to("household_id", "households.id", gone="SET NULL", nullable=True),
    _points_to("company_id", "households.id", gone="SET NULL", nullable=True),
    # How they travel, by subject (seat, meals, season, budget, destinations); and what they allow.
    Column("wishes", JSON, nullable=False, server_default="{}"),
    Column("consents", JSON, nullable=False, server_default="{}"),
    _points_to("owner_id", "users.id", gone="SET NULL", nullable=True),
    _points_to("referred_by_id", "customers.id", gone="SET NULL", nullable=True),
    _points_to("merged_into_id", "customers.id", gone="SET NULL", nullable=True),
    # What a search looks through, as store.finding writes it; the second is not for everybody.
    _words("folded"),
    _words("folded_notes"),
    _moment("created_at"),
    _moment("changed_at"),
    _points_to("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True, index=True),
)
for _few in ("household_id", "company_id", "merged_into_id", "referred_by_id"):
    # Most customers have none of these: an index of all would be dear, and mislead SQLite.
    _some = customers.c[_few].is_not(None)
    Index(None, customers.c[_few], sqlite_where=_some, postgresql_where=_some)

# Many customers to many numbers: a shared number is a row for each who shares it.
customer_phones = Table(
    "customer_phones",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE"),
    Column("raw", Text, nullable=False),
    Column("e164", Text, index=True),
    Column("last_nine", Text, index=True),
    _words("label"),
    Column("since", Date),
    Column("verified_on", Date),
    UniqueConstraint("customer_id", "e164"),
)

trips = Table(
    "trips",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE"),
    _words("destination"),
    _words("country"),
    Column("product", Text, nullable=False, server_default="other"),
    Column("departs", Date),
    Column("returns", Date),
    Column("status", Text, nullable=False, server_default="asked"),
    Column("adults", Integer, nullable=False, server_default="1"),
    Column("children", Integer, nullable=False, server_default="0"),
    Column("price", BigInteger, nullable=False, server_default="0"),
    Column("paid", BigInteger, nullable=False, server_default="0"),
    _words("currency"),
    Column("visa", Text, nullable=False, server_default="not_needed"),
    _words("note"),
    Column("rating", Integer),
    _words("supplier"),
    Column("margin", BigInteger, nullable=False, server_default="0"),
    Column("feedback_asked", Date),
    _words("feedback"),
    _points_to("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True),
    _words("as_imported"),  # a mark of the trip as it came, to tell whether it was changed since
    Index(None, "customer_id", "departs"),
)

cases = Table(
    "cases",
    metadata,
    _id(),
    _points_to("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    _words("subject"),
    Column("opened", Date, nullable=False),
    _words("promised_by"),
    Column("promised_for", Date),
    Column("closed", Date),
    _points_to("import_batch_id", "import_batches.id", gone="SET NULL", nullable=True),
    _words("as_imported"),  # as of trips
)

# What an import changed on customers who were there before, so that it can be undone.
import_changes = Table(
    "import_changes",
    metadata,
    _id(),
    _points_to("batch_id", "import_batches.id", gone="CASCADE", index=True),
    _points_to("customer_id", "customers.id", gone="CASCADE", index=True),
    Column("changes", JSON, nullable=False),
)

# A sheet that stays in Excel, and each of its rows as it was last read.
watched_sheets = Table(
    "watched_sheets",
    metadata,
    _id(),
    Column("path", Text, nullable=False, unique=True),
    _words("sha256"),
    Column("choice", JSON),  # what each column is, as a person chose it
    _moment("read_at", nullable=True),
    _words("problem"),  # the code of what was wrong at the last reading
)

watched_rows = Table(
    "watched_rows",
    metadata,
    _id(),
    _points_to("sheet_id", "watched_sheets.id", gone="CASCADE", index=True),
    Column("line", Integer, nullable=False),
    Column("mark", Text, nullable=False),  # a digest of the person, all that is kept of one erased
    Column("draft", JSON),
    _points_to("customer_id", "customers.id", gone="SET NULL", nullable=True, index=True),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("username", Text, nullable=False, unique=True),  # folded: one name, one person
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    _moment("created_at"),
    _moment("password_changed_at", nullable=True),
    # A deleted user keeps the row, so that calls and histories keep the name.
    _moment("deleted_at", nullable=True),
)

user_endpoints = Table(
    "user_endpoints",
    metadata,
    _id(),
    _points_to("user_id", "users.id", gone="CASCADE", index=True),
    _words("pbx"),  # empty: on any PBX
    Column("endpoint", Text, nullable=False),
    UniqueConstraint("pbx", "endpoint"),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("token_hash", Text, nullable=False, unique=True),
    _points_to("user_id", "users.id", gone="CASCADE", index=True),
    Column("csrf", Text, nullable=False),
    _moment("created_at"),
    _moment("last_seen_at"),
    Column("expires_at", Double, nullable=False, index=True),
    _words("browser"),
    _words("address"),
    _moment("confirmed_at", nullable=True),  # the password was typed again in this session
)

# Logins and failed logins; ``user_id`` is empty when there is no user of the name that was typed.
login_records = Table(
    "login_records",
    metadata,
    _id(),
    _moment("at"),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True),
    Column("outcome", Text, nullable=False),
    _words("address"),
    _words("browser"),
    Index(None, "at", "id"),
)

calls = Table(
    "calls",
    metadata,
    _id(),
    Column("pbx", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("linkedid", Text, nullable=False),
    Column("direction", Text, nullable=False),
    _words("caller_raw"),
    _words("caller_name"),
    _words("folded"),  # the caller's name and digits, for the search
    Column("withheld", Boolean, nullable=False, server_default=false()),
    Column("caller_kind", Text, nullable=False),
    Column("e164", Text),
    _words("called"),
    _words("did"),
    _words("queue"),
    _moment("arrived_at"),
    _moment("answered_at", nullable=True),
    _moment("ended_at"),
    Column("disposition", Text, nullable=False),
    Column("answered_by", JSON, nullable=False),  # phones and numbers outside, in order
    Column("wait_s", Double),
    Column("talk_s", Double),
    Column("estimated", Boolean, nullable=False, server_default=false()),
    Column("before_pickup", Boolean),  # painted before the phone was answered
    _points_to("customer_id", "customers.id", gone="SET NULL", nullable=True),
    _points_to("agent_id", "users.id", gone="SET NULL", nullable=True),  # who spoke last
    _moment("kept_at"),
    # In this order it also finds a call of which only PBX and Linkedid are known.
    UniqueConstraint("pbx", "linkedid", "boot"),
    Index(None, "customer_id", "arrived_at"),
    Index(None, "e164", "arrived_at"),
    Index(None, "agent_id", "arrived_at"),
    Index(None, "arrived_at", "id"),
)
_missed = text("direction = 'inbound' AND disposition <> 'answered'")
Index("ix_calls_missed", calls.c.arrived_at, sqlite_where=_missed, postgresql_where=_missed)
_in_queue = (calls.c.queue, calls.c.arrived_at, calls.c.id)
_queued = text("queue <> ''")
Index("ix_calls_queued", *_in_queue, sqlite_where=_queued, postgresql_where=_queued)

legs = Table(
    "legs",
    metadata,
    _id(),
    _points_to("call_id", "calls.id", gone="CASCADE", index=True),
    Column("pbx", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("uniqueid", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    _words("queue"),
    _moment("rang_at"),
    _moment("answered_at", nullable=True),
    _moment("ended_at"),
    Column("outcome", Text, nullable=False),
    Column("rang", Boolean, nullable=False),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    _words("dialled"),  # the number, where a trunk leads outside
    _words("stopped_by"),  # the phone or number that answered instead
    UniqueConstraint("pbx", "boot", "uniqueid"),
)

transfers = Table(
    "transfers",
    metadata,
    _points_to("call_id", "calls.id", gone="CASCADE", primary_key=True),
    _position(),
    Column("origin", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _moment("at"),
)

receipts = Table(
    "receipts",
    metadata,
    _points_to("call_id", "calls.id", gone="CASCADE", primary_key=True),
    _position(),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    Column("endpoint", Text, nullable=False),
    _moment("sent_at", nullable=True),
    _moment("received_at", nullable=True),
    _moment("painted_at", nullable=True),
    _moment("seen_at", nullable=True),
    Column("before_pickup", Boolean),
)

call_traces = Table(
    "call_traces",
    metadata,
    _points_to("call_id", "calls.id", gone="CASCADE", primary_key=True),
    Column("steps", JSON, nullable=False),
)

# A note can be written before its call has ended, so before there is a row to point to.
call_notes = Table(
    "call_notes",
    metadata,
    _id(),
    Column("pbx", Text, nullable=False),
    Column("boot", Text),
    Column("linkedid", Text, nullable=False),
    _points_to("call_id", "calls.id", gone="CASCADE", nullable=True),
    _points_to("user_id", "users.id", gone="SET NULL", nullable=True, index=True),
    _words("text"),
    _moment("changed_at"),
    UniqueConstraint("call_id", "user_id"),
    Index(
        "ix_call_notes_waiting",
        "pbx",
        "linkedid",
        sqlite_where=text("call_id IS NULL"),
        postgresql_where=text("call_id IS NULL"),
    ),
)
