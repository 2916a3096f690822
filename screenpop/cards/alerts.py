"""Alerts of today: a table of small functions of a customer's record, most urgent first."""

from collections.abc import Callable, Iterator

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardAlert
from screenpop.cards.honorifics import address
from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.document_alerts import DocumentAlert, find_document_alerts
from screenpop.customers.inactivity import months_inactive
from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import CaseKind, CaseState, CustomerFile, VisaState
from screenpop.customers.payment_alerts import (
    PaymentAlertKind,
    balances_of,
    find_payment_alerts,
)
from screenpop.customers.payments import CENTS, plain_amount
from screenpop.offers.rules import JUST_RETURNED_DAYS

AlertResult = Iterator[CardAlert]
Params = dict[str, str | int | float]

DEPARTS_DAYS = 30
VISA_ALARM_DAYS = 7
BIRTHDAY_DAYS = 7
ANNIVERSARY_DAYS = 14
"""A trip for two is planned earlier than a birthday greeting."""
MAX_PAYMENTS = 3


def build_alerts(
    file: CustomerFile, trips: Itinerary, view: frozenset[Section], language: str = "en"
) -> tuple[CardAlert, ...]:
    """Return today's alerts that a department with this view may see. ``language``: of names."""
    return tuple(
        [now for section, find in _TABLE if section in view for now in find(file, trips, language)]
    )


def _cases(file: CustomerFile, _trips: Itinerary, _language: str) -> AlertResult:
    for case in file.cases:
        if case.state is not CaseState.CLOSED:
            params: Params = {
                "kind": str(case.kind),
                "subject": case.subject,
                "since": case.opened.isoformat(),
            }
            yield CardAlert("case_open", params, _CASE_TONES[case.kind])


_CASE_TONES = {CaseKind.COMPLAINT: "alarm", CaseKind.REFUND: "due", CaseKind.QUESTION: "plain"}


def _promises(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    for case in file.cases:
        if case.state is not CaseState.CLOSED and case.promised_for is not None:
            late = case.promised_for < trips.today
            params: Params = {
                "by": case.promised_by,
                "date": case.promised_for.isoformat(),
            }
            yield CardAlert("promised", params, "alarm" if late else "plain")


def _household_cases(file: CustomerFile, _trips: Itinerary, language: str) -> AlertResult:
    for one in file.household_cases:
        case, member = one.case, one.member
        params: Params = {
            "kind": str(case.kind),
            "subject": case.subject,
            "since": case.opened.isoformat(),
            "name": address(member.names, member.title, member.gender, language),
        }
        yield CardAlert("household_case", params, _CASE_TONES[case.kind])


def _travelling(_file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    trip = trips.under_way
    if trip is not None and trip.returns is not None:
        params: Params = {
            "destination": trip.destination,
            "returns": trip.returns.isoformat(),
        }
        yield CardAlert("travelling", params, "due")


def _departs(_file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    trip = trips.coming
    if trip is None or trip.departs is None:
        return
    days = (trip.departs - trips.today).days
    if days <= DEPARTS_DAYS:
        params: Params = {
            "destination": trip.destination,
            "days": days,
            "adults": trip.adults,
            "children": trip.children,
        }
        yield CardAlert("departs_in", params, "plain")


def _visa(_file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    trip = trips.coming
    if trip is None or trip.departs is None or trip.visa is VisaState.NOT_NEEDED:
        return
    soon = (trip.departs - trips.today).days <= VISA_ALARM_DAYS
    params: Params = {"state": str(trip.visa), "destination": trip.destination}
    yield CardAlert("visa", params, _visa_tone(trip.visa, soon))


def _visa_tone(visa: VisaState, soon: bool) -> str:
    match visa:
        case VisaState.ISSUED | VisaState.NOT_NEEDED:
            return "good"
        case VisaState.REFUSED:
            return "alarm"
        case VisaState.PENDING:
            return "alarm" if soon else "due"


def _documents(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    if not file.documents:
        return
    for found in find_document_alerts(file.documents, trips):
        params: Params = {"date": found.day.isoformat(), "days": found.days}
        if found.trip is not None:
            params["destination"] = found.trip.destination
        if found.alert is DocumentAlert.PASSPORT_EXPIRES:
            params["months"] = found.months
        yield CardAlert(found.alert.value, params, found.tone)


def _payments(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    for found in find_payment_alerts(file.trips, trips.today)[:MAX_PAYMENTS]:
        payment = found.payment
        params: Params = {
            "amount": plain_amount(payment.cents),
            "currency": payment.currency,
            "method": payment.method.value,
            "destination": found.trip.destination,
            "days": found.days,
        }
        if payment.due is not None:
            params["date"] = payment.due.isoformat()
        tone = "due" if found.kind is PaymentAlertKind.PAYMENT_DUE else "alarm"
        yield CardAlert(found.kind.value, params, tone)


def _balance(file: CustomerFile, _trips: Itinerary, _language: str) -> AlertResult:
    """Where trips have payments the balance follows from them, else it is the stored one."""
    customer = file.customer
    balances = balances_of(file.trips)
    if balances is None:
        balances = {customer.currency: customer.balance * CENTS}
    for currency, cents in balances.items():
        if cents > 0:
            params: Params = {"amount": plain_amount(cents), "currency": currency}
            yield CardAlert("balance_due", params, "due")


def _just_returned(_file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    trip = trips.last
    ended = ended_on(trip) if trip is not None else None
    if trip is None or ended is None:
        return
    days = (trips.today - ended).days
    if 0 <= days <= JUST_RETURNED_DAYS:
        params: Params = {"destination": trip.destination, "days": days}
        yield CardAlert("just_returned", params, "good")


def _birthday(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    birthday = file.customer.birthday
    if birthday is None:
        return
    celebrated = next_birthday(birthday, trips.today)
    days = (celebrated - trips.today).days
    if days <= BIRTHDAY_DAYS:
        yield CardAlert("birthday_in", {"days": days, "date": celebrated.isoformat()}, "good")


def _anniversary(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    anniversary = file.customer.anniversary
    if anniversary is None:
        return
    celebrated = next_birthday(anniversary, trips.today)
    days = (celebrated - trips.today).days
    if days <= ANNIVERSARY_DAYS:
        yield CardAlert("anniversary_in", {"days": days, "date": celebrated.isoformat()}, "good")


def _silence(file: CustomerFile, trips: Itinerary, _language: str) -> AlertResult:
    months = months_inactive(file, trips)
    if months is not None:
        yield CardAlert("silent_for", {"months": months}, "plain")


_TABLE: tuple[tuple[Section, Callable[[CustomerFile, Itinerary, str], AlertResult]], ...] = (
    (Section.CASES, _cases),
    (Section.CASES, _promises),
    (Section.CASES, _household_cases),
    (Section.TRIPS, _travelling),
    (Section.TRIPS, _departs),
    (Section.PERSONAL, _documents),
    (Section.PRICES, _payments),
    (Section.BALANCE, _balance),
    (Section.TRIPS, _visa),
    (Section.TRIPS, _just_returned),
    (Section.PERSONAL, _birthday),
    (Section.PERSONAL, _anniversary),
    (Section.OFFERS, _silence),
)
