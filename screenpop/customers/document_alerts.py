"""What is wrong with a customer's documents on a day: passports and visas that end too early.

A passport counts by the one that is valid longest, and not for a trip in the country that issued
it. Many countries want six months of validity beyond the return.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from screenpop.customers.document_days import DocumentDays
from screenpop.customers.documents import SCHENGEN, DocumentKind
from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import Trip, VisaState

SIX_MONTHS_DAYS = 183
DAYS_A_MONTH = 30.4375


class DocumentAlert(StrEnum):
    PASSPORT_BEFORE_TRIP = "passport_before_trip"
    """It expires before the departure."""
    PASSPORT_IN_TRIP = "passport_in_trip"
    PASSPORT_SHORT = "passport_short"
    """It is valid for less than six months after the return."""
    PASSPORT_EXPIRED = "passport_expired"
    PASSPORT_EXPIRES = "passport_expires"
    """Within six months; no trip is booked that it is too short for."""
    VISA_BEFORE_TRIP = "visa_before_trip"
    VISA_IN_TRIP = "visa_in_trip"
    VISA_AFTER_DEPARTURE = "visa_after_departure"
    """It is not valid yet on the day of departure."""


TONES = {
    DocumentAlert.PASSPORT_SHORT: "due",
    DocumentAlert.PASSPORT_EXPIRED: "due",
    DocumentAlert.PASSPORT_EXPIRES: "plain",
}
"""The tone on a card; all others are alarms."""


@dataclass(frozen=True, slots=True)
class DocumentFinding:
    alert: DocumentAlert
    document: DocumentDays
    day: date
    """The last day of the document; for ``VISA_AFTER_DEPARTURE`` its first."""
    trip: Trip | None = None
    days: int = 0
    """Days from the end of the document to the departure, or from today to its end."""

    @property
    def tone(self) -> str:
        return TONES.get(self.alert, "alarm")

    @property
    def months(self) -> int:
        """Return the whole months of ``days``, 0 for less than one."""
        return int(self.days / DAYS_A_MONTH)


def find_document_alerts(
    documents: Iterable[DocumentDays], trips: Itinerary
) -> tuple[DocumentFinding, ...]:
    """Return at most one finding for the passport and one for the visas, the passport first."""
    known = [one for one in documents if one.expires is not None]
    if not known:
        return ()
    ahead = sorted(
        (trip for trip in trips.ahead if trip.departs is not None),
        key=lambda trip: (trip.departs or date.max, trip.id),
    )
    found = _passport(_longest(known, DocumentKind.PASSPORT), ahead, trips.today)
    visas = [one for one in known if one.kind == DocumentKind.VISA]
    return tuple(one for one in (found, _visas(visas, ahead)) if one is not None)


def _longest(documents: Iterable[DocumentDays], kind: DocumentKind) -> DocumentDays | None:
    of_kind = [one for one in documents if one.kind == kind]
    return max(of_kind, key=lambda one: one.expires or date.min, default=None)


def _passport(
    passport: DocumentDays | None, ahead: Iterable[Trip], today: date
) -> DocumentFinding | None:
    if passport is None or passport.expires is None:
        return None
    ends = passport.expires
    for trip in ahead:
        if trip.departs is None or (trip.country and trip.country == passport.country):
            continue
        alert = _for_trip(ends, trip.departs, ended_on(trip) or trip.departs)
        if alert is not None:
            return DocumentFinding(alert, passport, ends, trip, (trip.departs - ends).days)
    days = (ends - today).days
    if days < 0:
        return DocumentFinding(DocumentAlert.PASSPORT_EXPIRED, passport, ends, None, days)
    if days <= SIX_MONTHS_DAYS:
        return DocumentFinding(DocumentAlert.PASSPORT_EXPIRES, passport, ends, None, days)
    return None


def _for_trip(ends: date, departs: date, returns: date) -> DocumentAlert | None:
    if ends < departs:
        return DocumentAlert.PASSPORT_BEFORE_TRIP
    if ends < returns:
        return DocumentAlert.PASSPORT_IN_TRIP
    if ends < returns + timedelta(days=SIX_MONTHS_DAYS):
        return DocumentAlert.PASSPORT_SHORT
    return None


def _visas(visas: list[DocumentDays], ahead: Iterable[Trip]) -> DocumentFinding | None:
    for trip in ahead:
        # An open or refused application has an alert of its own.
        if trip.departs is None or trip.visa in {VisaState.PENDING, VisaState.REFUSED}:
            continue
        fitting = [one for one in visas if _is_for(one, trip.country)]
        problems = [_visa_problem(one, trip, trip.departs) for one in fitting]
        if problems and None not in problems:
            return max(
                (one for one in problems if one is not None),
                key=lambda one: one.document.expires or date.min,
            )
    return None


def _is_for(visa: DocumentDays, country: str) -> bool:
    if not country:
        return False
    return visa.country == country or (visa.country in SCHENGEN and country in SCHENGEN)


def _visa_problem(visa: DocumentDays, trip: Trip, departs: date) -> DocumentFinding | None:
    """Return why a visa does not cover a trip; None for one that does."""
    ends, begins = visa.expires, visa.valid_from
    if ends is None:
        return None
    if ends < departs:
        days = (departs - ends).days
        return DocumentFinding(DocumentAlert.VISA_BEFORE_TRIP, visa, ends, trip, days)
    if begins is not None and begins > departs:
        return DocumentFinding(DocumentAlert.VISA_AFTER_DEPARTURE, visa, begins, trip)
    if ends < (ended_on(trip) or departs):
        return DocumentFinding(DocumentAlert.VISA_IN_TRIP, visa, ends, trip)
    return None
