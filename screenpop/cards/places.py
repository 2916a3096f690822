"""The destinations of a card in its agent's language."""

from dataclasses import replace

from screenpop.cards.card import CardNow, CardTrip
from screenpop.customers.places import place_name
from screenpop.offers.suggestion import Reason, Suggestion


def trips_in(language: str, trips: tuple[CardTrip, ...]) -> tuple[CardTrip, ...]:
    return tuple(_trip_in(language, trip) for trip in trips)


def _trip_in(language: str, trip: CardTrip) -> CardTrip:
    name = place_name(trip.destination, language)
    return trip if name == trip.destination else replace(trip, destination=name)


def now_in(language: str, now: tuple[CardNow, ...]) -> tuple[CardNow, ...]:
    return tuple(
        CardNow(one.code, _params_in(language, one.params), one.tone)
        if "destination" in one.params
        else one
        for one in now
    )


def suggestions_in(language: str, items: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    return tuple(
        replace(item, reason=Reason(item.reason.code, _params_in(language, item.reason.params)))
        if "destination" in item.reason.params
        else item
        for item in items
    )


def _params_in(language: str, params: dict[str, str | int]) -> dict[str, str | int]:
    return {**params, "destination": place_name(str(params["destination"]), language)}
