"""The office's rules for tiers as JSON: ``[{"tier": "gold", "trips": 5, "within_months": 24}]``."""

from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import Any

from screenpop.customers.models import CURRENCIES, Tier
from screenpop.loyalty.tiers import TierRule

MOST_RULES = 30
MOST_TRIPS = 1_000
MOST_SPEND = 10**15
MOST_MONTHS = 600
EARNED_TIERS = tuple(tier.value for tier in Tier if tier is not Tier.NONE)
_NUMBERS = {"trips": MOST_TRIPS, "spend": MOST_SPEND, "within_months": MOST_MONTHS}
_FIELDS = ("tier", "trips", "spend", "currency", "within_months")


class TierRulesError(ValueError):
    """Rules are refused; the text names the field, the value and the remedy."""

    def __init__(self, problem: str, field: str, value: object, remedy: str) -> None:
        """``problem``: shape, tier, number, condition, currency or too_many."""
        text = "" if value is None else shorten(str(value), 80, placeholder=" …")
        super().__init__(f"{field}{f' ({text})' if text else ''}: {remedy}")
        self.problem = problem
        self.field = field
        self.value = text
        self.remedy = remedy


def read_rules(plain: object) -> tuple[TierRule, ...]:
    """Return the rules of a JSON value. Raises ``TierRulesError``; nothing is used then."""
    if not isinstance(plain, list):
        remedy = f"write a list of at most {MOST_RULES} rules"
        raise TierRulesError("shape", "rules", plain, remedy)
    if len(plain) > MOST_RULES:
        raise TierRulesError("too_many", "rules", len(plain), f"at most {MOST_RULES} rules")
    return tuple(_rule(one, f"rules[{number}]") for number, one in enumerate(plain))


def write_rules(rules: Iterable[TierRule]) -> list[dict[str, Any]]:
    """Return the JSON value of rules, as ``read_rules`` reads it."""
    return [
        {
            "tier": rule.tier.value,
            "trips": rule.trips,
            "spend": rule.spend,
            "currency": rule.currency,
            "within_months": rule.within_months,
        }
        for rule in rules
    ]


def _rule(plain: object, at: str) -> TierRule:
    if not isinstance(plain, Mapping):
        raise TierRulesError("shape", at, plain, f"write an object with {', '.join(_FIELDS)}")
    for name in plain:
        if name not in _FIELDS:
            remedy = f"use known fields only: {', '.join(_FIELDS)}"
            raise TierRulesError("shape", f"{at}.{name}", plain[name], remedy)
    tier = plain.get("tier")
    if tier not in EARNED_TIERS:
        remedy = f"use one of {', '.join(EARNED_TIERS)}"
        raise TierRulesError("tier", f"{at}.tier", tier, remedy)
    numbers = {
        name: _number(plain.get(name, 0), f"{at}.{name}", _NUMBERS[name]) for name in _NUMBERS
    }
    currency = plain.get("currency", "")
    if not numbers["trips"] and not numbers["spend"]:
        raise TierRulesError("condition", f"{at}.trips", None, "give trips, spend or both")
    if bool(numbers["spend"]) != bool(currency) or (currency and currency not in CURRENCIES):
        remedy = f"give spend together with a currency of {', '.join(CURRENCIES)}, or neither"
        raise TierRulesError("currency", f"{at}.currency", currency, remedy)
    return TierRule(Tier(tier), currency=currency, **numbers)


def _number(plain: object, field: str, most: int) -> int:
    if type(plain) is not int or not 0 <= plain <= most:
        raise TierRulesError("number", field, plain, f"write a whole number from 0 to {most}")
    return plain
