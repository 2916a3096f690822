"""A caller in one line, for the display of a phone and for other programs."""

from dataclasses import dataclass
from datetime import date

from screenpop.cards.honorifics import address
from screenpop.customers.itinerary import itinerary
from screenpop.customers.match import CustomerMatch, Sureness
from screenpop.customers.models import Customer, CustomerFile, Tier
from screenpop.customers.place_names import place_name

MOST_NAMES = 3
"""Names that are listed of several possible customers."""


@dataclass(frozen=True, slots=True)
class NextTrip:
    destination: str
    departs: date | None
    is_under_way: bool


def next_trip(file: CustomerFile, today: date, language: str) -> NextTrip | None:
    """Return the trip that is under way, else the booked one that departs next; None without."""
    trips = itinerary(file.trips, today)
    trip = trips.under_way or trips.coming
    if trip is None:
        return None
    destination = place_name(trip.destination, language)
    return NextTrip(destination, trip.departs, trip is trips.under_way)


def customer_name(customer: Customer, language: str) -> str:
    """Return title and name."""
    return address(customer.names, customer.title, customer.gender, language)


def caller_name(match: CustomerMatch, language: str, several: str) -> str:
    """Return who calls, in one line; empty for an unknown caller.

    A possible customer has a question mark behind the name. Several are counted and the first of
    them named. ``several``: a text with ``{count}`` and ``{names}``.
    """
    names = [customer_name(file.customer, language) for file in match.files]
    if match.sure is Sureness.CERTAIN:
        return names[0]
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]}?"
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    return several.replace("{count}", str(len(names))).replace("{names}", listed)


def caller_text(name: str, match: CustomerMatch, trip: NextTrip | None, tier: str, vip: str) -> str:
    """Return the name with tier, VIP and next trip, as far as one customer is certain.

    ``tier``, ``vip``: the words of the reader's language.
    """
    file = match.customer
    if file is None:
        return name
    parts = [name]
    if file.customer.vip:
        parts.append(vip)
    if file.customer.tier is not Tier.NONE:
        parts.append(tier)
    if trip is not None:
        day = trip.departs.isoformat() if trip.departs else ""
        parts.append(f"{trip.destination} {day}".strip())
    return " · ".join(parts)
