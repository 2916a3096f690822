"""Row decoding of the caller lookup; days are ISO text in both databases.

Enum members are looked up in tables: calling the enum costs ten times as much, and a card with
twenty trips needs eighty. A code that this program does not know (written by a newer version)
becomes the plainest value instead of an error, so that the card is still shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson

from screenpop.customers.display_name import visible_part
from screenpop.customers.models import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    HouseholdCase,
    PastCall,
    PersonName,
    PersonRef,
    Phone,
    Product,
    Tier,
    Title,
    Trip,
    TripStatus,
    VisaState,
)
from screenpop.telephony.identifiers import CallId

Row = Sequence[Any]

_TITLES = {title.value: title for title in Title}
_GENDERS = {gender.value: gender for gender in Gender}
_TIERS = {tier.value: tier for tier in Tier}
_PRODUCTS = {product.value: product for product in Product}
_STATUSES = {status.value: status for status in TripStatus}
_VISAS = {visa.value: visa for visa in VisaState}
_CASE_KINDS = {kind.value: kind for kind in CaseKind}
_CASE_STATES = {state.value: state for state in CaseState}

# Bound once: looking a member up in its enum costs more than a row's other fields.
_NO_TITLE, _UNSAID, _NO_TIER = Title.NONE, Gender.UNSAID, Tier.NONE
_OTHER, _ASKED, _NOT_NEEDED = Product.OTHER, TripStatus.ASKED, VisaState.NOT_NEEDED
_QUESTION, _OPEN = CaseKind.QUESTION, CaseState.OPEN

_day = date.fromisoformat
_MOST_TRIPS = 20
"""As ``lookup_sql.MOST_TRIPS``."""


def names_from_json(stored: object) -> dict[str, PersonName]:
    """Return the names of a customer from their JSON (text on SQLite, a list on PostgreSQL)."""
    entries = orjson.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(entries, list):
        return {}
    return {
        entry["language"]: PersonName(
            visible_part(entry["given"]),
            visible_part(entry["family"]),
            visible_part(entry.get("called", "")),
        )
        for entry in entries
    }


def names_to_json(names: Mapping[str, PersonName]) -> list[dict[str, str]]:
    return [
        {"language": language, "given": name.given, "family": name.family}
        | ({"called": name.called} if name.called else {})
        for language, name in names.items()
    ]


def customer_from_row(row: Row) -> Customer:
    (customer_id, title, gender, names, language, tier, vip, birthday, balance, currency) = row[:10]
    (consent, customer_since, notes, preferences, anniversary, household) = row[10:16]
    return Customer(
        CustomerId(customer_id),
        _TITLES.get(title, _NO_TITLE),
        _GENDERS.get(gender, _UNSAID),
        names_from_json(names),
        language,
        _TIERS.get(tier, _NO_TIER),
        bool(vip),
        _day(birthday) if birthday else None,
        balance,
        currency,
        None if consent is None else bool(consent),
        _day(customer_since) if customer_since else None,
        notes,
        preferences,
        household,
        _day(anniversary) if anniversary else None,
    )


def phone_from_row(row: Row) -> Phone:
    (e164, raw, label, since, verified_on) = row[16:21]
    return Phone(
        e164,
        raw,
        label,
        _day(since) if since else None,
        _day(verified_on) if verified_on else None,
    )


def trip_from_row(row: Row) -> Trip:
    (trip, destination, country, product, departs, returns, status, adults, *more) = row
    (children, price, paid, currency, visa, note, rating) = more
    return Trip(
        trip,
        destination,
        country,
        _PRODUCTS.get(product, _OTHER),
        _day(departs) if departs else None,
        _day(returns) if returns else None,
        _STATUSES.get(status, _ASKED),
        adults,
        children,
        price,
        paid,
        currency,
        _VISAS.get(visa, _NOT_NEEDED),
        note,
        rating,
    )


def travelled_from(row: Row) -> Trip:
    """Return a trip on which the customer travels and that another customer has booked."""
    return replace(trip_from_row(row[:15]), buyer=person_ref_from(row[15:19]))


def household_case_from(row: Row) -> HouseholdCase:
    return HouseholdCase(case_from_row(row[:7]), person_ref_from(row[7:11]))


def person_ref_from(row: Row) -> PersonRef:
    (customer_id, names, title, gender) = row
    return PersonRef(
        CustomerId(customer_id),
        names_from_json(names),
        _TITLES.get(title, _NO_TITLE),
        _GENDERS.get(gender, _UNSAID),
    )


def case_from_row(row: Row) -> Case:
    (case, kind, state, subject, opened, promised_by, promised_for) = row
    return Case(
        CaseId(case),
        _CASE_KINDS.get(kind, _QUESTION),
        _CASE_STATES.get(state, _OPEN),
        subject,
        _day(opened),
        promised_by,
        _day(promised_for) if promised_for else None,
    )


def call_from_row(row: Row) -> PastCall:
    (call, arrived_at, direction, disposition, agent, talk_s, note) = row
    return PastCall(
        CallId(call),
        datetime.fromtimestamp(arrived_at, UTC),
        direction,
        disposition,
        agent or "",
        talk_s,
        note or "",
    )


def calls_from_rows(rows: Iterable[Row] | None) -> tuple[PastCall, ...]:
    return tuple([call_from_row(row) for row in rows or ()])


def customer_file_from_rows(
    person: Row,
    trips: Iterable[Row] | None,
    cases: Iterable[Row] | None,
    calls: Iterable[Row] | None,
    travels: Iterable[Row] | None = None,
    household_cases: Iterable[Row] | None = None,
) -> CustomerFile:
    own = tuple([trip_from_row(row) for row in trips or ()])
    customer, company = customer_from_row(person), person[21]
    return CustomerFile(
        replace(customer, company=company) if company else customer,
        phone_from_row(person),
        _with_travels(own, travels) if travels else own,
        tuple([case_from_row(row) for row in cases or ()]),
        calls_from_rows(calls),
        tuple([household_case_from(row) for row in household_cases or () if row[7] != person[0]]),
    )


def _with_travels(own: tuple[Trip, ...], travels: Iterable[Row]) -> tuple[Trip, ...]:
    """Return the newest of both, merged in the order in which the statements return each."""
    known = {trip.id: trip for trip in own}
    for row in travels:
        if row[0] not in known:
            known[row[0]] = travelled_from(row)
    newest = sorted(
        known.values(), key=lambda trip: (trip.departs or date.max, trip.id), reverse=True
    )
    return tuple(newest[:_MOST_TRIPS])


def distinct_customers(people: Iterable[Row], most: int) -> list[Row]:
    """Return the first row of each customer in the order given; at most ``most``."""
    seen: dict[int, Row] = {}
    for row in people:
        seen.setdefault(row[0], row)
    return list(seen.values())[:most]
