"""The chance that an offer is accepted on a call, from the answers so far: a Beta distribution.

Few answers say little, so each estimate begins with an average and moves to its own answers as they
come: an offer begins with the office's average, an offer in a tier with the offer's.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

PRIOR_CALLS = 20.0
"""How many calls the average counts for; after as many of its own an offer is halfway."""
NEW_CALLS = 30
"""Up to so many calls an offer is new: where the office wants it, its chance is drawn."""
FIRST_CHANCE = 0.1
"""Of an office without answers."""
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Answered:
    """On how many calls an offer was suggested, and on how many it was accepted."""

    calls: int = 0
    accepted: int = 0

    def __add__(self, other: "Answered") -> "Answered":
        return Answered(self.calls + other.calls, self.accepted + other.accepted)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A Beta distribution of the chance that an offer is accepted."""

    alpha: float
    beta: float
    answered: Answered

    @property
    def chance(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    def interval(self) -> tuple[float, float]:
        """Return the limits that the chance is within with 95 percent."""
        return beta_quantile(0.025, self.alpha, self.beta), beta_quantile(
            0.975, self.alpha, self.beta
        )

    def draw(self, betavariate: Callable[[float, float], float]) -> float:
        """Return a chance drawn from the distribution, as by ``random.betavariate``.

        Offers that rank by drawn chances are tried out as often as they may be the best: W. R.
        Thompson, Biometrika 25 (1933) 285-294.
        """
        return betavariate(self.alpha, self.beta)


@dataclass(frozen=True, slots=True)
class OfferChances:
    """The estimates of one offer: over all customers, and by tier."""

    overall: Estimate
    by_tier: Mapping[str, Estimate]


def estimate_offers(
    answered: Mapping[tuple[int, str], Answered], offers: Iterable[int]
) -> dict[int, OfferChances]:
    """Return the estimates of offers. ``answered``: by offer and the customer's tier."""
    office = sum(answered.values(), Answered())
    average = _estimate(office, FIRST_CHANCE).chance
    by_offer: dict[int, dict[str, Answered]] = {}
    for (number, tier), one in answered.items():
        by_offer.setdefault(number, {})[tier] = one
    found: dict[int, OfferChances] = {}
    for offer in offers:
        tiers = by_offer.get(offer, {})
        overall = _estimate(sum(tiers.values(), Answered()), average)
        found[offer] = OfferChances(
            overall, {tier: _estimate(one, overall.chance) for tier, one in tiers.items()}
        )
    return found


def estimate_in_segment(
    answered: Mapping[int, Answered], chances: Mapping[int, OfferChances]
) -> dict[int, Estimate]:
    """Return the estimates of offers among some customers; each begins with that of its offer.

    ``answered``: by offer, of these customers alone; ``chances``: of all customers.
    """
    return {
        offer: _estimate(answered.get(offer, Answered()), found.overall.chance)
        for offer, found in chances.items()
    }


def _estimate(answered: Answered, prior: float) -> Estimate:
    return Estimate(
        PRIOR_CALLS * prior + answered.accepted,
        PRIOR_CALLS * (1 - prior) + answered.calls - answered.accepted,
        answered,
    )


def beta_quantile(probability: float, alpha: float, beta: float) -> float:
    """Return the value below which a Beta distribution is with a probability."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if beta_cdf(middle, alpha, beta) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(value: float, alpha: float, beta: float) -> float:
    """Return the regularised incomplete beta function.

    By the continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, which
    converges quickly below the mean; the symmetry 8.17.4 gives the values above it.
    """
    if value <= 0.0:
        return 0.0
    if value >= 1.0:
        return 1.0
    if value > (alpha + 1) / (alpha + beta + 2):
        return 1.0 - beta_cdf(1.0 - value, beta, alpha)
    factor = math.exp(
        math.lgamma(alpha + beta)
        - math.lgamma(alpha)
        - math.lgamma(beta)
        + alpha * math.log(value)
        + beta * math.log1p(-value)
    )
    return factor / alpha * _fraction(value, alpha, beta)


def _fraction(value: float, alpha: float, beta: float) -> float:
    """Return the continued fraction by Lentz's method."""
    tiny, precision = 1e-300, 1e-14
    upper, lower = 1.0, 1.0 - (alpha + beta) * value / (alpha + 1)
    lower = 1.0 / (lower or tiny)
    result = lower
    for number in range(1, 1000):
        double, change = alpha + 2 * number, 0.0
        for term in (
            number * (beta - number) * value / ((double - 1) * double),
            -(alpha + number) * (alpha + beta + number) * value / (double * (double + 1)),
        ):
            lower = 1.0 / ((1.0 + term * lower) or tiny)
            upper = (1.0 + term / upper) or tiny
            change = upper * lower
            result *= change
        if abs(change - 1.0) < precision:
            break
    return result
