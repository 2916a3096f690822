"""Translation of a card's destinations into its agent's language."""

from collections.abc import Mapping
from dataclasses import replace

from screenpop.cards.card import CardAlert, CardTrip
from screenpop.customers.place_names import place_name
from screenpop.offers.suggestion import Reason, Suggestion


def localize_trips(language: str, trips: tuple[CardTrip, ...]) -> tuple[CardTrip, ...]:
    return tuple(_localize_trip(language, trip) for trip in trips)


def _localize_trip(language: str, trip: CardTrip) -> CardTrip:
    name = place_name(trip.destination, language)
    return trip if name == trip.destination else replace(trip, destination=name)


def localize_alerts(language: str, now: tuple[CardAlert, ...]) -> tuple[CardAlert, ...]:
    return tuple(
        replace(one, params={**one.params, "destination": _place(language, one.params)})
        if "destination" in one.params
        else one
        for one in now
    )


def localize_suggestions(language: str, items: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    return tuple(_localize_suggestion(language, item) for item in items)


def _localize_suggestion(language: str, item: Suggestion) -> Suggestion:
    reason = item.reason
    if "destination" not in reason.params:
        return item
    params = {**reason.params, "destination": _place(language, reason.params)}
    return replace(item, reason=Reason(reason.code, params))


def _place(language: str, params: Mapping[str, object]) -> str:
    return place_name(str(params["destination"]), language)
