"""The phase of each trip on a given day: before, during or after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.customers.models import Trip, TripStatus


class Phase(StrEnum):
    ASKED = "asked"
    """A quote; nothing is booked."""
    AHEAD = "ahead"
    """Booked and not yet begun: departs today or later, or the day is not fixed."""
    NOW = "now"
    """During the trip."""
    PAST = "past"
    CANCELLED = "cancelled"


# Bound once: looking a member up in its enum costs more than all else here.
_AHEAD, _NOW, _PAST, _ASKED = Phase.AHEAD, Phase.NOW, Phase.PAST, Phase.ASKED

_DAY_INDEPENDENT = {
    TripStatus.ASKED: Phase.ASKED,
    TripStatus.QUOTED: Phase.ASKED,
    TripStatus.CANCELLED: Phase.CANCELLED,
    TripStatus.TRAVELLED: Phase.PAST,
}


@dataclass(frozen=True, slots=True)
class Itinerary:
    """A customer's trips by phase on one day; each tuple in the order of the record."""

    today: date
    asked: tuple[Trip, ...]
    ahead: tuple[Trip, ...]
    past: tuple[Trip, ...]
    coming: Trip | None
    """The booked trip that departs soonest, today or later."""
    under_way: Trip | None
    last: Trip | None
    """The trip that ended last."""


def itinerary(trips: Iterable[Trip], today: date) -> Itinerary:
    asked, ahead, past = list[Trip](), list[Trip](), list[Trip]()
    under_way = None
    for trip in trips:
        phase = phase_of(trip, today)
        if phase is _PAST:
            past.append(trip)
        elif phase is _AHEAD:
            ahead.append(trip)
        elif phase is _ASKED:
            asked.append(trip)
        elif phase is _NOW and under_way is None:
            under_way = trip
    dated = [trip for trip in ahead if trip.departs]
    return Itinerary(
        today=today,
        asked=tuple(asked),
        ahead=tuple(ahead),
        past=tuple(past),
        coming=min(dated, key=_departure) if dated else None,
        under_way=under_way,
        last=max(past, key=_end) if past else None,
    )


def phase_of(trip: Trip, today: date) -> Phase:
    fixed = _DAY_INDEPENDENT.get(trip.status)
    if fixed is not None:
        return fixed
    departs, returns = trip.departs, trip.returns
    if trip.status is TripStatus.TRAVELLING and (returns is None or returns >= today):
        return _NOW
    if departs is None:
        return _AHEAD if returns is None or returns >= today else _PAST
    if departs >= today:
        return _AHEAD
    return _NOW if returns is not None and returns >= today else _PAST


def ended_on(trip: Trip) -> date | None:
    """Return the day of the return, or of the departure where no return is known."""
    return trip.returns or trip.departs


def newest_first(trips: Iterable[Trip]) -> list[Trip]:
    """Return trips by departure, newest first, trips without a day at the end."""
    return sorted(trips, key=_departure, reverse=True)


def _departure(trip: Trip) -> tuple[date, int]:
    return (trip.departs or date.min, trip.id)


def _end(trip: Trip) -> tuple[date, int]:
    return (ended_on(trip) or date.min, trip.id)


def last_trip_of(trips: Iterable[Trip], today: date) -> Trip | None:
    """Return the trip that began last, of those that were booked; None when there is none."""
    begun = [
        trip
        for trip in trips
        if trip.departs is not None and trip.departs <= today and trip.status not in _NOT_TAKEN
    ]
    return max(begun, key=lambda trip: (trip.departs or date.min, trip.id), default=None)


_NOT_TAKEN = frozenset({TripStatus.ASKED, TripStatus.QUOTED, TripStatus.CANCELLED})
