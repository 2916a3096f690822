"""How long a customer has had no contact."""

from datetime import date

from screenpop.customers.anniversaries import whole_months
from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import CustomerFile

INACTIVE_MONTHS = 12


def last_contact(file: CustomerFile, trips: Itinerary) -> date | None:
    """Return the last day of contact: a call with talk time, or the end of the last trip.

    Without one, the day they became a customer.
    """
    days = [call.at.date() for call in file.calls if call.talk_s]
    if trips.last is not None:
        days.append(ended_on(trips.last) or date.min)
    return max(days, default=file.customer.customer_since)


def months_inactive(file: CustomerFile, trips: Itinerary) -> int | None:
    """Return full months without contact: a year or more and no trip ahead; else None."""
    contact = last_contact(file, trips)
    if contact is None or contact == date.min or trips.ahead or trips.under_way:
        return None
    months = whole_months(contact, trips.today)
    return months if months >= INACTIVE_MONTHS else None
