"""Statements of the caller lookup, built once. Indexed equality only: no scan on the hot path.

Columns are the fields of ``lookup_columns`` in their order, each row as one JSON array. A customer
comes with trips, cases and calls in one statement: on PostgreSQL that makes one round trip of the
lookup, on SQLite it takes a quarter off the read (``make benchmark ARGS="--only customers"``).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import KeyedColumnElement

from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.lookup.lookup_columns import (
    MAX_TRIPS,
    CallColumns,
    CaseColumns,
    CustomerColumns,
    DocumentColumns,
    PersonRefColumns,
    PhoneColumns,
    RelatedColumns,
    TripColumns,
)
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import (
    customer_documents,
    number_choices,
    trip_travellers,
)
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import (
    call_notes,
    calls,
    cases,
    customer_phones,
    customers,
    households,
    trips,
)
from screenpop.store.schema.value_tables import customer_values

MAX_EXACT_MATCHES = 12
"""More customers than this on one number are a switchboard, not a person to greet."""
MAX_MAYBE_MATCHES = 5
_MAYBE_ROWS = 3 * MAX_MAYBE_MATCHES  # one customer may have the same digits in several rows
MAX_CASES = 20
MAX_CALLS = 5
MAX_DOCUMENTS = 20
MOST_MEMBERS = 50
"""Members of a household whose cases are read; a larger group is not one family."""

_company = households.alias("company")

Columns = tuple[ColumnElement[Any], ...]
_talked_at = (
    select(func.max(calls.c.answered_at))
    # As in the partial index, so that it is used.
    .where(calls.c.customer_id == customers.c.id, literal_column("calls.talk_s >= 10.0", Boolean))
    .correlate(customers)
    .scalar_subquery()
)


def _of_customer(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column of the one row that a customer has in a table: a join makes worse plans."""
    theirs = column.table.c.customer_id == customers.c.id
    return select(column).where(theirs).correlate(customers).scalar_subquery()


def _columns_of(
    row: type[tuple[Any, ...]], table: FromClause, **others: ColumnElement[Any]
) -> Columns:
    """Return the columns of a row's fields, in their order: of the table unless given."""
    fields: tuple[str, ...] = getattr(row, "_fields")  # noqa: B009 - a NamedTuple has them
    return tuple(others[field] if field in others else table.c[field] for field in fields)


def customer_columns(household: ColumnElement[str]) -> Columns:
    return _columns_of(CustomerColumns, customers, household=household.label("household"))


CUSTOMER_COLUMNS: Columns = (
    *customer_columns(func.coalesce(households.c.name, _company.c.name, "")),
    *_columns_of(PhoneColumns, customer_phones),
    *_columns_of(
        RelatedColumns,
        customers,
        company=_company.c.name.label("company"),
        member_of=customers.c.household_id.label("member_of"),
        talked_at=_talked_at.label("talked_at"),
        rhythm_due=_of_customer(customer_rhythms.c.due).label("rhythm_due"),
        lapsed_from=_of_customer(customer_rhythms.c.lapsed_from).label("lapsed_from"),
        chance=_of_customer(customer_values.c.chance).label("chance"),
        percentile=_of_customer(customer_values.c.percentile).label("percentile"),
        value=_of_customer(customer_values.c.card).label("value"),
    ),
)
TRIP_COLUMNS = _columns_of(TripColumns, trips)
CASE_COLUMNS = _columns_of(CaseColumns, cases)
DOCUMENT_COLUMNS = _columns_of(DocumentColumns, customer_documents)
_buyer = customers.alias("buyer")
_member = customers.alias("member")
_ZERO: ColumnElement[int] = literal_column("0")
_EMPTY: ColumnElement[str] = literal_column("''")
# Price and rating belong to the buyer.
TRAVELLED: Columns = (
    *_columns_of(
        TripColumns,
        trips,
        price=_ZERO.label("price"),
        paid=_ZERO.label("paid"),
        currency=_EMPTY.label("currency"),
        rating=literal_column("NULL").label("rating"),
        payments=literal_column("NULL").label("payments"),
        own=literal_column("NULL").label("own"),
    ),
    *_columns_of(PersonRefColumns, _buyer, id=_buyer.c.id.label("buyer_id")),
)
"""A trip that another customer has booked: ``TRIP_COLUMNS`` and the buyer."""
HOUSEHOLD_CASE: Columns = (
    *CASE_COLUMNS,
    *_columns_of(PersonRefColumns, _member, id=_member.c.id.label("member_id")),
)
_note = (
    select(call_notes.c.text)
    .where(call_notes.c.call_id == calls.c.id)
    .order_by(call_notes.c.changed_at.desc())
    .limit(1)
    .scalar_subquery()
)
CALL_COLUMNS = _columns_of(CallColumns, calls, agent=users.c.display_name, note=_note.label("note"))


