"""The value of one customer from their trips."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from screenpop.customers.models import CustomerId, Tier
from screenpop.likelihood.chances import GivenChance
from screenpop.loyalty.own_rhythm import find_rhythm
from screenpop.loyalty.stages import stage_of
from screenpop.loyalty.tiers import PaidTrip, TierRule, earned_tier, is_higher, next_tier
from screenpop.loyalty.value import (
    MIN_TRIPS_FOR_CHANCE,
    ChanceReason,
    ChanceWord,
    CustomerValue,
    chance_word,
)
from screenpop.store.value.office import Office
from screenpop.store.value.rows import Share


@dataclass(frozen=True, slots=True)
class Scoring:
    """What is the same for all customers of a run."""

    office: Office
    starts: Sequence[int]
    """The place of the first trip of each customer, and at the end the number of trips."""
    today: date
    rules: Sequence[TierRule]


def customer_value(
    scoring: Scoring, place: int, given: GivenChance | None, share: Share
) -> CustomerValue:
    """Return the value of the customer at ``place``.

    ``given``: the chance; None without a past trip, or where no candidate is used.
    """
    office, today = scoring.office, scoring.today
    trips = range(scoring.starts[place], scoring.starts[place + 1])
    days = [date.fromordinal(office.day[one]) for one in trips]
    begun = sum(day <= today for day in days)
    paid = [
        PaidTrip(day, office.price[one], office.currencies[office.currency[one]])
        for day, one in zip(days, trips, strict=True)
    ]
    currency = _usual_currency(paid[:begun])
    same = [
        one for one, trip in zip(trips, paid[:begun], strict=False) if trip.currency == currency
    ]
    earned = earned_tier(scoring.rules, paid, today)
    current = office.tier_of(place)
    chance, word, reasons = chance_for(given, days, begun)
    customer_id = office.customers[place]
    return CustomerValue(
        CustomerId(customer_id),
        today,
        trips=begun,
        first_trip=days[0] if days else None,
        last_trip=days[-1] if days else None,
        spend=sum(office.price[one] for one in same),
        margin=sum(office.margin[one] for one in same),
        currency=currency,
        rhythm=find_rhythm(tuple(days)),
        stage=stage_of(days, today),
        earned_tier=earned,
        next_tier=next_tier(scoring.rules, paid, _higher(current, earned), today),
        percentile=share.percentile,
        is_top=share.is_top,
        chance=chance,
        chance_word=word,
        reasons=reasons,
        referred=office.referred[customer_id],
    )


def _higher(one: Tier, other: Tier) -> Tier:
    return other if is_higher(other, one) else one


def _usual_currency(trips: Sequence[PaidTrip]) -> str:
    counts = Counter(trip.currency for trip in trips if trip.currency)
    return counts.most_common(1)[0][0] if counts else ""


def chance_for(
    given: GivenChance | None, days: Sequence[date], begun: int
) -> tuple[int | None, ChanceWord, tuple[ChanceReason, ...]]:
    """Return the chance in percent, its word and its reasons.

    ``days``: of all trips; ``begun``: how many have begun; ``given``: by the model in use."""
    if len(days) > begun:
        return None, ChanceWord.BOOKED, ()
    if begun < MIN_TRIPS_FOR_CHANCE:
        return None, ChanceWord.TOO_NEW, ()
    if given is None:
        return None, ChanceWord.NONE, ()
    reasons = tuple(ChanceReason(code, raises) for code, raises in given.reasons)
    return round(given.chance * 100), chance_word(given.chance), reasons
