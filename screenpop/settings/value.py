"""Settings of customers' values, the office's rules for tiers and points, and vouchers."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from screenpop.customers.models import CURRENCIES, Tier
from screenpop.loyalty.points import PointRules
from screenpop.loyalty.tier_json import MOST_MONTHS, MOST_RULES, MOST_SPEND, MOST_TRIPS
from screenpop.loyalty.tiers import TierRule
from screenpop.loyalty.vouchers import MAX_BATCH


class TierRuleSettings(BaseModel):
    """One way to earn a tier: all conditions that are given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: Literal["silver", "gold", "platinum"]
    trips: int = Field(default=0, ge=0, le=MOST_TRIPS)
    """Trips that have begun, at least."""
    spend: int = Field(default=0, ge=0, le=MOST_SPEND)
    """Prices of these trips at least, in whole units of ``currency``."""
    currency: str = ""
    within_months: int = Field(default=0, ge=0, le=MOST_MONTHS)
    """Only trips of the last months count; 0: all."""

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if not (self.trips or self.spend):
            raise ValueError("it has no condition; give trips or spend")
        if bool(self.spend) != bool(self.currency):
            raise ValueError("give spend and currency together: sums are counted in one currency")
        if self.currency and self.currency not in CURRENCIES:
            raise ValueError(f"currency {self.currency!r} is none of {', '.join(CURRENCIES)}")
        return self

    def rule(self) -> TierRule:
        return TierRule(Tier(self.tier), self.trips, self.spend, self.currency, self.within_months)


class ValueSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tiers: tuple[TierRuleSettings, ...] = Field(default=(), max_length=MOST_RULES)
    """Rules for tiers until the office saves others on ``/value/tiers``.

    None: tiers are set by hand and by imports only."""

    def rules(self) -> tuple[TierRule, ...]:
        return tuple(one.rule() for one in self.tiers)


class VoucherSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    batch: int = Field(default=MAX_BATCH, ge=1, le=MAX_BATCH)
    """Vouchers that are made at once, at most."""


class PointSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    called: Literal["points", "stamps"] = "points"
    """How they are called on the pages."""
    per_trip: int = Field(default=0, ge=0, le=100_000)
    """Points of a trip that has begun; departures within three days are one trip."""
    per_amount: int = Field(default=0, ge=0, le=100_000)
    """Points for each whole ``amount`` of the price."""
    amount: int = Field(default=0, ge=0, le=10**15)
    currency: str = ""
    """Prices in other currencies earn no points per amount."""
    months: int = Field(default=0, ge=0, le=600)
    """Months after the departure in which they can be spent; 0: for ever."""
    since: date | None = None
    """Only trips that depart from this day on."""

    @model_validator(mode="after")
    def _has_an_amount(self) -> Self:
        if not bool(self.per_amount) == bool(self.amount) == bool(self.currency):
            raise ValueError("give per_amount, amount and currency together")
        if self.currency and self.currency not in CURRENCIES:
            raise ValueError(f"currency {self.currency!r} is none of {', '.join(CURRENCIES)}")
        return self

    def rules(self) -> PointRules:
        return PointRules(
            per_trip=self.per_trip,
            per_amount=self.per_amount,
            amount=self.amount,
            currency=self.currency,
            months=self.months,
            since=self.since,
            are_stamps=self.called == "stamps",
        )
