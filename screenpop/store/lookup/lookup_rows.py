"""Row decoding of the caller lookup; days are ISO text in both databases.

Enum members are looked up in tables: calling the enum costs ten times as much, and a card with
twenty trips needs eighty. A code that this program does not know (written by a newer version)
becomes the plainest value instead of an error, so that the card is still shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import orjson

from screenpop.customers.consent import OFFERS, consents_from_json
from screenpop.customers.display_name import visible_part
from screenpop.customers.document_days import DocumentDays
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
    MoreFacts,
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
from screenpop.customers.own_fields import NO_OWN_VALUES
from screenpop.customers.own_values import own_from_json
from screenpop.customers.trip_payments import summary_from_json
from screenpop.store.lookup.lookup_columns import (
    CASE_WIDTH,
    CUSTOMER_WIDTH,
    MAX_TRIPS,
    PHONE_WIDTH,
    TRIP_WIDTH,
    CallColumns,
    CaseColumns,
    CustomerColumns,
    DocumentColumns,
    PersonRefColumns,
    PhoneColumns,
    RelatedColumns,
    TripColumns,
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

_iso_day = date.fromisoformat
_RELATED = CUSTOMER_WIDTH + PHONE_WIDTH
_customer_columns = CustomerColumns._make
_phone_columns = PhoneColumns._make
_related_columns = RelatedColumns._make
# A card has up to twenty trips: a tuple of each would add a tenth to the lookup. The columns are in
# the order of the fields of ``Trip`` instead, and only these seven are not taken as they are.
_PRODUCT, _STATUS, _VISA, _DEPARTS, _RETURNS, _PAYMENTS, _OWN = map(
    TripColumns._fields.index,
    ("product", "status", "visa", "departs", "returns", "payments", "own"),
)


def _day(text: str) -> date | None:
    """Return the day, for a year before 1 or after 9999 the nearest day; None for other text.

    asyncpg stores the first and last day of ``date`` as ``-infinity`` and ``infinity``.
    """
    try:
        return _iso_day(text)
    except ValueError:
        if text == "-infinity" or text.endswith(" BC"):
            return date.min
        return date.max if text == "infinity" or text[:5].isdigit() else None


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


def quiet_from_json(stored: object) -> dict[str, date]:
    """Return the declined offers of a customer from their JSON (text on SQLite)."""
    entries = orjson.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(entries, dict):
        return {}
    days = {str(offer): _day(day) for offer, day in entries.items()}
    return {offer: day for offer, day in days.items() if day is not None}


_NO_JSON = frozenset({None, "", "[]", "{}"})


def _json(stored: object) -> Any:
    """Return a value from its JSON (text on SQLite); None for nothing in it."""
    if not isinstance(stored, str):
        return stored
    return None if stored in _NO_JSON else orjson.loads(stored)


def more_facts(row: RelatedColumns) -> MoreFacts:
    """Return the facts for conditions of offers."""
    tags, consents, wishes = _json(row.tags), _json(row.consents), _json(row.wishes)
    given = consents_from_json(consents) if consents else {}
    return MoreFacts(
        tuple(tags) if tags else (),
        row.city,
        row.heard_from,
        row.owner_id,
        row.branch_id,
        row.referred_by_id is not None,
        bool(_json(row.emails)),
        {channel: one.given for channel, one in given.items() if channel != OFFERS},
        wishes or {},
        row.talked_at,
        _day(row.rhythm_due) if row.rhythm_due else None,
        _day(row.lapsed_from) if row.lapsed_from else None,
        row.chance,
        row.percentile,
        _json(row.value) or {},
        own_from_json(_json(row.own)),
    )


class FoundCustomer(NamedTuple):
    """A row of a customer that has the number, with the phone that matched."""

    customer: CustomerColumns
    phone: PhoneColumns
    related: RelatedColumns


def found_customer(row: Row) -> FoundCustomer:
    return FoundCustomer(
        _customer_columns(row[:CUSTOMER_WIDTH]),
        _phone_columns(row[CUSTOMER_WIDTH:_RELATED]),
        _related_columns(row[_RELATED:]),
    )


def customer_from_row(row: Row) -> Customer:
    return _customer(_customer_columns(row[:CUSTOMER_WIDTH]))


def _customer(row: CustomerColumns) -> Customer:
    consent = row.marketing_consent
    return Customer(
        CustomerId(row.id),
        _TITLES.get(row.title, _NO_TITLE),
        _GENDERS.get(row.gender, _UNSAID),
        names_from_json(row.names),
        row.language,
        _TIERS.get(row.tier, _NO_TIER),
        bool(row.vip),
        _day(row.birthday) if row.birthday else None,
        row.balance,
        row.currency,
        None if consent is None else bool(consent),
        _day(row.customer_since) if row.customer_since else None,
        row.notes,
        row.preferences,
        row.household,
        _day(row.anniversary) if row.anniversary else None,
    )


def _phone(row: PhoneColumns) -> Phone:
    return Phone(
        row.e164,
        row.raw,
        row.label,
        _day(row.since) if row.since else None,
        _day(row.verified_on) if row.verified_on else None,
    )


def trip_from_row(row: Row) -> Trip:
    values = [*row]
    values[_PRODUCT] = _PRODUCTS.get(values[_PRODUCT], _OTHER)
    values[_STATUS] = _STATUSES.get(values[_STATUS], _ASKED)
    values[_VISA] = _VISAS.get(values[_VISA], _NOT_NEEDED)
    departs, returns = values[_DEPARTS], values[_RETURNS]
    try:  # not `_day`: a card reads forty of these days
        if departs:
            values[_DEPARTS] = _iso_day(departs)
        if returns:
            values[_RETURNS] = _iso_day(returns)
    except ValueError:
        values[_DEPARTS] = _day(departs) if departs else None
        values[_RETURNS] = _day(returns) if returns else None
    if values[_PAYMENTS]:
        values[_PAYMENTS] = summary_from_json(orjson.loads(values[_PAYMENTS]))
    values[_OWN] = own_from_json(_json(values[_OWN])) if values[_OWN] else NO_OWN_VALUES
    return Trip(*values)


def travelled_from(row: Row) -> Trip:
    """Return a trip on which the customer travels and that another customer has booked."""
    return replace(trip_from_row(row[:TRIP_WIDTH]), buyer=person_ref_from(row[TRIP_WIDTH:]))


def household_case_from(row: Row) -> HouseholdCase:
    return HouseholdCase(case_from_row(row[:CASE_WIDTH]), person_ref_from(row[CASE_WIDTH:]))


def person_ref_from(values: Row) -> PersonRef:
    row = PersonRefColumns._make(values)
    return PersonRef(
        CustomerId(row.id),
        names_from_json(row.names),
        _TITLES.get(row.title, _NO_TITLE),
        _GENDERS.get(row.gender, _UNSAID),
    )


def case_from_row(values: Row) -> Case:
    row = CaseColumns._make(values)
    return Case(
        CaseId(row.id),
        _CASE_KINDS.get(row.kind, _QUESTION),
        _CASE_STATES.get(row.state, _OPEN),
        row.subject,
        _day(row.opened) or date.min,
        row.promised_by,
        _day(row.promised_for) if row.promised_for else None,
    )


def document_from_row(values: Row) -> DocumentDays:
    row = DocumentColumns._make(values)
    return DocumentDays(
        row.kind,
        row.country,
        _day(row.valid_from) if row.valid_from else None,
        _day(row.expires) if row.expires else None,
    )


def call_from_row(values: Row) -> PastCall:
    row = CallColumns._make(values)
    return PastCall(
        CallId(row.linkedid),
        datetime.fromtimestamp(row.arrived_at, UTC),
        row.direction,
        row.disposition,
        row.agent or "",
        row.talk_s,
        row.note or "",
    )


def calls_from_rows(rows: Iterable[Row] | None) -> tuple[PastCall, ...]:
    return tuple([call_from_row(row) for row in rows or ()])


def customer_file_from_rows(
    found: FoundCustomer,
    trips: Iterable[Row] | None,
    cases: Iterable[Row] | None,
    calls: Iterable[Row] | None,
    travels: Iterable[Row] | None = None,
    household_cases: Iterable[Row] | None = None,
    documents: Iterable[Row] | None = None,
) -> CustomerFile:
    own = tuple([trip_from_row(row) for row in trips or ()])
    customer, company = _customer(found.customer), found.related.company
    if found.related.quiet_offers:
        customer = replace(customer, quiet_offers=quiet_from_json(found.related.quiet_offers))
    others = [household_case_from(row) for row in household_cases or ()]
    return CustomerFile(
        replace(customer, company=company) if company else customer,
        _phone(found.phone),
        _with_travels(own, travels) if travels else own,
        tuple([case_from_row(row) for row in cases or ()]),
        calls_from_rows(calls),
        tuple([other for other in others if other.member.id != customer.id]),
        tuple([document_from_row(row) for row in documents or ()]),
        more_facts(found.related),
    )


def _with_travels(own: tuple[Trip, ...], travels: Iterable[Row]) -> tuple[Trip, ...]:
    """Return the newest of both, merged in the order in which the statements return each."""
    known = {trip.id: trip for trip in own}
    for row in travels:
        trip = travelled_from(row)
        known.setdefault(trip.id, trip)
    newest = sorted(
        known.values(),
        key=lambda trip: (trip.departs is None, trip.departs or date.max, trip.id),
        reverse=True,
    )
    return tuple(newest[:MAX_TRIPS])


def distinct_customers(people: Iterable[FoundCustomer], most: int) -> list[FoundCustomer]:
    """Return the first row of each customer in the order given; at most ``most``."""
    seen: dict[int, FoundCustomer] = {}
    for found in people:
        seen.setdefault(found.customer.id, found)
    return list(seen.values())[:most]
