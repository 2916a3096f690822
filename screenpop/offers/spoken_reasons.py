"""Why an office's offer fits a customer, in words to read out, from the parts of its condition.

Parts about prices, balances, cases and consent give no reason: they are not for the customer's ears
and not for each department.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from screenpop.conditions.tree import AllOf, AnyOf, Compare, Node, Op, Trips
from screenpop.offers.matching import Known, compile_check, trips_that_meet
from screenpop.offers.offer_words import spoken_trips
from screenpop.offers.office_offer import OfficeOffer
from screenpop.offers.suggestion import Reason

_MONTH_DAYS = 30.44
_LONGEST = 60


def reason_for(offer: OfficeOffer, known: Known) -> Reason:
    """Return the reason that is best to read out; without one, that the office offers it."""
    met = list(_met_parts(offer.terms.condition, known))
    for find in _IN_ORDER:
        for node in met:
            reason = find(node, known)
            if reason is not None:
                return reason
    return Reason("office_offer", {"offer": offer.terms.name})


def destination_for(offer: OfficeOffer, known: Known) -> str:
    """Return the destination of the newest trip that the condition asks for, or empty."""
    trips = spoken_trips(offer.terms.condition)
    return "" if trips is None else _newest(trips, known)[0]


def _met_parts(condition: Node | None, known: Known) -> Iterator[Node]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                if isinstance(condition, AllOf) or compile_check(part)(known):
                    yield from _met_parts(part, known)
        case Compare() | Trips():
            yield condition
        case _:
            return


def _newest(node: Trips, known: Known) -> tuple[str, int]:
    """Return destination and position of the newest such trip with a destination."""
    found = [
        (known.facts.trips[place].departs or date.min, -place)
        for place in trips_that_meet(node, known)
        if known.facts.trips[place].destination
    ]
    if not found:
        return "", -1
    place = -max(found)[1]
    return known.facts.trips[place].destination, place


def _celebration(node: Node, known: Known) -> Reason | None:
    codes = {"birthday_in_days": "birthday_in", "anniversary_in_days": "anniversary_in"}
    if not isinstance(node, Compare) or node.field not in codes:
        return None
    days = known.fact(node.field)
    return Reason(codes[node.field], {"days": days}) if isinstance(days, int) else None


def _rated(node: Node, known: Known) -> Reason | None:
    if not isinstance(node, Trips) or "trip.rating" not in {one.field for one in node.where}:
        return None
    destination, place = _newest(node, known)
    rating = known.facts.trips[place].rating if destination else None
    if rating is None:
        return None
    return Reason("loved", {"destination": destination, "rating": rating})


def _trips(node: Node, known: Known) -> Reason | None:
    if not isinstance(node, Trips):
        return None
    destination, place = _newest(node, known)
    if not destination:
        return None
    trip = known.facts.trips[place]
    if trip.status == "asked":
        return Reason("quote_open", {"destination": destination})
    if trip.departs is None:
        return None
    days = (trip.departs - known.today).days
    if days >= 0:
        return Reason("trip_ahead", {"destination": destination, "days": days})
    if trip.children and "trip.children" in {one.field for one in node.where}:
        return Reason("went_with_children", {"destination": destination})
    same = known.facts.trips
    times = sum(same[one].destination == destination for one in trips_that_meet(node, known))
    return Reason("been_there", {"destination": destination, "times": times})


def _days(
    field: str, code: str, of: Callable[[int], dict[str, str | int]]
) -> Callable[[Node, Known], Reason | None]:
    def find(node: Node, known: Known) -> Reason | None:
        if not isinstance(node, Compare) or node.field != field or node.op is Op.IS_NOT_SET:
            return None
        number = known.fact(field)
        return Reason(code, of(number)) if isinstance(number, int) else None

    return find


def _months(days: int) -> dict[str, str | int]:
    return {"months": max(round(days / _MONTH_DAYS), 1)}


def _usual_trip(node: Node, known: Known) -> Reason | None:
    if not isinstance(node, Compare):
        return None
    if node.field == "lapsed" and node.value is True:
        return Reason("usual_trip_missed")
    days = known.fact(node.field) if node.field == "usual_trip_overdue_days" else None
    if not isinstance(days, int):
        return None
    if days > 0:
        return Reason("usual_trip_missed")
    return Reason("usual_trip_in", {"days": -days})


def _number_of_trips(node: Node, known: Known) -> Reason | None:
    trips = known.fact("trip_count")
    if not isinstance(node, Compare) or node.field != "trip_count" or not isinstance(trips, int):
        return None
    return Reason("trips_booked", {"trips": trips}) if trips else Reason("no_trip_yet")


def _value(node: Node, known: Known) -> Reason | None:
    """Return the reason of a field that is named with the customer's value."""
    if not isinstance(node, Compare) or node.op in (Op.IS_NONE, Op.IS_NOT_SET):
        return None
    name = "wish" if node.field.startswith("wish_") else node.field
    if name not in _VALUES:
        return None
    fact = known.fact(node.field)
    text = fact if isinstance(fact, str) else _meant_tag(node, known)
    code, param = _VALUES[name]
    return Reason(code, {param: text[:_LONGEST]}) if text else None


def _meant_tag(node: Compare, known: Known) -> str:
    tags = known.fact(node.field)
    if not isinstance(tags, tuple):
        return ""
    values = node.value if isinstance(node.value, tuple) else ()
    named = [str(one) for one in tags if str(one).casefold() in {str(v).casefold() for v in values}]
    return next(iter(named or map(str, tags)), "")


_VALUES: Mapping[str, tuple[str, str]] = {
    "wish": ("wishes", "wish"),
    "tier": ("has_tier", "tier"),
    "tag": ("has_tag", "tag"),
    "company": ("belongs_to", "company"),
    "heard_from": ("heard_from", "source"),
    "city": ("lives_in", "city"),
}
_IN_ORDER = (
    _celebration,
    _rated,
    _trips,
    _days("next_trip_in_days", "next_trip_in", lambda days: {"days": days}),
    _usual_trip,
    _number_of_trips,
    _value,
    _days("last_trip_days_ago", "last_trip", _months),
    _days("last_contact_days_ago", "silent_for", _months),
)
"""The best to say aloud first."""