def customers_where(
    condition: ColumnElement[bool], most: int, columns: Columns = CUSTOMER_COLUMNS
) -> Select[Any]:
    return (
        select(*columns)
        .select_from(
            customer_phones.join(customers, customers.c.id == customer_phones.c.customer_id)
            .outerjoin(households, households.c.id == customers.c.household_id)
            .outerjoin(_company, _company.c.id == customers.c.company_id)
        )
        .where(condition)
        .order_by(customer_phones.c.id)
        .limit(most)
    )


def trips_where(condition: ColumnElement[bool], columns: Columns = TRIP_COLUMNS) -> Select[Any]:
    """Return trips, newest first; a trip without a day is an enquiry and sorts as the newest."""
    return (
        select(*columns)
        .where(condition)
        .order_by(trips.c.departs.desc().nulls_first(), trips.c.id.desc())
        .limit(MAX_TRIPS)
    )


def cases_where(condition: ColumnElement[bool], columns: Columns = CASE_COLUMNS) -> Select[Any]:
    return (
        select(*columns)
        .where(condition, cases.c.state != "closed")
        .order_by(cases.c.id)
        .limit(MAX_CASES)
    )


def travelled_where(traveller: ColumnElement[bool], columns: Columns = TRAVELLED) -> Select[Any]:
    """Return trips that a customer travels on and another one has booked, newest first."""
    return (
        select(*columns)
        .select_from(
            trip_travellers.join(trips, trips.c.id == trip_travellers.c.trip_id).join(
                _buyer, _buyer.c.id == trips.c.customer_id
            )
        )
        .where(traveller, trips.c.customer_id != trip_travellers.c.customer_id)
        .order_by(trips.c.departs.desc().nulls_first(), trips.c.id.desc())
        .limit(MAX_TRIPS)
    )


def household_cases_where(
    household: ColumnElement[Any], of: FromClause, columns: Columns = HOUSEHOLD_CASE
) -> Select[Any]:
    """Return open cases of the members of a household, the caller's own among them.

    ``of`` is the outer query's table that has the column ``household``.
    """
    member = customers.alias("one_of_them")
    members = (
        select(member.c.id)
        .where(member.c.household_id == household)
        .order_by(member.c.id)
        .limit(MOST_MEMBERS)
        .correlate(of)  # two levels up, where it is not found without being named
    )
    return (
        select(*columns)
        .select_from(_member.join(cases, cases.c.customer_id == _member.c.id))
        .where(_member.c.id.in_(members), cases.c.state != "closed")
        .order_by(cases.c.id)
        .limit(MAX_CASES)
    )


def documents_where(
    condition: ColumnElement[bool], columns: Columns = DOCUMENT_COLUMNS
) -> Select[Any]:
    """Return the days of passports and visas, the newest entry first."""
    kind = customer_documents.c.kind
    travel = or_(*(kind == literal_column(f"'{one}'", Text) for one in ("passport", "visa")))
    return (
        select(*columns)
        .where(condition, travel, customer_documents.c.expires.is_not(None))
        .order_by(customer_documents.c.id.desc())
        .limit(MAX_DOCUMENTS)
    )


def calls_where(condition: ColumnElement[bool], columns: Columns = CALL_COLUMNS) -> Select[Any]:
    """Return the last finished calls; the call in progress is not a past call of the caller."""
    return (
        select(*columns)
        .select_from(calls.outerjoin(users, users.c.id == calls.c.agent_id))
        .where(condition, calls.c.disposition != literal_column(f"'{IN_PROGRESS}'", Text))
        .order_by(calls.c.arrived_at.desc())
        .limit(MAX_CALLS)
    )


_number = bindparam("number", type_=Text, required=False)
_nine = bindparam("nine", type_=Text, required=False)
_phone = bindparam("phone", type_=customer_phones.c.id.type, required=False)


def _as_json(columns: Columns) -> Columns:
    return (func.json_array(*columns),)


def _joined(rows: Select[Any], name: str) -> ColumnElement[str | None]:
    """Return the rows' JSON as one text with commas between; None without rows.

    Joined as texts: json_group_array takes JSON from a subquery for JSON only as long as SQLite
    does not sort or store its rows.
    """
    [row] = (found := rows.correlate(customers).subquery(name)).c
    return select(func.group_concat(row)).select_from(found).scalar_subquery()


