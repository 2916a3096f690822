"""What matters today: a table of small functions of a customer's file, most pressing first."""

from collections.abc import Callable, Iterator

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardNow
from screenpop.cards.honorifics import address
from screenpop.customers.days import next_birthday
from screenpop.customers.records import CaseKind, CaseState, CustomerFile, VisaState
from screenpop.customers.silence import silent_months
from screenpop.customers.trips import Itinerary, ended_on
from screenpop.offers.rules import ANNIVERSARY_DAYS, BIRTHDAY_DAYS, JUST_RETURNED_DAYS

Found = Iterator[CardNow]
Params = dict[str, str | int]

DEPARTS_DAYS = 30
VISA_ALARM_DAYS = 7


def matters_now(
    file: CustomerFile, trips: Itinerary, view: frozenset[Section], language: str = "en"
) -> tuple[CardNow, ...]:
    """Everything of today that a department with this view may see. ``language``: of names."""
    return tuple(
        [now for section, find in _TABLE if section in view for now in find(file, trips, language)]
    )


def _cases(file: CustomerFile, _trips: Itinerary, _language: str) -> Found:
    for case in file.cases:
        if case.state is not CaseState.CLOSED:
            params: Params = {
                "kind": str(case.kind),
                "subject": case.subject,
                "since": case.opened.isoformat(),
            }
            yield CardNow("case_open", params, _CASE_TONES[case.kind])


_CASE_TONES = {CaseKind.COMPLAINT: "alarm", CaseKind.REFUND: "due", CaseKind.QUESTION: "plain"}


def _promises(file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    for case in file.cases:
        if case.state is not CaseState.CLOSED and case.promised_for is not None:
            late = case.promised_for < trips.today
            params: Params = {
                "by": case.promised_by,
                "date": case.promised_for.isoformat(),
            }
            yield CardNow("promised", params, "alarm" if late else "plain")


def _household_cases(file: CustomerFile, _trips: Itinerary, language: str) -> Found:
    for one in file.household_cases:
        case, member = one.case, one.member
        params: Params = {
            "kind": str(case.kind),
            "subject": case.subject,
            "since": case.opened.isoformat(),
            "name": address(member.names, member.title, member.gender, language),
        }
        yield CardNow("household_case", params, _CASE_TONES[case.kind])


def _travelling(_file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    trip = trips.under_way
    if trip is not None and trip.returns is not None:
        params: Params = {
            "destination": trip.destination,
            "returns": trip.returns.isoformat(),
        }
        yield CardNow("travelling", params, "due")


def _departs(_file: CustomerFile, trips: Itinerary, _language: str) -> Found:
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
        yield CardNow("departs_in", params, "plain")


def _visa(_file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    trip = trips.coming
    if trip is None or trip.departs is None or trip.visa is VisaState.NOT_NEEDED:
        return
    soon = (trip.departs - trips.today).days <= VISA_ALARM_DAYS
    params: Params = {"state": str(trip.visa), "destination": trip.destination}
    yield CardNow("visa", params, _visa_tone(trip.visa, soon))


def _visa_tone(visa: VisaState, soon: bool) -> str:
    match visa:
        case VisaState.ISSUED | VisaState.NOT_NEEDED:
            return "good"
        case VisaState.REFUSED:
            return "alarm"
        case VisaState.PENDING:
            return "alarm" if soon else "due"


def _balance(file: CustomerFile, _trips: Itinerary, _language: str) -> Found:
    customer = file.customer
    if customer.balance > 0:
        params: Params = {
            "amount": customer.balance,
            "currency": customer.currency,
        }
        yield CardNow("balance_due", params, "due")


def _just_returned(_file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    trip = trips.last
    ended = ended_on(trip) if trip is not None else None
    if trip is None or ended is None:
        return
    days = (trips.today - ended).days
    if 0 <= days <= JUST_RETURNED_DAYS:
        params: Params = {"destination": trip.destination, "days": days}
        yield CardNow("just_returned", params, "good")


def _birthday(file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    birthday = file.customer.birthday
    if birthday is None:
        return
    celebrated = next_birthday(birthday, trips.today)
    days = (celebrated - trips.today).days
    if days <= BIRTHDAY_DAYS:
        yield CardNow("birthday_in", {"days": days, "date": celebrated.isoformat()}, "good")


def _anniversary(file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    anniversary = file.customer.anniversary
    if anniversary is None:
        return
    celebrated = next_birthday(anniversary, trips.today)
    days = (celebrated - trips.today).days
    if days <= ANNIVERSARY_DAYS:
        yield CardNow("anniversary_in", {"days": days, "date": celebrated.isoformat()}, "good")


def _silence(file: CustomerFile, trips: Itinerary, _language: str) -> Found:
    months = silent_months(file, trips)
    if months is not None:
        yield CardNow("silent_for", {"months": months}, "plain")


_TABLE: tuple[tuple[Section, Callable[[CustomerFile, Itinerary, str], Found]], ...] = (
    (Section.CASES, _cases),
    (Section.CASES, _promises),
    (Section.CASES, _household_cases),
    (Section.TRIPS, _travelling),
    (Section.TRIPS, _departs),
    (Section.BALANCE, _balance),
    (Section.TRIPS, _visa),
    (Section.TRIPS, _just_returned),
    (Section.PERSONAL, _birthday),
    (Section.PERSONAL, _anniversary),
    (Section.OFFERS, _silence),
)
