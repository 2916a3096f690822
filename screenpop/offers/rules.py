"""The service rules: functions of a customer's record and today's trips, in one table.

A rule returns its reason, or None. It helps with what the customer already has, so it is always on
and needs no consent. What is sold, an office offers itself: ``offers.templates``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import CustomerFile, Product, Trip, VisaState
from screenpop.offers import texts
from screenpop.offers.suggestion import Reason

SOON_DAYS = 14
"""Days before departure in which a customer gets service suggestions only."""
JUST_RETURNED_DAYS = 14


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that applies: the reason, and its trip."""

    reason: Reason
    trip: Trip | None = None

    @property
    def destination(self) -> str:
        return self.trip.destination if self.trip is not None else ""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    weight: int
    text: dict[str, str]
    """Language to text; ``{destination}`` is replaced by the trip's."""
    fits: Callable[[CustomerFile, Itinerary], RuleMatch | None]


def _departs_soon(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    trip = _soon(trips)
    if trip is None or trip.children:
        return None
    return RuleMatch(Reason("trip_soon", _trip_params(trip, trips.today)), trip)


def _departs_soon_with_children(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    trip = _soon(trips)
    if trip is None or not trip.children:
        return None
    params = {**_trip_params(trip, trips.today), "children": trip.children}
    return RuleMatch(Reason("travels_with_child", params), trip)


def _visa_pending(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    waiting = [trip for trip in trips.ahead if trip.visa is VisaState.PENDING]
    if not waiting:
        return None
    trip = min(waiting, key=lambda trip: trip.departs or date.max)
    return RuleMatch(Reason("visa_pending", _trip_params(trip, trips.today)), trip)


def _just_returned(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    trip = trips.last
    if trip is None or trip.rating is not None or trip.product is Product.VISA:
        return None
    days = _days_since(trip, trips.today)
    if days is None or not 0 <= days <= JUST_RETURNED_DAYS:
        return None
    return RuleMatch(Reason("just_returned", {"destination": trip.destination, "days": days}), trip)


RULES: tuple[Rule, ...] = (
    Rule("seats_together", 100, texts.SEATS_TOGETHER, _departs_soon_with_children),
    Rule("ready_to_go", 95, texts.READY_TO_GO, _departs_soon),
    Rule("visa_news", 90, texts.VISA_NEWS, _visa_pending),
    Rule("how_was_it", 80, texts.HOW_WAS_IT, _just_returned),
)
"""Highest weight first."""

Params = dict[str, str | int]


def _soon(trips: Itinerary) -> Trip | None:
    trip = trips.coming
    if trip is None or trip.departs is None:
        return None
    return trip if (trip.departs - trips.today).days <= SOON_DAYS else None


def _trip_params(trip: Trip, today: date) -> Params:
    params: Params = {"destination": trip.destination}
    if trip.departs is not None:
        params["days"] = (trip.departs - today).days
    return params


def _days_since(trip: Trip, today: date) -> int | None:
    ended = ended_on(trip)
    return (today - ended).days if ended is not None else None
