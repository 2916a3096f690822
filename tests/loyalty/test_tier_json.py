"""Rules for tiers as JSON: read back as written, refused with field, value and remedy."""

import pytest

from screenpop.customers.models import Tier
from screenpop.loyalty.tier_json import (
    MOST_MONTHS,
    MOST_RULES,
    MOST_SPEND,
    MOST_TRIPS,
    TierRulesError,
    read_rules,
    write_rules,
)
from screenpop.loyalty.tiers import TierRule

GOLD = {"tier": "gold", "trips": 5}


def test_rules_at_the_limits_are_read_back_as_they_were_written() -> None:
    rules = (
        TierRule(Tier.SILVER, trips=2),
        TierRule(Tier.PLATINUM, MOST_TRIPS, MOST_SPEND, "EUR", MOST_MONTHS),
    )
    assert read_rules(write_rules(rules)) == rules
    assert read_rules([]) == ()
    assert len(read_rules([GOLD] * MOST_RULES)) == MOST_RULES


@pytest.mark.parametrize(
    ("plain", "problem", "field"),
    [
        ({"tier": "gold"}, "shape", "rules"),
        ([GOLD] * (MOST_RULES + 1), "too_many", "rules"),
        (["gold"], "shape", "rules[0]"),
        ([GOLD, {**GOLD, "visits": 3}], "shape", "rules[1].visits"),
        ([{**GOLD, "tier": "none"}], "tier", "rules[0].tier"),
        ([{**GOLD, "tier": None}], "tier", "rules[0].tier"),
        ([{**GOLD, "trips": -1}], "number", "rules[0].trips"),
        ([{**GOLD, "trips": MOST_TRIPS + 1}], "number", "rules[0].trips"),
        ([{**GOLD, "trips": True}], "number", "rules[0].trips"),
        ([{**GOLD, "within_months": MOST_MONTHS + 1}], "number", "rules[0].within_months"),
        ([{"tier": "gold", "spend": MOST_SPEND + 1}], "number", "rules[0].spend"),
        ([{"tier": "gold", "within_months": 12}], "condition", "rules[0].trips"),
        ([{"tier": "gold", "spend": 100}], "currency", "rules[0].currency"),
        ([{**GOLD, "currency": "EUR"}], "currency", "rules[0].currency"),
        ([{"tier": "gold", "spend": 100, "currency": "XXX"}], "currency", "rules[0].currency"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_their_place(
    plain: object, problem: str, field: str
) -> None:
    with pytest.raises(TierRulesError) as error:
        read_rules(plain)
    assert (error.value.problem, error.value.field) == (problem, field)
    assert error.value.remedy
