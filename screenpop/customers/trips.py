"""Where a traveller stands today: before, on, or after a trip."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from screenpop.customers.records import Trip, TripStatus


class Phase(StrEnum):
    ASKED = "asked"
    """A quote; nothing is booked."""
    AHEAD = "ahead"
    """Booked, and not yet begun: departs today or later, or the day is not fixed."""
    NOW = "now"
    """On the way."""
    PAST = "past"
    CANCELLED = "cancelled"


def phase_of(trip: Trip, today: date) -> Phase:
    match trip.status:
        case TripStatus.ASKED:
            return Phase.ASKED
        case TripStatus.CANCELLED:
            return Phase.CANCELLED
        case TripStatus.TRAVELLED:
            return Phase.PAST
        case TripStatus.BOOKED | TripStatus.TICKETED:
            return _phase_by_date(trip, today)


def _phase_by_date(trip: Trip, today: date) -> Phase:
    if trip.departs is None:
        return Phase.AHEAD if trip.returns is None or trip.returns >= today else Phase.PAST
    if trip.departs >= today:
        return Phase.AHEAD
    return Phase.NOW if trip.returns is not None and trip.returns >= today else Phase.PAST


def next_trip(trips: Iterable[Trip], today: date) -> Trip | None:
    """The booked trip that departs soonest, today or later."""
    return min(
        (trip for trip in trips if trip.departs and phase_of(trip, today) is Phase.AHEAD),
        key=lambda trip: (trip.departs, trip.id),
        default=None,
    )


def trip_under_way(trips: Iterable[Trip], today: date) -> Trip | None:
    return next((trip for trip in trips if phase_of(trip, today) is Phase.NOW), None)


def last_trip(trips: Iterable[Trip], today: date) -> Trip | None:
    """The trip that ended last."""
    return max(
        (trip for trip in trips if ended_on(trip) and phase_of(trip, today) is Phase.PAST),
        key=lambda trip: (ended_on(trip), trip.id),
        default=None,
    )


def ended_on(trip: Trip) -> date | None:
    """The day of the return, or of the departure where no return is known."""
    return trip.returns or trip.departs


def newest_first(trips: Iterable[Trip]) -> list[Trip]:
    """By departure, trips without a day at the end."""
    return sorted(trips, key=lambda trip: (trip.departs or date.min, trip.id), reverse=True)
