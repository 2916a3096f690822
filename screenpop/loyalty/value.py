"""What a customer is worth to the office and how likely they are to come back, as stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from screenpop.customers.models import CustomerId, Tier
from screenpop.loyalty.own_rhythm import Rhythm
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.tiers import NextTier

TOP_SHARE = 0.8
"""The share of the profit that the best customers bring together."""
LIKELY = 0.5
POSSIBLE = 0.2
MIN_TRIPS_FOR_CHANCE = 2


class ChanceWord(StrEnum):
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    TOO_NEW = "too_new"
    """Fewer than two trips."""
    BOOKED = "booked"
    """A trip that has not begun is booked already."""
    NONE = "none"
    """No candidate beats the plain average in this office: the rhythm is shown instead."""


def chance_word(chance: float) -> ChanceWord:
    if chance >= LIKELY:
        return ChanceWord.LIKELY
    return ChanceWord.POSSIBLE if chance >= POSSIBLE else ChanceWord.UNLIKELY


@dataclass(frozen=True, slots=True)
class ChanceReason:
    """Why a chance is above or below that of the office's mean customer."""

    code: str
    """``silence``, ``frequency``, ``rhythm``, ``season``, ``party``, ``spend``, ``cases``."""
    raises: bool


@dataclass(frozen=True, slots=True)
class CustomerValue:
    customer_id: CustomerId
    scored_on: date
    trips: int = 0
    """Trips that have begun, as buyer; departures within three days are one trip."""
    first_trip: date | None = None
    last_trip: date | None = None
    """The last departure, a booked one included."""
    spend: int = 0
    """Prices of these trips in the currency of most of them, in whole units."""
    margin: int = 0
    currency: str = ""
    rhythm: Rhythm | None = None
    stage: Stage = Stage.NONE
    earned_tier: Tier = Tier.NONE
    next_tier: NextTier | None = None
    percentile: int | None = None
    """1 for the best hundredth of the customers by profit, or by spend where no margins are known.

    None without any."""
    is_top: bool = False
    """One of the customers who bring ``TOP_SHARE`` of it together."""
    chance: int | None = None
    """Percent, where a number is shown."""
    chance_word: ChanceWord = ChanceWord.NONE
    reasons: tuple[ChanceReason, ...] = ()
    referred: int = 0
    """Customers they sent."""


@dataclass(frozen=True, slots=True)
class ValueRun:
    """One run over all customers."""

    at: float
    """Seconds since 1970, UTC."""
    day: date
    took_s: float
    customers: int
    report: Mapping[str, object] = field(default_factory=dict)
    """As ``likelihood.backtest.Backtest`` in JSON, with ``parameters`` and ``stages``."""
