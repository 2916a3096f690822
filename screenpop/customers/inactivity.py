"""How long a customer has not been heard of."""

from datetime import date

from screenpop.customers.anniversaries import whole_months
from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import CustomerFile

INACTIVE_MONTHS = 12


def last_contact(file: CustomerFile, trips: Itinerary) -> date | None:
    """The last day on which somebody spoke with the customer, or on which a trip of theirs ended;
    else the day they became a customer."""
    days = [call.at.date() for call in file.calls if call.talk_s]
    if trips.last is not None:
        days.append(ended_on(trips.last) or date.min)
    return max(days, default=file.customer.customer_since)


def months_inactive(file: CustomerFile, trips: Itinerary) -> int | None:
    """Full months of a silence worth mentioning: a year or more, and no trip ahead; else None."""
    heard = last_contact(file, trips)
    if heard is None or heard == date.min or trips.ahead or trips.under_way:
        return None
    months = whole_months(heard, trips.today)
    return months if months >= INACTIVE_MONTHS else None
