"""What conditions mean for a customer, by example."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.conditions.contradictions import MAX_CONJUNCTIONS, check_can_be_met
from screenpop.conditions.errors import ConditionError
from screenpop.conditions.evaluate import is_met
from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.fields import SEASONS, season_of, sections_of
from screenpop.conditions.tree import AllOf, AnyOf, Compare, Money, Node, Not, Op, Trips

TODAY = date(2026, 2, 27)
ROME = TripFacts(
    destination="Ρώμη",
    status="travelled",
    departs=date(2025, 4, 10),
    adults=2,
    children=1,
    price=900,
    currency="EUR",
)
LALEH = CustomerFacts(
    tags=("VIP", "خانواده"),
    language="fa",
    tier="gold",
    city="Αθήνα",
    birthday=date(1980, 3, 6),
    balance=2_000,
    currency="IRT",
    consents={"sms": False},
    wishes={"destinations": "استانبول، ونیز", "budget": "up to 2,000 EUR"},
    last_contact=date(2026, 1, 1),
    trips=(ROME, replace(ROME, status="asked", departs=None, price=500)),
)


def met(node: Node, facts: CustomerFacts = LALEH) -> bool:
    return is_met(node, facts, TODAY)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Compare("tag", Op.IS_ANY, ("vip", "other")), True),
        (Compare("tag", Op.IS_NONE, ("other",)), True),
        (Compare("city", Op.IS_ANY, ("Athens",)), True),
        (Compare("city", Op.IS_ANY, ("آتن",)), True),
        (Compare("city", Op.IS_NONE, ("Rome",)), True),
        (Compare("birthday_in_days", Op.AT_MOST, 7), True),
        (Compare("birthday_in_days", Op.AT_MOST, 6), False),
        (Compare("wish_destinations", Op.CONTAINS, ("Istanbul",)), True),
        (Compare("wish_destinations", Op.CONTAINS, ("Rome",)), False),
        (Compare("wish_budget", Op.CONTAINS, ("2,000",)), True),
        (Compare("consent_sms", Op.IS_ANY, ("no",)), True),
        (Compare("consent_email", Op.IS_ANY, ("never_asked",)), True),
        (Compare("balance", Op.AT_LEAST, Money(20_000, "IRR")), True),
        (Compare("balance", Op.AT_LEAST, Money(20_001, "IRR")), False),
        (Compare("balance", Op.AT_MOST, Money(20_000, "EUR")), False),
        (Compare("spend", Op.EQUAL, Money(900, "EUR")), True),
        (Compare("spend", Op.EQUAL, Money(0, "GBP")), True),
        (Compare("trip_count", Op.EQUAL, 1), True),
        (Compare("last_contact_days_ago", Op.AT_LEAST, 57), True),
        (Compare("last_contact_days_ago", Op.AT_LEAST, 58), False),
        (Compare("next_trip", Op.IS_NOT_SET), True),
        (Trips((Compare("trip.destination", Op.IS_ANY, ("Rome",)),), Op.EQUAL, 2), True),
        (Trips((Compare("trip.season", Op.IS_ANY, ("spring",)),)), True),
        (Trips((Compare("trip.party", Op.MORE, 3),), Op.EQUAL, 0), True),
    ],
)
def test_a_comparison_means_what_it_reads(node: Node, expected: bool) -> None:
    assert met(node) is expected
    assert met(Not(node)) is not expected


def test_a_fact_that_is_not_known_meets_no_comparison_and_every_negation() -> None:
    unknown = CustomerFacts()
    for node in (
        Compare("birthday_in_days", Op.AT_MOST, 366),
        Compare("last_contact_days_ago", Op.AT_LEAST, 0),
        Compare("city", Op.IS_ANY, ("Athens",)),
        Compare("usual_trip_overdue_days", Op.AT_LEAST, -36_500),
    ):
        assert not met(node, unknown)
        assert met(Not(node), unknown)


def test_both_comparisons_of_a_trip_are_about_the_same_trip() -> None:
    long_ago = TripFacts(destination="Paris", departs=date(2019, 12, 30), status="travelled")
    facts = replace(LALEH, trips=(ROME, long_ago))
    in_rome = Compare("trip.destination", Op.IS_ANY, ("Rome",))
    in_winter = Compare("trip.season", Op.IS_ANY, ("winter",))
    assert met(AllOf((Trips((in_rome,)), Trips((in_winter,)))), facts)
    assert not met(Trips((in_rome, in_winter)), facts)


def test_each_day_of_a_year_is_in_the_season_of_its_limits() -> None:
    days = [date(2024, 1, 1) + timedelta(number) for number in range(366)]
    assert {season_of(day) for day in days} == set(SEASONS)
    assert season_of(date(2026, 3, 20)) == "winter"
    assert season_of(date(2026, 3, 21)) == "spring"
    assert season_of(date(2026, 12, 21)) == "autumn"
    assert season_of(date(2026, 12, 22)) == "winter"


def test_a_condition_needs_the_sections_of_its_fields() -> None:
    assert sections_of(Compare("tier", Op.IS_ANY, ("gold",))) == frozenset()
    both = AnyOf((Compare("open_cases", Op.MORE, 0), Not(Trips((), Op.EQUAL, 0))))
    assert sections_of(both) == {Section.CASES, Section.TRIPS}


def test_a_condition_of_at_most_two_thousand_conjunctions_is_examined() -> None:
    def clash(choices: int) -> Node:
        many = AnyOf(tuple(Compare("trip_count", Op.EQUAL, 5 + n) for n in range(choices)))
        few = AnyOf((Compare("trip_count", Op.LESS, 2), Compare("trip_count", Op.EQUAL, 4)))
        return AllOf((many, few))

    with pytest.raises(ConditionError):
        check_can_be_met(clash(MAX_CONJUNCTIONS // 2))
    check_can_be_met(clash(MAX_CONJUNCTIONS // 2 + 1))
