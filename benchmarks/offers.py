"""``python -m benchmarks.offers``: what the office's active offers cost a card.

Offers as offices make them: about places, seasons, tiers, tags, birthdays, silence, cities, wishes;
each with a place or a number of its own. Customers with up to twenty trips.
"""

import argparse
import statistics
import time
from datetime import date, timedelta
from random import Random

from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.fields import MONTHS, SEASONS
from screenpop.conditions.tree import AllOf, AnyOf, Compare, Money, Node, Not, Op, Trips
from screenpop.offers.compiled import CompiledOffers
from screenpop.offers.matching import Known
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer

TODAY = date(2026, 11, 29)
MOST = 3
CUSTOMERS = 400
PLACES = ("Istanbul", "Antalya", "Dubai", "Kish", "Rome", "Paris", "Athens", "Tbilisi", "Yerevan")
TAGS = tuple(f"tag {number}" for number in range(40))
CITIES = tuple(f"city {number}" for number in range(40))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--offers", type=int, default=500)
    options.add_argument("--limit-ms", type=float, default=0.2)
    given = options.parse_args()
    rng = Random(1)
    began = time.perf_counter()
    compiled = CompiledOffers([_offer(rng, number + 1) for number in range(given.offers)])
    compiled.prepare(TODAY)
    took_ms = (time.perf_counter() - began) * 1e3
    people = [_customer(rng) for _ in range(CUSTOMERS)]
    _measure(compiled, people)
    best = [min(one) for one in zip(*(_measure(compiled, people) for _ in range(5)), strict=True)]
    p50, p99 = statistics.median(best), statistics.quantiles(best, n=100)[98]
    every = sum(sum(1 for _ in compiled.fitting(Known(one, TODAY))) for one in people)
    print(
        f"{given.offers} active offers, compiled in {took_ms:.0f} ms; {every / CUSTOMERS:.1f} fit"
    )
    print(f"a card: {p50:.3f} ms median, {p99:.3f} ms at the 99th percentile")
    return 0 if p99 <= given.limit_ms else 1


def _measure(compiled: CompiledOffers, people: list[CustomerFacts]) -> list[float]:
    times = []
    for facts in people:
        began = time.perf_counter()
        found = compiled.fitting(Known(facts, TODAY))
        for _ in range(MOST):
            next(found, None)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _offer(rng: Random, number: int) -> OfficeOffer:
    margin = Money(rng.randrange(20, 400), "EUR") if rng.random() < 0.7 else None
    terms = OfferTerms(name=f"Offer {number}", words={"en": "Hello"}, margin=margin)
    parts = [_part(rng) for _ in range(rng.choice([1, 2, 2, 3]))]
    condition = parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    starts = TODAY - timedelta(rng.randrange(100))
    ended = OfferTerms(
        name=terms.name, words=terms.words, condition=condition, margin=margin, starts=starts
    )
    chances = tuple((tier, rng.randrange(1, 40)) for tier in ("", "none", "silver", "gold"))
    return OfficeOffer(OfferId(number), ended, active=True, chances=chances)


def _part(rng: Random) -> Node:
    place = Compare("trip.destination", Op.IS_ANY, (rng.choice(PLACES),))
    season = Compare("trip.season", Op.IS_ANY, (rng.choice(tuple(SEASONS)),))
    choices: tuple[Node, ...] = (
        Trips((place, Compare("trip.rating", Op.AT_LEAST, 4))),
        Trips((place, season), Op.AT_LEAST, 2),
        Trips((Compare("trip.month", Op.IS_ANY, (rng.choice(MONTHS),)),)),
        Trips((Compare("trip.departs_in_days", Op.AT_MOST, rng.randrange(10, 90)),)),
        Compare("tier", Op.IS_ANY, ("gold", "platinum")),
        Compare("tag", Op.IS_ANY, (rng.choice(TAGS),)),
        Compare("city", Op.IS_ANY, (rng.choice(CITIES),)),
        Compare("birthday_in_days", Op.AT_MOST, rng.randrange(1, 30)),
        Compare("last_trip_days_ago", Op.AT_LEAST, rng.randrange(200, 900)),
        Compare("trip_count", Op.AT_LEAST, rng.randrange(1, 30)),
        Compare("spend", Op.MORE, Money(rng.randrange(1_000, 90_000), "EUR")),
        Compare("wish_season", Op.CONTAINS, (rng.choice(PLACES),)),
        Not(Compare("vip", Op.IS, value=True)),
        AnyOf((Compare("open_cases", Op.EQUAL, 0), Compare("lapsed", Op.IS, value=True))),
    )
    return rng.choice(choices)


def _customer(rng: Random) -> CustomerFacts:
    days = [TODAY + timedelta(rng.randrange(-3_000, 90)) for _ in range(rng.randrange(21))]
    return CustomerFacts(
        tags=tuple(rng.sample(TAGS, rng.randrange(4))),
        tier=rng.choice(["none", "none", "silver", "gold"]),
        vip=rng.random() < 0.1,
        city=rng.choice(CITIES),
        birthday=date(1980, rng.randrange(1, 13), rng.randrange(1, 29)),
        wishes={"season": "a week in Rome or Paris"},
        trips=tuple(
            TripFacts(
                destination=rng.choice(PLACES),
                departs=day,
                status="travelled" if day < TODAY else "booked",
                price=rng.randrange(300, 4_000),
                currency="EUR",
                rating=rng.choice([None, 2, 4, 5]),
            )
            for day in days
        ),
    )


if __name__ == "__main__":
    raise SystemExit(main())
