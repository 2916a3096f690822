"""The view of a customer for pages and API, with only what the user may see.

Hidden sections are not in the view at all, so no template can show them by mistake.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from screenpop.accounts.departments import Section
from screenpop.cards.honorifics import address, salutation
from screenpop.common.text import display_text
from screenpop.customers.consent import CHANNELS, Consent, Consents
from screenpop.customers.detail import (
    CaseDetail,
    CustomerDetail,
    CustomerGroup,
    NumberOnFile,
    Traveller,
    TripDetail,
)
from screenpop.customers.document_alerts import find_document_alerts
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.documents import StoredDocument
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import LANGUAGES, PastCall, PersonRef
from screenpop.customers.own_fields import OwnSubject
from screenpop.customers.place_names import place_name
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.calls.views import View
from screenpop.web.customers.payment_views import (
    PAYMENT_CHANGES,
    PAYMENT_FIELDS,
    balances_view,
    trip_money_view,
)
from screenpop.web.own_fields.record_forms import is_of_trips, own_change, own_view

_LONGEST_NUMBER = 40
Sections = frozenset[Section]

FIELDS_OF: Mapping[str, Section] = {
    **dict.fromkeys(
        (
            "birthday",
            "anniversary",
            "notes",
            "preferences",
            "wishes",
            "consents",
            "marketing_consent",
            "document",
            "attachment",
        ),
        Section.PERSONAL,
    ),
    **dict.fromkeys(("price", "paid", "supplier", "margin"), Section.PRICES),
    **dict.fromkeys(PAYMENT_FIELDS, Section.PRICES),
    "balance": Section.BALANCE,
    "own": Section.PERSONAL,
    **dict.fromkeys(
        ("case", "subject", "promised_by", "promised_for", "kind", "opened", "closed"),
        Section.CASES,
    ),
}
"""Fields of a change that need a permission, with that permission."""
_CHANGES_OF = {
    "case_added": Section.CASES,
    "case_edited": Section.CASES,
    **dict.fromkeys(
        ("document_added", "document_edited", "document_removed", "document_numbers_shown"),
        Section.PERSONAL,
    ),
    **dict.fromkeys(PAYMENT_CHANGES, Section.PRICES),
    **dict.fromkeys(
        ("attachment_added", "attachment_opened", "attachment_removed"),
        Section.PERSONAL,
    ),
}


def next_trip_view(
    file: CustomerDetail, sections: Sections, today: date, language: str
) -> View | None:
    """Return the trip under way, else the next booked one; None if there is none to see."""
    if Section.TRIPS not in sections:
        return None
    trips = itinerary((one.trip for one in file.trips), today)
    trip = trips.under_way or trips.coming
    if trip is None:
        return None
    departs = None if trip.departs is None else trip.departs.isoformat()
    return {"destination": place_name(trip.destination, language), "departs": departs}


def file_view(file: CustomerDetail, sections: Sections, language: str) -> View:
    """Return the view; the numbers of documents are masked in it."""
    customer = file.customer
    view: View = {
        "id": customer.id,
        "name": address(customer.names, customer.title, customer.gender, language),
        "greeting": salutation(customer.names, customer.title, customer.gender, language),
        "names": [
            {
                "language": code,
                "given": name.given,
                "family": name.family,
                "called": name.called,
                "address": address({code: name}, customer.title, customer.gender, code)
                if code in LANGUAGES
                else name.full,
            }
            for code, name in customer.names.items()
        ],
        "title": customer.title.value,
        "gender": customer.gender.value,
        "language": customer.language,
        "tier": customer.tier.value,
        "vip": customer.vip,
        "currency": customer.currency,
        "since": customer.customer_since.isoformat() if customer.customer_since else None,
        "numbers": [number_view(number, language) for number in file.numbers],
        "emails": list(file.emails),
        "tags": list(file.tags),
        "owner": None if file.owner is None else {"id": file.owner[0], "name": file.owner[1]},
        "branch": file.branch and {"id": file.branch[0], "name": file.branch[1]},
        "referred_by": _person(file.referred_by, language),
        "household": _group(file.household, language),
        "company": _group(file.company, language),
        "city": file.city,
        "heard_from": file.heard_from,
        "code": file.code,
        "merged_into": file.merged_into,
        "merges": [
            {"id": one.id, "at": one.at, "by": one.by, "gone": _person(one.gone, language)}
            for one in file.merges
        ],
        "history": list(_history(file, sections, language)),
        "looks": [
            {"by": one.by, "first_at": one.first_at, "last_at": one.last_at, "times": one.times}
            for one in file.looks
        ],
        "created_at": file.created_at,
        "changed_at": file.changed_at,
    }
    for section, add in _SECTIONS.items():
        if section in sections:
            view |= add(file, sections, language)
    return view


def number_view(number: NumberOnFile, language: str) -> View:
    phone = number.phone
    return {
        "id": number.id,
        "number": format_for_people(phone.e164)
        if phone.e164
        else display_text(phone.raw, _LONGEST_NUMBER),
        "e164": phone.e164,
        "raw": display_text(phone.raw, _LONGEST_NUMBER),
        "label": phone.label,
        "since": phone.since.isoformat() if phone.since else None,
        "verified_on": phone.verified_on.isoformat() if phone.verified_on else None,
        "shared_with": [_person(one, language) for one in number.shared_with],
        "chosen": number.chosen,
    }


def _personal(file: CustomerDetail, _sections: Sections, language: str) -> View:
    customer = file.customer
    return {
        "birthday": customer.birthday.isoformat() if customer.birthday else None,
        "anniversary": file.anniversary.isoformat() if file.anniversary else None,
        "notes": customer.notes,
        "preferences": customer.preferences,
        "wishes": dict(file.wishes),
        "consents": consents_view(file.consents),
        "marketing_consent": customer.marketing_consent,
        "documents": [document_view(one) for one in file.documents],
        "documents_problem": file.documents_problem,
        "own": own_view(file.own_fields, OwnSubject.CUSTOMER, file.own, language),
    }


def document_alerts(file: CustomerDetail, today: date) -> Mapping[int, str]:
    """Return what is wrong with documents on a day, as ``DocumentAlert``, by their ids."""
    days = {
        one.id: DocumentDays(
            one.document.kind, one.document.country, one.document.valid_from, one.document.expires
        )
        for one in file.documents
    }
    trips = itinerary((one.trip for one in file.trips), today)
    found = {one.document: one.alert.value for one in find_document_alerts(days.values(), trips)}
    return {number: found[one] for number, one in days.items() if one in found}


def document_view(stored: StoredDocument) -> View:
    """Return one document; ``number`` is masked where the document comes without it."""
    document = stored.document
    return {
        "id": stored.id,
        "kind": document.kind.value,
        "number": document.number or stored.masked,
        "country": document.country,
        "issuer": document.issuer,
        "name": document.name,
        "valid_from": document.valid_from.isoformat() if document.valid_from else None,
        "expires": document.expires.isoformat() if document.expires else None,
        "doubt": document.doubt,
    }


def consents_view(consents: Consents) -> View:
    """Return every channel with its state: ``yes``, ``no`` or ``never_asked``."""
    return {channel: _consent_view(consents.get(channel)) for channel in CHANNELS}


def _consent_view(consent: Consent | None) -> View:
    if consent is None:
        return {"state": "never_asked", "day": None, "source": "", "by": ""}
    return {
        "state": "yes" if consent.given else "no",
        "day": consent.day.isoformat() if consent.day else None,
        "source": consent.source,
        "by": consent.by,
    }


def _balance(file: CustomerDetail, _sections: Sections, _language: str) -> View:
    trips = (one.trip for one in file.trips if one.buyer.id == file.customer.id)
    customer, balances = file.customer, balances_view(trips)
    same = [{"amount": customer.balance, "currency": customer.currency}] == balances
    view: View = {"balance": customer.balance, "payment_balances": balances}
    return view | {"balances_differ": bool(balances is not None and customer.balance and not same)}


def _trips(file: CustomerDetail, sections: Sections, language: str) -> View:
    return {
        "trips": [
            trip_view(trip, sections, language, file.customer.id)
            | {"own": own_view(file.own_fields, OwnSubject.TRIP, trip.own, language)}
            for trip in file.trips
        ],
        "companions": [
            {"person": _person(one.person, language), "trips": one.trips} for one in file.companions
        ],
    }


def _cases(file: CustomerDetail, _sections: Sections, _language: str) -> View:
    return {"cases": [case_view(case) for case in file.cases]}


def _calls(file: CustomerDetail, _sections: Sections, _language: str) -> View:
    return {"calls": [_call(call) for call in file.calls]}


def _offers(file: CustomerDetail, _sections: Sections, _language: str) -> View:
    return {
        "offers": [
            {"at": one.at, "by": one.by, "offer": one.offer, "answer": one.answer, "why": one.why}
            | {"name": one.name}
            for one in file.offers
        ]
    }


_SECTIONS = {
    Section.PERSONAL: _personal,
    Section.BALANCE: _balance,
    Section.TRIPS: _trips,
    Section.CASES: _cases,
    Section.CALLS: _calls,
    Section.OFFERS: _offers,
}


def trip_view(one: TripDetail, sections: Sections, language: str, reader_of: int) -> View:
    """Return one trip; ``bought``: whether this customer bought it."""
    trip = one.trip
    view: View = {
        "id": trip.id,
        "destination": trip.destination,
        "country": trip.country,
        "product": trip.product.value,
        "departs": trip.departs.isoformat() if trip.departs else None,
        "returns": trip.returns.isoformat() if trip.returns else None,
        "status": trip.status.value,
        "adults": trip.adults,
        "children": trip.children,
        "visa": trip.visa.value,
        "note": trip.note,
        "rating": trip.rating,
        "feedback": one.feedback,
        "feedback_asked": one.feedback_asked.isoformat() if one.feedback_asked else None,
        "bought": one.buyer.id == reader_of,
        "buyer": _person(one.buyer, language),
        "travellers": [_traveller(traveller, language) for traveller in one.travellers],
    }
    if Section.PRICES in sections:
        view |= trip_money_view(one)
    return view


def case_view(one: CaseDetail) -> View:
    case = one.case
    return {
        "id": case.id,
        "kind": case.kind.value,
        "state": case.state.value,
        "subject": case.subject,
        "opened": case.opened.isoformat(),
        "closed": one.closed.isoformat() if one.closed else None,
        "promised_by": case.promised_by,
        "promised_for": case.promised_for.isoformat() if case.promised_for else None,
        "steps": [
            {
                "at": step.at,
                "by": step.by,
                "what": step.what,
                "text": step.text,
                "due": step.due.isoformat() if step.due else None,
            }
            for step in one.steps
        ],
    }


def person_view(person: PersonRef, language: str) -> View:
    return {
        "id": person.id,
        "name": address(person.names, person.title, person.gender, language),
    }


def _person(person: PersonRef | None, language: str) -> View | None:
    return None if person is None else person_view(person, language)


def _group(group: CustomerGroup | None, language: str) -> View | None:
    if group is None:
        return None
    members = [person_view(member, language) for member in group.members]
    return {"id": group.id, "name": group.name, "members": members}


def _traveller(one: Traveller, language: str) -> View:
    return {"person": _person(one.person, language), "name": one.name, "child": one.child}


def _call(call: PastCall) -> View:
    return {
        "id": call.log_id,
        "call": call.call,
        "at": call.at.timestamp(),
        "direction": call.direction,
        "disposition": call.disposition,
        "agent": call.agent,
        "talk_s": call.talk_s,
        "note": call.note,
    }


def _history(file: CustomerDetail, sections: Sections, language: str) -> Iterable[View]:
    for change in file.history:
        if _CHANGES_OF.get(change.what, Section.TRIPS) not in sections:
            continue
        fields = [
            own_change(file.own_fields, field, pair, language)
            if field.startswith("own:")
            else {"field": field, **_pair_view(field, pair, file)}
            for field, pair in change.changes.items()
            if _section_of(field, file) in sections | {None}
        ]
        if fields or not change.changes:
            yield {"at": change.at, "by": change.by, "what": change.what, "fields": fields}


def _pair_view(field: str, pair: tuple[object, object], file: CustomerDetail) -> View:
    """Return the values of a change; a branch by its name."""
    before, after = (
        file.branches.get(one, f"#{one}") if field == "branch" and isinstance(one, int) else one
        for one in pair
    )
    return {"before": before, "after": after}


def _section_of(field: str, file: CustomerDetail) -> Section | None:
    """Return the section that a field of a change belongs to; None for all departments."""
    if field.startswith("own:"):
        return Section.TRIPS if is_of_trips(file.own_fields, field) else Section.PERSONAL
    return FIELDS_OF.get(field)