def _file_as_json() -> Columns:
    """Return a customer's row, trips, cases, calls, travels, household cases, documents as JSON."""
    customer_id, household = customers.c.id, customers.c.household_id
    travels = travelled_where(trip_travellers.c.customer_id == customer_id, _as_json(TRAVELLED))
    in_household = household_cases_where(household, customers, _as_json(HOUSEHOLD_CASE))
    return (
        *_as_json(CUSTOMER_COLUMNS),
        _joined(trips_where(trips.c.customer_id == customer_id, _as_json(TRIP_COLUMNS)), "t_rows"),
        _joined(cases_where(cases.c.customer_id == customer_id, _as_json(CASE_COLUMNS)), "s_rows"),
        _joined(calls_where(calls.c.customer_id == customer_id, _as_json(CALL_COLUMNS)), "l_rows"),
        _joined(travels, "v_rows"),
        # Without the condition SQLite would set up the sort even for a customer in no household.
        case((household.is_not(None), _joined(in_household, "h_rows"))),
        _joined(
            documents_where(
                customer_documents.c.customer_id == customer_id, _as_json(DOCUMENT_COLUMNS)
            ),
            "d_rows",
        ),
    )


# SQLite's own statements, run one after the other on the loop; mostly only the first one.
_FILE = _file_as_json()
EXACT = customers_where(customer_phones.c.e164 == _number, MAX_EXACT_MATCHES, _FILE)
PHONES = (
    select(customer_phones.c.id, customer_phones.c.customer_id)
    .where(customer_phones.c.last_nine == _nine)
    .order_by(customer_phones.c.id)
    .limit(_MAYBE_ROWS)
)
"""First for the last nine digits: with the files in it, the statement takes 10 µs for no phone."""
BY_PHONE = customers_where(customer_phones.c.id == _phone, 1, _FILE)
CHOSEN = select(number_choices.c.customer_id).where(number_choices.c.e164 == _number)
CALLS_OF_NUMBER = calls_where(calls.c.e164 == _number, _as_json(CALL_COLUMNS))


def scanned_tables(plan: Iterable[str]) -> list[str]:
    """Return the steps of an SQLite query plan that read a whole table.

    The rows of our own subqueries, named ``..._rows``, are no table.
    """
    scans = [step for step in plan if step.startswith("SCAN")]
    return [step for step in scans if not step.split()[1].endswith("_rows")]


def lookup_statement() -> Select[Any]:
    """Return the whole lookup as one row of JSON, for a database that is a round trip away.

    ``[[exact person, trips, cases, calls, travels, household cases, documents], ...], [maybe ...],
    [calls of the number]``, and the customer chosen the last time.
    """
    place = customer_phones.c.id.label("place")
    exact = customers_where(
        customer_phones.c.e164 == _number, MAX_EXACT_MATCHES, (*CUSTOMER_COLUMNS, place)
    ).cte("exact")
    maybe = customers_where(
        and_(
            customer_phones.c.last_nine == _nine,
            # Only when no customer has exactly this number.
            or_(
                _number.is_(null()),
                ~select(customer_phones.c.id.label("any_one"))
                .where(customer_phones.c.e164 == _number)
                .exists(),
            ),
        ),
        _MAYBE_ROWS,
        (*CUSTOMER_COLUMNS, place),
    ).cte("maybe")
    parts: list[ColumnElement[Any]] = [
        _files(exact),
        _files(maybe),
        _rows(calls_where(calls.c.e164 == _number), "number_calls"),
        select(number_choices.c.customer_id)
        .where(number_choices.c.e164 == _number)
        .scalar_subquery(),
    ]
    return select(*parts)


def _files(people: CTE) -> ColumnElement[object]:
    columns = list(people.c)[: len(CUSTOMER_COLUMNS)]
    customer_id = people.c.id
    file = func.json_build_array(
        func.json_build_array(*columns),
        _rows(trips_where(trips.c.customer_id == customer_id).correlate(people), "t"),
        _rows(cases_where(cases.c.customer_id == customer_id).correlate(people), "s"),
        _rows(calls_where(calls.c.customer_id == customer_id).correlate(people), "l"),
        _rows(travelled_where(trip_travellers.c.customer_id == customer_id).correlate(people), "v"),
        _rows(household_cases_where(people.c.member_of, people).correlate(people), "h"),
        _rows(
            documents_where(customer_documents.c.customer_id == customer_id).correlate(people), "d"
        ),
    )
    return select(func.json_agg(aggregate_order_by(file, people.c.place))).scalar_subquery()


def _rows(rows: Select[Any], name: str) -> ColumnElement[object]:
    found = rows.subquery(name)
    columns: list[KeyedColumnElement[object]] = list(found.c)
    return select(func.json_agg(func.json_build_array(*columns))).scalar_subquery()
