"""Stored customers as the drafts that would create them: to compare, merge and export."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.consent import stored_consents
from screenpop.customers.draft import (
    CaseDraft,
    CustomerDraft,
    PhoneDraft,
    TravellerDraft,
    TripDraft,
)
from screenpop.customers.models import (
    CaseKind,
    CaseState,
    Gender,
    PersonName,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_values import own_from_json
from screenpop.store.customers.documents import document_drafts
from screenpop.store.customers.trip_travellers import load_travellers
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.tables import cases, customer_phones, customers, households, trips

_SLICE = 500

_company = households.alias("firm")
_PEOPLE = select(
    customers, households.c.name.label("household"), _company.c.name.label("company")
).select_from(
    customers.outerjoin(households, households.c.id == customers.c.household_id).outerjoin(
        _company, _company.c.id == customers.c.company_id
    )
)


async def load_drafts(
    connection: AsyncConnection, people: Sequence[int], key: DocumentKey | None = None
) -> dict[int, CustomerDraft]:
    """Return the customers with these ids with phones, trips and cases, in the order given.

    ``key``: for documents with their numbers; without it the drafts have none. Ids that do not
    exist are left out.
    """
    found: dict[int, CustomerDraft] = {}
    for start in range(0, len(people), _SLICE):
        part = people[start : start + _SLICE]
        rows = await connection.execute(_PEOPLE.where(customers.c.id.in_(part)))
        phones = await _by_customer(connection, customer_phones, part)
        journeys = await _by_customer(connection, trips, part)
        matters = await _by_customer(connection, cases, part)
        going = await load_travellers(
            connection, [trip.id for theirs in journeys.values() for trip in theirs]
        )
        documents = {} if key is None else await document_drafts(connection, part, key)
        here = {
            row.id: draft_from_row(row, phones[row.id], journeys[row.id], matters[row.id], going)
            for row in rows
        }
        here |= {
            customer_id: replace(here[customer_id], documents=theirs)
            for customer_id, theirs in documents.items()
            if theirs
        }
        found |= {customer_id: here[customer_id] for customer_id in part if customer_id in here}
    return found


def draft_from_row(
    row: Any,
    phones: Iterable[Any],
    journeys: Iterable[Any],
    matters: Iterable[Any],
    travellers: Mapping[int, tuple[TravellerDraft, ...]],
) -> CustomerDraft:
    """Build a draft from a row of ``customers`` with the names of household and company.

    ``travellers``: those of each trip, by the trip's id.
    """
    return CustomerDraft(
        names=names_from_json(row.names) or {"en": PersonName("", "")},
        title=_TITLES.get(row.title, Title.NONE),
        gender=_GENDERS.get(row.gender, Gender.UNSAID),
        language=row.language,
        tier=_TIERS.get(row.tier, Tier.NONE),
        vip=bool(row.vip),
        birthday=row.birthday,
        anniversary=row.anniversary,
        balance=row.balance,
        currency=row.currency,
        customer_since=row.customer_since,
        notes=row.notes,
        preferences=row.preferences,
        tags=tuple(row.tags),
        household=row.household or "",
        company=row.company or "",
        city=row.city,
        heard_from=row.heard_from,
        code=row.code,
        emails=tuple(row.emails),
        wishes=dict(row.wishes),
        consents=stored_consents(row.consents, row.marketing_consent),
        owner=row.owner_id,
        branch=row.branch_id,
        referred_by=row.referred_by_id,
        own=own_from_json(row.own),
        phones=tuple(_phone(phone) for phone in phones),
        trips=tuple(trip_draft_from_row(trip, travellers.get(trip.id, ())) for trip in journeys),
        cases=tuple(case_draft_from_row(case) for case in matters),
    )


def trip_draft_from_row(row: Any, travellers: tuple[TravellerDraft, ...] = ()) -> TripDraft:
    """Build a draft from a row of ``trips``."""
    return TripDraft(
        destination=row.destination,
        country=row.country,
        product=_PRODUCTS.get(row.product, Product.OTHER),
        departs=row.departs,
        returns=row.returns,
        status=_STATUSES.get(row.status, TripStatus.ASKED),
        adults=row.adults,
        children=row.children,
        price=row.price,
        paid=row.paid,
        currency=row.currency,
        visa=_VISAS.get(row.visa, VisaState.NOT_NEEDED),
        note=row.note,
        supplier=row.supplier,
        margin=row.margin,
        rating=row.rating,
        feedback=row.feedback,
        feedback_asked=row.feedback_asked,
        own=own_from_json(row.own),
        travellers=travellers,
    )


def case_draft_from_row(row: Any) -> CaseDraft:
    """Build a draft from a row of ``cases``."""
    return CaseDraft(
        kind=_CASE_KINDS.get(row.kind, CaseKind.QUESTION),
        state=_CASE_STATES.get(row.state, CaseState.OPEN),
        subject=row.subject,
        opened=row.opened,
        promised_by=row.promised_by,
        promised_for=row.promised_for,
        closed=row.closed,
    )


def _phone(row: Any) -> PhoneDraft:
    return PhoneDraft(row.raw, row.e164, row.last_nine, row.label, row.since, row.verified_on)


async def _by_customer(
    connection: AsyncConnection, table: Any, people: Sequence[int]
) -> dict[int, list[Any]]:
    rows = await connection.execute(
        select(table).where(table.c.customer_id.in_(people)).order_by(table.c.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(row)
    return found


_TITLES = {title.value: title for title in Title}
_GENDERS = {gender.value: gender for gender in Gender}
_TIERS = {tier.value: tier for tier in Tier}
_PRODUCTS = {product.value: product for product in Product}
_STATUSES = {status.value: status for status in TripStatus}
_CASE_KINDS = {kind.value: kind for kind in CaseKind}
_CASE_STATES = {state.value: state for state in CaseState}
_VISAS = {visa.value: visa for visa in VisaState}
