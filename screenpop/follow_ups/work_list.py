"""The work list: which customers to call without being asked, why, and in which order.

A customer is on one list at a time: of all kinds that fit, the first of ``WORK_KINDS`` counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from screenpop.accounts.departments import Section
from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.consent import OFFERS, Consents
from screenpop.customers.document_alerts import find_document_alerts
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.itinerary import Itinerary, ended_on, itinerary
from screenpop.customers.models import CaseKind, CaseState, CustomerId, Product, Tier, Trip
from screenpop.customers.payment_alerts import PaymentAlertKind, find_payment_alerts
from screenpop.customers.payments import CENTS, plain_amount
from screenpop.follow_ups.call_lists import CallListEntry, still_to_call
from screenpop.follow_ups.worth import worth_of


class WorkKind(StrEnum):
    PROMISE = "promise"
    """A follow-up that is due; read from ``follow_ups``, never chosen here."""
    UNHAPPY = "unhappy"
    """A complaint was closed lately, or the last trip was rated badly."""
    PAYMENT = "payment"
    """A payment is due within a week or overdue, or a cheque was returned."""
    BALANCE = "balance"
    """Something is to be paid before a trip."""
    DOCUMENT = "document"
    """A passport or visa ends before or during a booked trip, or too soon after it."""
    RETURNED = "returned"
    QUOTE = "quote"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    REFERRER = "referrer"
    """A new customer names them as the one who recommended the office."""
    LAPSED = "lapsed"
    """Has not travelled for longer than usual for them."""
    CALL_LIST = "call_list"
    """Is of a segment that a supervisor wants called."""


class AwayReason(StrEnum):
    """Why a lapsed customer stayed away, in one tap."""

    PRICE = "price"
    NO_TIME = "no_time"
    OTHER_AGENCY = "other_agency"
    UNHAPPY = "unhappy"
    LIFE = "life"
    """Illness, family, a move."""
    NO_WISH = "no_wish"


SALE_KINDS = frozenset(
    {
        *(WorkKind.BIRTHDAY, WorkKind.ANNIVERSARY, WorkKind.LAPSED, WorkKind.QUOTE),
        *(WorkKind.REFERRER, WorkKind.CALL_LIST),
    }
)
"""Not while a complaint or refund is open, nor without consent to offers."""
MONEY_KINDS = frozenset({WorkKind.PAYMENT, WorkKind.BALANCE})
"""Also without consent to calls: they are about what was agreed."""
MIN_TALK_S = 10.0
"""Seconds of talk from which a customer counts as reached."""
BALANCE_DAYS = 30
DOCUMENT_DAYS = 120
"""Days before the departure, in which a new passport can still be made."""
RETURNED_DAYS = 21
CELEBRATION_DAYS = 7
COMPLAINT_CLOSED_DAYS = 30
BAD_RATING = 2
BAD_TRIP_DAYS = 120
REFERRAL_DAYS = 30
RETURNED_URGENCY = 400
"""Of a returned cheque: before the longest overdue payment."""
REST_DAYS = {
    WorkKind.UNHAPPY: 14,
    WorkKind.PAYMENT: 2,
    WorkKind.BALANCE: 5,
    WorkKind.DOCUMENT: 14,
    WorkKind.QUOTE: 7,
    WorkKind.BIRTHDAY: 7,
    WorkKind.ANNIVERSARY: 7,
    WorkKind.REFERRER: 30,
    WorkKind.LAPSED: 60,
    WorkKind.CALL_LIST: 7,
}
"""Days after a talk in which the customer is not listed; the returned are asked once a trip."""
_TIER_RANK = {Tier.NONE: 0, Tier.SILVER: 1, Tier.GOLD: 2, Tier.PLATINUM: 3}

Params = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class ListedCase:
    id: int
    kind: CaseKind
    state: CaseState
    subject: str
    closed: date | None


@dataclass(frozen=True, slots=True)
class Lapse:
    """The customer's own rhythm (``loyalty.own_rhythm``), for one with three trips or more."""

    kind: str
    months: int
    last: date
    due: date
    lapsed_from: date


@dataclass(frozen=True, slots=True)
class Mark:
    """What keeps a customer off a list until a day; empty kind or subject: any."""

    kind: str
    subject: str
    until: date

    def blocks(self, kind: WorkKind, subject: str, today: date) -> bool:
        return today < self.until and self.kind in ("", kind) and self.subject in ("", subject)


