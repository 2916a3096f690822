"""Translation of a card's destinations into its agent's language."""

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
        CardAlert(one.code, _localize_params(language, one.params), one.tone)
        if "destination" in one.params
        else one
        for one in now
    )


def localize_suggestions(language: str, items: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    return tuple(
        replace(
            item, reason=Reason(item.reason.code, _localize_params(language, item.reason.params))
        )
        if "destination" in item.reason.params
        else item
        for item in items
    )


def _localize_params(language: str, params: dict[str, str | int]) -> dict[str, str | int]:
    return {**params, "destination": place_name(str(params["destination"]), language)}
