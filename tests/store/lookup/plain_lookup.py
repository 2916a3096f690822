"""The caller lookup in plain Python over whole tables: what the statements must answer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from screenpop.customers.models import (
    CallerRecord,
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    HouseholdCase,
    MoreFacts,
    PastCall,
    PersonRef,
    Phone,
    Product,
    Tier,
    Title,
    Trip,
    TripId,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_values import own_from_json
from screenpop.customers.trip_payments import summary_from_json
from screenpop.store.engine.database import Database
from screenpop.store.lookup import lookup_sql as hot
from screenpop.store.lookup.lookup_columns import MAX_TRIPS
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import number_choices, trip_travellers
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import (
    call_notes,
    calls,
    cases,
    customer_phones,
    customers,
    households,
    metadata,
    trips,
)
from screenpop.store.schema.value_tables import customer_values
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import CallId

Values = Mapping[str, Any]
_READ = (
    *(call_notes, calls, cases, customer_phones, customers, households, number_choices),
    *(trip_travellers, trips, users, customer_rhythms, customer_values),
)


@dataclass(frozen=True)
class Tables:
    """All rows of the tables that a lookup reads, by table name."""

    rows: Mapping[str, Sequence[Values]]

    def row(self, table: str, row_id: int | None) -> Values | None:
        return next((row for row in self.rows[table] if row["id"] == row_id), None)

    def of_customer(self, table: str, customer_id: int) -> Values | None:
        """Return the one row that a customer has in a table."""
        rows = (row for row in self.rows[table] if row["customer_id"] == customer_id)
        return next(rows, None)

    def where(self, table: str, **values: Any) -> list[Values]:
        rows = sorted(self.rows[table], key=lambda row: row["id"])
        return [row for row in rows if all(row[key] == value for key, value in values.items())]


async def read_tables(database: Database) -> Tables:
    async with database.reading() as connection:
        return Tables(
            {
                table.name: [
                    dict(row) for row in (await connection.execute(select(table))).mappings()
                ]
                for table in _READ
            }
        )


async def empty_tables(database: Database) -> None:
    async with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table in _READ:
                await connection.execute(table.delete())


def plain_lookup(tables: Tables, caller: CallerId) -> CallerRecord:
    """Return what is stored about a caller."""
    number, nine = caller.e164, caller.last_nine
    phones = [] if number is None else tables.where("customer_phones", e164=number)
    exact = phones[: hot.MAX_EXACT_MATCHES]
    maybe: dict[int, Values] = {}
    if nine is not None and not exact:
        for phone in tables.where("customer_phones", last_nine=nine)[: 3 * hot.MAX_MAYBE_MATCHES]:
            maybe.setdefault(phone["customer_id"], phone)
    of_number = [] if number is None else tables.where("calls", e164=number)
    choices = [row for row in tables.rows["number_choices"] if row["e164"] == number]
    return CallerRecord(
        number,
        tuple(_file(tables, phone) for phone in exact),
        tuple(_file(tables, phone) for phone in [*maybe.values()][: hot.MAX_MAYBE_MATCHES]),
        () if len(exact) == 1 else _past_calls(tables, of_number),
        choices[0]["customer_id"] if len(exact) > 1 and choices else None,
    )


def _file(tables: Tables, phone: Values) -> CustomerFile:
    customer_id, row = phone["customer_id"], tables.row("customers", phone["customer_id"])
    assert row is not None
    return CustomerFile(
        _customer(tables, row),
        Phone(phone["e164"], phone["raw"], phone["label"], phone["since"], phone["verified_on"]),
        _trips(tables, customer_id),
        tuple(_case(case) for case in _open_cases(tables.where("cases", customer_id=customer_id))),
        _past_calls(tables, tables.where("calls", customer_id=customer_id)),
        _household_cases(tables, row),
        more=_more(tables, row),
    )


def _more(tables: Tables, row: Values) -> MoreFacts:
    rhythm = tables.of_customer("customer_rhythms", row["id"])
    value = tables.of_customer("customer_values", row["id"])
    talks = [
        call["answered_at"]
        for call in tables.where("calls", customer_id=row["id"])
        if call["talk_s"] is not None and call["talk_s"] >= 10 and call["answered_at"] is not None
    ]
    return MoreFacts(
        tuple(row["tags"]),
        row["city"],
        row["heard_from"],
        row["owner_id"],
        row["branch_id"],
        row["referred_by_id"] is not None,
        row["emails"] != [],
        {channel: one["given"] for channel, one in row["consents"].items() if channel != "offers"},
        row["wishes"],
        max(talks, default=None),
        rhythm["due"] if rhythm else None,
        rhythm["lapsed_from"] if rhythm else None,
        value["chance"] if value else None,
        value["percentile"] if value else None,
        json.loads(value["card"] or "{}") if value else {},
        own_from_json(row["own"]),
    )


def _customer(tables: Tables, row: Values) -> Customer:
    home = tables.row("households", row["household_id"])
    company = tables.row("households", row["company_id"])
    named = next((place["name"] for place in (home, company) if place is not None), "")
    return Customer(
        CustomerId(row["id"]),
        Title(row["title"]),
        Gender(row["gender"]),
        names_from_json(row["names"]),
        row["language"],
        Tier(row["tier"]),
        row["vip"],
        row["birthday"],
        row["balance"],
        row["currency"],
        row["marketing_consent"],
        row["customer_since"],
        row["notes"],
        row["preferences"],
        named,
        row["anniversary"],
        company["name"] if company is not None else "",
    )


def _trips(tables: Tables, customer_id: int) -> tuple[Trip, ...]:
    own = _newest(tables.where("trips", customer_id=customer_id))
    booked = [
        trip
        for traveller in tables.where("trip_travellers", customer_id=customer_id)
        if (trip := tables.row("trips", traveller["trip_id"])) is not None
        and trip["customer_id"] != customer_id
    ]
    every = {trip["id"]: trip for trip in [*own, *_newest(booked)]}
    return tuple(_trip(tables, trip, customer_id) for trip in _newest(every.values()))


def _newest(rows: Iterable[Values]) -> list[Values]:
    def newest(trip: Values) -> tuple[bool, date, int]:
        return trip["departs"] is None, trip["departs"] or date.max, trip["id"]

    return sorted(rows, key=newest, reverse=True)[:MAX_TRIPS]


def _trip(tables: Tables, row: Values, customer_id: int) -> Trip:
    is_own = row["customer_id"] == customer_id
    return Trip(
        TripId(row["id"]),
        row["destination"],
        row["country"],
        Product(row["product"]),
        row["departs"],
        row["returns"],
        TripStatus(row["status"]),
        row["adults"],
        row["children"],
        row["price"] if is_own else 0,
        row["paid"] if is_own else 0,
        row["currency"] if is_own else "",
        VisaState(row["visa"]),
        row["note"],
        row["rating"] if is_own else None,
        summary_from_json(json.loads(row["payments"])) if is_own and row["payments"] else None,
        own_from_json(row["own"]) if is_own else {},
        None if is_own else _reference(tables, row["customer_id"]),
    )


def _reference(tables: Tables, customer_id: int) -> PersonRef:
    row = tables.row("customers", customer_id)
    assert row is not None
    return PersonRef(
        row["id"], names_from_json(row["names"]), Title(row["title"]), Gender(row["gender"])
    )


def _open_cases(rows: Iterable[Values]) -> list[Values]:
    is_open = [row for row in rows if row["state"] != "closed"]
    return sorted(is_open, key=lambda row: int(row["id"]))[: hot.MAX_CASES]


def _case(row: Values) -> Case:
    return Case(
        CaseId(row["id"]),
        CaseKind(row["kind"]),
        CaseState(row["state"]),
        row["subject"],
        row["opened"],
        row["promised_by"],
        row["promised_for"],
    )


def _household_cases(tables: Tables, customer: Values) -> tuple[HouseholdCase, ...]:
    if customer["household_id"] is None:
        return ()
    members = tables.where("customers", household_id=customer["household_id"])[: hot.MOST_MEMBERS]
    of_members = [row for one in members for row in tables.where("cases", customer_id=one["id"])]
    return tuple(
        HouseholdCase(_case(row), _reference(tables, row["customer_id"]))
        for row in _open_cases(of_members)
        if row["customer_id"] != customer["id"]
    )


def _past_calls(tables: Tables, rows: Iterable[Values]) -> tuple[PastCall, ...]:
    over = [row for row in rows if row["disposition"] != "in_progress"]
    newest = sorted(over, key=lambda row: float(row["arrived_at"]), reverse=True)
    return tuple(_past_call(tables, row) for row in newest[: hot.MAX_CALLS])


def _past_call(tables: Tables, row: Values) -> PastCall:
    agent = tables.row("users", row["agent_id"])
    notes = sorted(
        tables.where("call_notes", call_id=row["id"]), key=lambda note: note["changed_at"]
    )
    return PastCall(
        CallId(row["linkedid"]),
        datetime.fromtimestamp(row["arrived_at"], UTC),
        row["direction"],
        row["disposition"],
        agent["display_name"] if agent is not None else "",
        row["talk_s"],
        notes[-1]["text"] if notes else "",
    )
