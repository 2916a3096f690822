"""The rules: each a small function of a customer's file and today, in one table.

A rule says why it speaks, or keeps silent. ``SERVICE`` rules help with what the customer already
has; ``SALE`` rules need consent. The weight ranks: service stands before sale.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from screenpop.customers.days import next_birthday, whole_months
from screenpop.customers.records import CustomerFile, Product, Trip, VisaState
from screenpop.customers.trips import Phase, ended_on, last_trip, next_trip, phase_of
from screenpop.offers import texts
from screenpop.offers.suggestion import Reason

SOON_DAYS = 14
"""A trip that departs within two weeks wants service, not sales."""
JUST_RETURNED_DAYS = 14
BIRTHDAY_DAYS = 7
SILENT_MONTHS = 12
LOVED_RATING = 4
LOVED_AFTER_DAYS = 60
"""Who has just unpacked does not pack again."""
TIMES = 2
SEASON_DAYS = range(30, 151)
"""When to speak of a season: too late a month before, too early five months before."""


class Kind(StrEnum):
    SERVICE = "service"
    SALE = "sale"


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule that fits: the reason, and the trip that it speaks of."""

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
    """Language to what to say; ``{destination}`` stands for the trip's."""
    fits: Callable[[CustomerFile, date], Fit | None]


# Service: what the customer already has.


def _departs_soon(file: CustomerFile, today: date) -> Fit | None:
    trip = _soon(file, today)
    if trip is None or trip.children:
        return None
    return Fit(Reason("trip_soon", _trip_params(trip, today)), trip)


def _departs_soon_with_children(file: CustomerFile, today: date) -> Fit | None:
    trip = _soon(file, today)
    if trip is None or not trip.children:
        return None
    params = {**_trip_params(trip, today), "children": trip.children}
    return Fit(Reason("travels_with_child", params), trip)


def _visa_pending(file: CustomerFile, today: date) -> Fit | None:
    waiting = [trip for trip in _ahead(file, today) if trip.visa is VisaState.PENDING]
    trip = min(waiting, key=lambda trip: trip.departs or date.max, default=None)
    if trip is None:
        return None
    return Fit(Reason("visa_pending", _trip_params(trip, today)), trip)


def _just_returned(file: CustomerFile, today: date) -> Fit | None:
    trip = last_trip(file.trips, today)
    ended = ended_on(trip) if trip is not None else None
    if trip is None or ended is None or trip.rating is not None:
        return None
    days = (today - ended).days
    if not 0 <= days <= JUST_RETURNED_DAYS or trip.product is Product.VISA:
        return None
    return Fit(Reason("just_returned", {"destination": trip.destination, "days": days}), trip)


# Sale: what the customer might like.


def _quote_open(file: CustomerFile, today: date) -> Fit | None:
    asked = (trip for trip in file.trips if phase_of(trip, today) is Phase.ASKED)
    trip = next((trip for trip in asked if not trip.departs or trip.departs > today), None)
    if trip is None:
        return None
    return Fit(Reason("quote_open", {"destination": trip.destination}), trip)


def _birthday(file: CustomerFile, today: date) -> Fit | None:
    birthday = file.customer.birthday
    if birthday is None:
        return None
    days = _days_until(birthday, today)
    return Fit(Reason("birthday_in", {"days": days})) if days <= BIRTHDAY_DAYS else None


def _season_again(file: CustomerFile, today: date) -> Fit | None:
    """The same destination in two years or more, in the season that is coming."""
    in_season = [
        (trip, trip.departs.year)
        for trip in _travelled(file, today)
        if trip.departs and _days_until(trip.departs, today) in SEASON_DAYS
    ]
    for trip, _ in in_season:
        years = {year for other, year in in_season if other.destination == trip.destination}
        if len(years) >= TIMES:
            return Fit(_same_season(trip, len(years)), trip)
    return None


def _same_season(trip: Trip, times: int) -> Reason:
    return Reason("same_season", {"destination": trip.destination, "times": times})


def _loved(file: CustomerFile, today: date) -> Fit | None:
    trip = max(
        (
            trip
            for trip in _travelled(file, today)
            if (trip.rating or 0) >= LOVED_RATING and _days_since(trip, today) >= LOVED_AFTER_DAYS
        ),
        key=lambda trip: (trip.rating or 0, trip.departs or date.min),
        default=None,
    )
    if trip is None or trip.rating is None:
        return None
    return Fit(Reason("loved", {"destination": trip.destination, "rating": trip.rating}), trip)


def _long_silence(file: CustomerFile, today: date) -> Fit | None:
    last = last_heard(file, today)
    months = whole_months(last, today) if last is not None else 0
    if months < SILENT_MONTHS or any(_ahead(file, today)):
        return None
    return Fit(Reason("silent_for", {"months": months}))


RULES: tuple[Rule, ...] = (
    Rule("seats_together", Kind.SERVICE, 100, texts.SEATS_TOGETHER, _departs_soon_with_children),
    Rule("ready_to_go", Kind.SERVICE, 95, texts.READY_TO_GO, _departs_soon),
    Rule("visa_news", Kind.SERVICE, 90, texts.VISA_NEWS, _visa_pending),
    Rule("how_was_it", Kind.SERVICE, 80, texts.HOW_WAS_IT, _just_returned),
    Rule("quote_open", Kind.SALE, 60, texts.QUOTE_OPEN, _quote_open),
    Rule("birthday", Kind.SALE, 50, texts.BIRTHDAY, _birthday),
    Rule("season_again", Kind.SALE, 45, texts.SEASON_AGAIN, _season_again),
    Rule("loved_before", Kind.SALE, 40, texts.LOVED_BEFORE, _loved),
    Rule("welcome_back", Kind.SALE, 30, texts.WELCOME_BACK, _long_silence),
)


def last_heard(file: CustomerFile, today: date) -> date | None:
    """The last day on which the customer spoke with us or came back from a trip."""
    spoken = [call.at.date() for call in file.calls if call.talk_s]
    trips = [trip for trip in file.trips if phase_of(trip, today) is Phase.PAST]
    days = [*spoken, *(day for trip in trips if (day := ended_on(trip)) is not None)]
    return max(days, default=file.customer.customer_since)


def _soon(file: CustomerFile, today: date) -> Trip | None:
    trip = next_trip(file.trips, today)
    if trip is None or trip.departs is None:
        return None
    return trip if trip.departs - today <= timedelta(days=SOON_DAYS) else None


def _ahead(file: CustomerFile, today: date) -> Iterator[Trip]:
    return (trip for trip in file.trips if phase_of(trip, today) is Phase.AHEAD)


def _travelled(file: CustomerFile, today: date) -> list[Trip]:
    """Past trips to a place that no open trip or quote leads to."""
    open_phases = {Phase.AHEAD, Phase.NOW, Phase.ASKED}
    phases = [(trip, phase_of(trip, today)) for trip in file.trips]
    led_to = {trip.destination for trip, phase in phases if phase in open_phases}
    return [
        trip
        for trip, phase in phases
        if phase is Phase.PAST and trip.departs and trip.destination not in led_to
    ]


def _trip_params(trip: Trip, today: date) -> dict[str, str | int]:
    params: dict[str, str | int] = {"destination": trip.destination}
    if trip.departs is not None:
        params["days"] = (trip.departs - today).days
    return params


def _days_until(day: date, today: date) -> int:
    """Days to the next time this day of the year comes."""
    return (next_birthday(day, today) - today).days


def _days_since(trip: Trip, today: date) -> int:
    ended = ended_on(trip)
    return (today - ended).days if ended is not None else 0
