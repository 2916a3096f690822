"""Past trips and calls, as a card shows them."""

from datetime import UTC, date, datetime

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardPastCall, CardRhythm, CardTrip
from screenpop.cards.honorifics import forms_of_address
from screenpop.customers.anniversaries import whole_months
from screenpop.customers.itinerary import Itinerary, Phase, newest_first, phase_of
from screenpop.customers.models import PastCall, Trip
from screenpop.customers.payments import plain_amount
from screenpop.loyalty.own_rhythm import own_rhythm

MAX_TRIPS = 5
MAX_CALLS = 5

_MARKS = {
    Phase.ASKED: "asked",
    Phase.AHEAD: "later",
    Phase.NOW: "now",
    Phase.PAST: "past",
    Phase.CANCELLED: "cancelled",
}


def card_trips(
    trips: tuple[Trip, ...], stages: Itinerary, view: frozenset[Section]
) -> tuple[tuple[CardTrip, ...], int]:
    """Return the newest few, newest first and always with the next one; and how many more."""
    if Section.TRIPS not in view:
        return (), 0
    ordered = newest_first(trips)
    coming = stages.coming
    chosen = ordered[:MAX_TRIPS]
    if coming is not None and not any(trip is coming for trip in chosen):
        chosen[-1] = coming
    prices = Section.PRICES in view
    visible = [
        _card_trip(trip, "next" if trip is coming else _MARKS[phase_of(trip, stages.today)], prices)
        for trip in chosen
    ]
    return tuple(visible), len(ordered) - len(chosen)


def _card_trip(trip: Trip, mark: str, prices: bool) -> CardTrip:
    buyer = trip.buyer
    if buyer is not None:
        prices = False  # they belong to the buyer
    return CardTrip(
        id=trip.id,
        destination=trip.destination,
        country=trip.country,
        product=trip.product,
        departs=trip.departs.isoformat() if trip.departs else None,
        returns=trip.returns.isoformat() if trip.returns else None,
        status=trip.status,
        mark=mark,
        adults=trip.adults,
        children=trip.children,
        note=trip.note,
        price=trip.price if prices else None,
        paid=_paid(trip) if prices else None,
        currency=trip.currency if prices else "",
        booked_by=forms_of_address(buyer.names, buyer.title, buyer.gender)[0] if buyer else {},
        booked_by_id=buyer.id if buyer else None,
    )


def _paid(trip: Trip) -> int | float:
    return trip.paid if trip.payments is None else plain_amount(trip.payments.paid)


def card_rhythm(
    trips: tuple[Trip, ...], today: date, view: frozenset[Section]
) -> CardRhythm | None:
    """Return the rhythm of three booked trips or more, for a department that may see trips.

    Trips that another customer booked are in that customer's rhythm.
    """
    rhythm = own_rhythm([one for one in trips if one.is_own]) if Section.TRIPS in view else None
    if rhythm is None:
        return None
    return CardRhythm(
        rhythm.kind,
        rhythm.interval_months,
        rhythm.last.isoformat(),
        rhythm.due.isoformat(),
        rhythm.is_lapsed(today),
        whole_months(rhythm.last, today),
    )


def card_calls(calls: tuple[PastCall, ...], view: frozenset[Section]) -> tuple[CardPastCall, ...]:
    """Return the last few calls in the order of the record, newest first."""
    if Section.CALLS not in view:
        return ()
    return tuple([_card_call(call) for call in calls[:MAX_CALLS]])


def _card_call(call: PastCall) -> CardPastCall:
    return CardPastCall(
        at=_utc(call.at).isoformat(timespec="seconds"),
        direction=call.direction,
        disposition=call.disposition,
        agent=call.agent,
        talk_s=call.talk_s,
        note=call.note,
    )


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
