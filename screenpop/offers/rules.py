"""The offer rules: functions of a customer's record and today's trips, in one table.

A rule returns its reason, or None. ``SERVICE`` rules help with what the customer already has;
``SALE`` rules need consent. The weight ranks: service before sale.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.inactivity import months_inactive
from screenpop.customers.itinerary import Itinerary, ended_on
from screenpop.customers.models import CustomerFile, Product, Trip, VisaState
from screenpop.offers import texts
from screenpop.offers.suggestion import Reason

SOON_DAYS = 14
"""Days before departure in which a customer gets service suggestions only."""
JUST_RETURNED_DAYS = 14
BIRTHDAY_DAYS = 7
ANNIVERSARY_DAYS = 14
"""Days ahead of an anniversary; a trip for two is planned earlier than a birthday greeting."""
LOVED_RATING = 4
LOVED_AFTER_DAYS = 60
"""Days after a return before a well-rated destination is suggested again."""
TIMES = 2
SEASON_DAYS = range(30, 151)
"""Days before a season in which it is suggested: neither too late nor too early."""


class Kind(StrEnum):
    SERVICE = "service"
    SALE = "sale"


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
    kind: Kind
    weight: int
    text: dict[str, str]
    """Language to text; ``{destination}`` is replaced by the trip's."""
    fits: Callable[[CustomerFile, Itinerary], RuleMatch | None]


# Service: what the customer already has.


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


# Sale: what the customer might like.


def _quote_open(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    for trip in trips.asked:
        if not trip.is_own:
            continue
        if trip.departs is None or trip.departs > trips.today:
            return RuleMatch(Reason("quote_open", {"destination": trip.destination}), trip)
    return None


def _birthday(file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    if file.customer.birthday is None:
        return None
    days = _days_until(file.customer.birthday, trips.today)
    return RuleMatch(Reason("birthday_in", {"days": days})) if days <= BIRTHDAY_DAYS else None


def _anniversary(file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    if file.customer.anniversary is None:
        return None
    days = _days_until(file.customer.anniversary, trips.today)
    return RuleMatch(Reason("anniversary_in", {"days": days})) if days <= ANNIVERSARY_DAYS else None


def _season_again(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    """Match the same destination in two years or more, in the coming season."""
    visits = Counter(trip.destination for trip in trips.past)
    often = {place for place, times in visits.items() if times >= TIMES} - _planned(trips)
    in_season = [
        (trip, trip.departs.year)
        for trip in trips.past
        if trip.destination in often and trip.departs
        if _days_until(trip.departs, trips.today) in SEASON_DAYS
    ]
    for trip, _ in in_season:
        years = {year for other, year in in_season if other.destination == trip.destination}
        if len(years) >= TIMES:
            params: Params = {"destination": trip.destination, "times": len(years)}
            return RuleMatch(Reason("same_season", params), trip)
    return None


def _loved(_file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    loved = [
        (trip, trip.rating)
        for trip in trips.past
        if trip.rating is not None and trip.rating >= LOVED_RATING
        if (_days_since(trip, trips.today) or 0) >= LOVED_AFTER_DAYS
        if trip.destination not in _planned(trips)
    ]
    if not loved:
        return None
    trip, rating = max(loved, key=lambda pair: (pair[1], pair[0].departs or date.min))
    return RuleMatch(Reason("loved", {"destination": trip.destination, "rating": rating}), trip)


def _long_silence(file: CustomerFile, trips: Itinerary) -> RuleMatch | None:
    months = months_inactive(file, trips)
    return RuleMatch(Reason("silent_for", {"months": months})) if months is not None else None


RULES: tuple[Rule, ...] = (
    Rule("seats_together", Kind.SERVICE, 100, texts.SEATS_TOGETHER, _departs_soon_with_children),
    Rule("ready_to_go", Kind.SERVICE, 95, texts.READY_TO_GO, _departs_soon),
    Rule("visa_news", Kind.SERVICE, 90, texts.VISA_NEWS, _visa_pending),
    Rule("how_was_it", Kind.SERVICE, 80, texts.HOW_WAS_IT, _just_returned),
    Rule("quote_open", Kind.SALE, 60, texts.QUOTE_OPEN, _quote_open),
    Rule("birthday", Kind.SALE, 50, texts.BIRTHDAY, _birthday),
    Rule("anniversary", Kind.SALE, 48, texts.ANNIVERSARY, _anniversary),
    Rule("season_again", Kind.SALE, 45, texts.SEASON_AGAIN, _season_again),
    Rule("loved_before", Kind.SALE, 40, texts.LOVED_BEFORE, _loved),
    Rule("welcome_back", Kind.SALE, 30, texts.WELCOME_BACK, _long_silence),
)
"""Highest weight first."""

Params = dict[str, str | int]


def _soon(trips: Itinerary) -> Trip | None:
    trip = trips.coming
    if trip is None or trip.departs is None:
        return None
    return trip if (trip.departs - trips.today).days <= SOON_DAYS else None


def _planned(trips: Itinerary) -> set[str]:
    """Return destinations of open trips and quotes, which need no suggestion."""
    there = {trip.destination for trip in (*trips.ahead, *trips.asked)}
    return there | {trips.under_way.destination} if trips.under_way else there


def _trip_params(trip: Trip, today: date) -> Params:
    params: Params = {"destination": trip.destination}
    if trip.departs is not None:
        params["days"] = (trip.departs - today).days
    return params


def _days_until(day: date, today: date) -> int:
    """Return days until this day of the year comes next."""
    return (next_birthday(day, today) - today).days


def _days_since(trip: Trip, today: date) -> int | None:
    ended = ended_on(trip)
    return (today - ended).days if ended is not None else None
