"""The tier that a customer's trips earn by the office's rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from screenpop.customers.models import Tier

_ORDER = tuple(Tier)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class TierRule:
    """All conditions that are given must hold; of several rules for a tier one is enough."""

    tier: Tier
    trips: int = 0
    """Trips at least; 0: any number."""
    spend: int = 0
    """Prices of trips at least, in whole units of ``currency``; 0: any sum."""
    currency: str = ""
    within_months: int = 0
    """Only trips that began in the months before today; 0: all trips."""


@dataclass(frozen=True, slots=True)
class PaidTrip:
    day: date
    price: int
    currency: str


@dataclass(frozen=True, slots=True)
class NextTier:
    tier: Tier
    trips: int
    """Trips that are still missing, at least 1."""


def is_higher(one: Tier, other: Tier) -> bool:
    return _ORDER.index(one) > _ORDER.index(other)


def earned_tier(rules: Iterable[TierRule], trips: Sequence[PaidTrip], today: date) -> Tier:
    """Return the highest tier whose rule holds for trips that have begun; ``NONE`` without one."""
    earned = Tier.NONE
    for rule in rules:
        if is_higher(rule.tier, earned) and _holds(rule, _counted(rule, trips, today)):
            earned = rule.tier
    return earned


def next_tier(
    rules: Iterable[TierRule], trips: Sequence[PaidTrip], current: Tier, today: date
) -> NextTier | None:
    """Return the nearest higher tier for which only trips are missing; None without one."""
    nearest: NextTier | None = None
    for rule in rules:
        if not rule.trips or not is_higher(rule.tier, current):
            continue
        counted = _counted(rule, trips, today)
        missing = rule.trips - len(counted)
        if missing <= 0 or _spent(rule, counted) < rule.spend:
            continue
        if nearest is None or missing < nearest.trips:
            nearest = NextTier(rule.tier, missing)
    return nearest


def _holds(rule: TierRule, counted: Sequence[PaidTrip]) -> bool:
    return len(counted) >= rule.trips and _spent(rule, counted) >= rule.spend


def _counted(rule: TierRule, trips: Sequence[PaidTrip], today: date) -> list[PaidTrip]:
    since = months_before(today, rule.within_months) if rule.within_months else date.min
    return [trip for trip in trips if since <= trip.day <= today]


def _spent(rule: TierRule, counted: Iterable[PaidTrip]) -> int:
    return sum(trip.price for trip in counted if trip.currency == rule.currency)


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or the last day of a shorter one."""
    turn = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(turn, _MONTHS)
    if year < 1:
        return date.min
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    return date.min
