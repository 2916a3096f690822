"""Drafts as JSON values and back: between processes, and in the database.

Unknown fields are ignored. ``draft_from_json`` trusts nothing: any input gives a draft or an
``InvalidDraftError``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeVar, cast

from screenpop.customers.consent import CHANNELS, Consent, consent_to_json
from screenpop.customers.documents import DocumentDraft, DocumentKind
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
from screenpop.customers.own_fields import OwnValue
from screenpop.customers.sheet_payments import payments_from_json, payments_to_json
from screenpop.telephony.identifiers import E164

Plain = dict[str, Any]
_Choice = TypeVar("_Choice", bound=Enum)


class InvalidDraftError(ValueError):
    """These values do not describe a customer."""


def draft_to_json(draft: CustomerDraft) -> Plain:
    """Return the draft as JSON values; ``draft_from_json`` gives an equal draft."""
    plain = _known_fields(draft, _CUSTOMER)
    plain["names"] = {language: _plain_name(name) for language, name in draft.names.items()}
    if draft.phones:
        plain["phones"] = [_plain_phone(phone) for phone in draft.phones]
    if draft.trips:
        plain["trips"] = [_known_fields(trip, _TRIP) for trip in draft.trips]
    if draft.cases:
        plain["cases"] = [_known_fields(case, _CASE) for case in draft.cases]
    if draft.documents:
        plain["documents"] = [_known_fields(one, _DOCUMENT) for one in draft.documents]
    if draft.payments:
        plain["payments"] = payments_to_json(draft.payments)
    return plain


def draft_from_json(plain: object) -> CustomerDraft:
    """Return the draft of these values. Raises ``InvalidDraftError``."""
    try:
        known = {key: _READ[key](value) for key, value in cast("Plain", plain).items()}
        return CustomerDraft(**known)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidDraftError(f"no draft of a customer: {error!r:.200}") from error


def _trip(plain: Mapping[str, object]) -> TripDraft:
    return TripDraft(**{key: _TRIP[key](value) for key, value in plain.items()})


def _names(value: Any) -> dict[str, PersonName]:
    return {
        _text(language): PersonName(*[_text(part) for part in parts])
        for language, parts in value.items()
    }


def _phones(value: Any) -> tuple[PhoneDraft, ...]:
    return tuple([_phone(*entry) for entry in value])


def _trips(value: Any) -> tuple[TripDraft, ...]:
    return tuple([_trip(entry) for entry in value])


def _cases(value: Any) -> tuple[CaseDraft, ...]:
    return tuple([_case(entry) for entry in value])


def _documents(value: Any) -> tuple[DocumentDraft, ...]:
    return tuple([_document(entry) for entry in value])


def _document(plain: Mapping[str, object]) -> DocumentDraft:
    return DocumentDraft(**{key: _DOCUMENT[key](value) for key, value in plain.items()})


def _travellers(value: Any) -> tuple[TravellerDraft, ...]:
    return tuple([_traveller(*entry) for entry in value])


def _traveller(
    name: object, numbers: object = (), customer: object = None, child: object = False
) -> TravellerDraft:
    known = None if customer is None else _number(customer)
    return TravellerDraft(_text(name), _texts(numbers), known, _yes(child))


def _case(plain: Mapping[str, object]) -> CaseDraft:
    return CaseDraft(**{key: _CASE[key](value) for key, value in plain.items()})


def _known_fields(
    draft: CustomerDraft | TripDraft | CaseDraft | DocumentDraft, fields: Mapping[str, object]
) -> Plain:
    return {
        name: _plain(value)
        for name in fields
        if (value := getattr(draft, name)) != _UNKNOWN_VALUES.get((type(draft), name), _NO_VALUE)
    }


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case TravellerDraft():
            return [value.name, list(value.numbers), value.customer, value.child]
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return {key: _plain(one) for key, one in value.items()}
        case Consent():
            return consent_to_json(value)
        case _:
            return value


def _plain_name(name: PersonName) -> list[str]:
    parts = [name.given, name.family, name.called]
    return parts if name.called else parts[:-1]


def _plain_phone(phone: PhoneDraft) -> list[str | None]:
    plain = [phone.raw, phone.e164, phone.last_nine, phone.label]
    if phone.since or phone.verified_on:
        days = (phone.since, phone.verified_on)
        plain += [day.isoformat() if day else None for day in days]
    return plain


def _phone(
    raw: object,
    e164: object,
    last_nine: object,
    label: object = "",
    since: object = None,
    verified_on: object = None,
) -> PhoneDraft:
    return PhoneDraft(
        _text(raw),
        None if e164 is None else E164(_text(e164)),
        None if last_nine is None else _text(last_nine),
        _text(label),
        None if since is None else _day(since),
        None if verified_on is None else _day(verified_on),
    )


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r:.60} is no text")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.60} is no number")
    return value


def _yes(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError(f"{value!r:.60} is neither yes nor no")
    return value


def _day(value: object) -> date:
    return date.fromisoformat(_text(value))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no list")
    return tuple([_text(one) for one in value])


def _text_by_text(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r:.60} is no mapping")
    return {_text(key): _text(one) for key, one in value.items()}


def _own(value: object) -> dict[str, OwnValue]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r:.60} is no mapping")
    wrong = [one for one in value.values() if type(one) not in {str, int, float, bool}]
    if wrong:
        raise TypeError(f"{wrong[0]!r:.60} is no value of an own field")
    return {_text(key): one for key, one in value.items()}


def _consents(value: object) -> dict[str, Consent]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r:.60} is no mapping")
    unknown = set(value) - set(CHANNELS)
    if unknown:
        raise ValueError(f"{unknown!r:.60} is no channel")
    return {channel: _consent(**one) for channel, one in value.items()}


def _consent(given: object, day: object, source: object, by: object) -> Consent:
    return Consent(_yes(given), None if day is None else _day(day), _text(source), _text(by))


def _one_of(kind: type[_Choice]) -> Callable[[object], _Choice]:
    known = {member.value: member for member in kind}

    def choose(value: object) -> _Choice:
        return known[_text(value)]

    return choose


_NO_VALUE = object()
_Read = Mapping[str, Callable[[object], Any]]

_CUSTOMER: _Read = {
    "title": _one_of(Title),
    "gender": _one_of(Gender),
    "language": _text,
    "tier": _one_of(Tier),
    "vip": _yes,
    "birthday": _day,
    "anniversary": _day,
    "balance": _number,
    "currency": _text,
    "customer_since": _day,
    "notes": _text,
    "preferences": _text,
    "tags": _texts,
    "household": _text,
    "company": _text,
    "city": _text,
    "heard_from": _text,
    "code": _text,
    "emails": _texts,
    "wishes": _text_by_text,
    "consents": _consents,
    "owner": _number,
    "branch": _number,
    "referred_by": _number,
    "own": _own,
}
_TRIP: _Read = {
    "destination": _text,
    "country": _text,
    "product": _one_of(Product),
    "departs": _day,
    "returns": _day,
    "status": _one_of(TripStatus),
    "adults": _number,
    "children": _number,
    "price": _number,
    "paid": _number,
    "currency": _text,
    "visa": _one_of(VisaState),
    "note": _text,
    "supplier": _text,
    "margin": _number,
    "rating": _number,
    "feedback": _text,
    "feedback_asked": _day,
    "travellers": _travellers,
    "own": _own,
    "is_status_guessed": _yes,
}
_CASE: _Read = {
    "kind": _one_of(CaseKind),
    "state": _one_of(CaseState),
    "subject": _text,
    "opened": _day,
    "promised_by": _text,
    "promised_for": _day,
    "closed": _day,
}
_DOCUMENT: _Read = {
    "kind": _one_of(DocumentKind),
    "number": _text,
    "country": _text,
    "issuer": _text,
    "name": _text,
    "valid_from": _day,
    "expires": _day,
    "doubt": _text,
}
_READ: _Read = {
    **_CUSTOMER,
    "names": _names,
    "phones": _phones,
    "trips": _trips,
    "cases": _cases,
    "documents": _documents,
    "payments": payments_from_json,
}
_UNKNOWN_VALUES = {
    (type(empty), name): getattr(empty, name)
    for empty, fields in (
        (CustomerDraft(names={}), _CUSTOMER),
        (TripDraft(), _TRIP),
        (CaseDraft(), _CASE),
        (DocumentDraft(kind=DocumentKind.PASSPORT), _DOCUMENT),
    )
    for name in fields
    if name != "kind" or not isinstance(empty, DocumentDraft)
}