@dataclass(frozen=True, slots=True)
class Candidate:
    customer_id: CustomerId
    birthday: date | None = None
    anniversary: date | None = None
    tier: Tier = Tier.NONE
    vip: bool = False
    balance: int = 0
    currency: str = ""
    consents: Consents = field(default_factory=dict)
    trips: tuple[Trip, ...] = ()
    cases: tuple[ListedCase, ...] = ()
    documents: tuple[DocumentDays, ...] = ()
    lapse: Lapse | None = None
    last_talk: date | None = None
    referrals: tuple[tuple[CustomerId, date], ...] = ()
    """Customers who name this one as their referrer, and since when they are customers."""
    call_lists: tuple[CallListEntry, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkRow:
    """Why a customer is listed. ``subject`` separates occasions of the same kind."""

    kind: WorkKind
    subject: str
    params: Params
    rank: int
    """Higher is listed first, within one kind."""
    trips: int
    worth: int
    """Sum of the prices of the trips they booked, in ``currency``, the most used one."""
    currency: str


def choose_row(candidate: Candidate, today: date) -> WorkRow | None:
    """Return the one list on which the customer is today, with the reason; None for none."""
    trips = itinerary(candidate.trips, today)
    for kind, find in _FINDERS:
        if not _may_list(candidate, kind, today):
            continue
        for subject, urgency, params in find(candidate, trips):
            if not any(mark.blocks(kind, subject, today) for mark in candidate.marks):
                return _row(candidate, trips, kind, subject, urgency, params)
    return None


def _row(
    candidate: Candidate,
    trips: Itinerary,
    kind: WorkKind,
    subject: str,
    urgency: int,
    params: Params,
) -> WorkRow:
    worth, currency = worth_of(trips.past)
    rank = _TIER_RANK.get(candidate.tier, 0) + (4 if candidate.vip else 0)
    # Where a day presses it counts first, for the lapsed what kind of customer they are.
    by_day = kind is not WorkKind.LAPSED
    order = urgency * 10 + rank if by_day else rank * 1000 + min(urgency, 999)
    return WorkRow(kind, subject, params, order, len(trips.past), worth, currency)


def _may_list(candidate: Candidate, kind: WorkKind, today: date) -> bool:
    """Return whether consent, open cases and the last talk allow this kind."""
    phone = candidate.consents.get("phone")
    if phone is not None and not phone.given and kind not in MONEY_KINDS:
        return False
    if kind in SALE_KINDS and not _may_sell(candidate):
        return False
    rest = REST_DAYS.get(kind)
    talked = candidate.last_talk
    return rest is None or talked is None or today - talked > timedelta(days=rest)


def _may_sell(candidate: Candidate) -> bool:
    offers = candidate.consents.get(OFFERS)
    if offers is not None and not offers.given:
        return False
    return not any(
        case.state is not CaseState.CLOSED and case.kind in {CaseKind.COMPLAINT, CaseKind.REFUND}
        for case in candidate.cases
    )


# One function a kind: subject, urgency (higher first) and parameters of each occasion.

Found = list[tuple[str, int, Params]]


def _unhappy(candidate: Candidate, trips: Itinerary) -> Found:
    found: Found = []
    for case in candidate.cases:
        closed = case.closed
        if case.kind is not CaseKind.COMPLAINT or closed is None:
            continue
        days = (trips.today - closed).days
        if case.state is CaseState.CLOSED and 0 <= days <= COMPLAINT_CLOSED_DAYS:
            params: Params = {"case": case.subject, "closed": closed.isoformat()}
            found.append((f"case:{case.id}", 200 - days, params))
    last = trips.last
    ended = ended_on(last) if last is not None else None
    if last is not None and ended is not None and last.rating is not None:
        days = (trips.today - ended).days
        if last.rating <= BAD_RATING and 0 <= days <= BAD_TRIP_DAYS:
            bad: Params = {"destination": last.destination, "rating": last.rating}
            found.append((f"trip:{last.id}", 200 - days, bad))
    return found


def _payment(candidate: Candidate, trips: Itinerary) -> Found:
    found: Found = []
    for one in find_payment_alerts(candidate.trips, trips.today):
        payment = one.payment
        params: Params = {
            "problem": one.kind.value,
            "destination": one.trip.destination,
            "amount": plain_amount(payment.cents),
            "currency": payment.currency,
        }
        if payment.due is not None:
            params["date"] = payment.due.isoformat()
        returned = one.kind is PaymentAlertKind.CHEQUE_RETURNED
        urgency = RETURNED_URGENCY if returned else 200 - max(one.days, -100)
        found.append((f"payment:{payment.id}:{payment.state}", urgency, params))
    return found


def _balance(candidate: Candidate, trips: Itinerary) -> Found:
    trip = trips.coming
    if trip is None or trip.departs is None:
        return []
    days = (trip.departs - trips.today).days
    due, currency = trip.due_cents, trip.currency
    if not trip.is_own or (due <= 0 and trip.payments is None):
        due, currency = candidate.balance * CENTS, candidate.currency
    if days > BALANCE_DAYS or due <= 0:
        return []
    params: Params = {
        "destination": trip.destination,
        "days": days,
        "amount": plain_amount(due),
        "currency": currency,
    }
    return [(f"trip:{trip.id}", 200 - days, params)]


def _document(candidate: Candidate, trips: Itinerary) -> Found:
    found: Found = []
    for one in find_document_alerts(candidate.documents, trips):
        trip = one.trip
        if trip is None or trip.departs is None:
            continue
        days = (trip.departs - trips.today).days
        if days <= DOCUMENT_DAYS:
            params: Params = {
                "problem": one.alert.value,
                "destination": trip.destination,
                "departs": trip.departs.isoformat(),
                "ends": one.day.isoformat(),
            }
            found.append((f"trip:{trip.id}:{one.document.kind}", 200 - days, params))
    return found


def _returned(candidate: Candidate, trips: Itinerary) -> Found:
    trip = trips.last
    ended = ended_on(trip) if trip is not None else None
    if trip is None or ended is None or trip.rating is not None or trip.product is Product.VISA:
        return []
    days = (trips.today - ended).days
    talked = candidate.last_talk
    if not 0 <= days <= RETURNED_DAYS or (talked is not None and talked > ended):
        return []
    return [(f"trip:{trip.id}", 200 - days, {"destination": trip.destination, "days": days})]


def _quote(_candidate: Candidate, trips: Itinerary) -> Found:
    found: Found = []
    for trip in trips.asked:
        if not trip.is_own or (trip.departs is not None and trip.departs <= trips.today):
            continue
        params: Params = {"destination": trip.destination}
        urgency = 0
        if trip.departs is not None:
            params["departs"] = trip.departs.isoformat()
            urgency = max(0, 200 - (trip.departs - trips.today).days)
        found.append((f"trip:{trip.id}", urgency, params))
    return found


def _birthday(candidate: Candidate, trips: Itinerary) -> Found:
    return _celebration(candidate.birthday, trips.today)


def _anniversary(candidate: Candidate, trips: Itinerary) -> Found:
    return _celebration(candidate.anniversary, trips.today)


def _celebration(day: date | None, today: date) -> Found:
    if day is None:
        return []
    celebrated = next_birthday(day, today)
    days = (celebrated - today).days
    if days > CELEBRATION_DAYS:
        return []
    return [(str(celebrated.year), 200 - days, {"days": days, "date": celebrated.isoformat()})]


def _referrer(candidate: Candidate, trips: Itinerary) -> Found:
    return [
        (f"customer:{customer_id}", 200 - days, {"referred": customer_id})
        for customer_id, since in candidate.referrals
        if 0 <= (days := (trips.today - since).days) <= REFERRAL_DAYS
    ]


def _lapsed(candidate: Candidate, trips: Itinerary) -> Found:
    lapse = candidate.lapse
    if lapse is None or trips.today < lapse.lapsed_from or trips.ahead or trips.under_way:
        return []
    if trips.asked:
        return []  # they asked already: that is a quote
    params: Params = {
        "kind": lapse.kind,
        "months": lapse.months,
        "last": lapse.last.isoformat(),
        "due": lapse.due.isoformat(),
    }
    return [(f"last:{lapse.last.isoformat()}", len(trips.past) * 10, params)]


_FINDERS: tuple[tuple[WorkKind, Callable[[Candidate, Itinerary], Found]], ...] = (
    (WorkKind.UNHAPPY, _unhappy),
    (WorkKind.PAYMENT, _payment),
    (WorkKind.BALANCE, _balance),
    (WorkKind.DOCUMENT, _document),
    (WorkKind.RETURNED, _returned),
    (WorkKind.QUOTE, _quote),
    (WorkKind.BIRTHDAY, _birthday),
    (WorkKind.ANNIVERSARY, _anniversary),
    (WorkKind.REFERRER, _referrer),
    (WorkKind.LAPSED, _lapsed),
    (WorkKind.CALL_LIST, lambda one, _: still_to_call(one.call_lists, one.last_talk)),
)
WORK_KINDS = (WorkKind.PROMISE, *(kind for kind, _ in _FINDERS))
"""In the order of the page; the first that fits a customer counts."""
_SECTIONS: Mapping[WorkKind, Section | None] = {
    WorkKind.PROMISE: None,
    WorkKind.UNHAPPY: Section.CASES,
    WorkKind.PAYMENT: Section.PRICES,
    WorkKind.BALANCE: Section.BALANCE,
    WorkKind.DOCUMENT: Section.PERSONAL,
    WorkKind.RETURNED: Section.TRIPS,
    WorkKind.QUOTE: Section.TRIPS,
    WorkKind.BIRTHDAY: Section.PERSONAL,
    WorkKind.ANNIVERSARY: Section.PERSONAL,
    WorkKind.REFERRER: Section.OFFERS,
    WorkKind.LAPSED: Section.OFFERS,
    WorkKind.CALL_LIST: Section.OFFERS,
}
"""What a department must be allowed to see for each list."""


def visible_kinds(sections: frozenset[Section]) -> tuple[WorkKind, ...]:
    """Return the lists that a user with these sections may see, in the order of the page."""
    return tuple(kind for kind in WORK_KINDS if _SECTIONS[kind] in (None, *sections))
