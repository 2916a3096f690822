"""Compiled offers: the same customers as plain evaluation, in order of rank, where and when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from screenpop.conditions.evaluate import Fact, is_met
from screenpop.conditions.facts import CustomerFacts
from screenpop.conditions.tree import Compare, Money, Node, Op
from screenpop.offers.calendars import Calendar
from screenpop.offers.compiled import CallPlace, CompiledOffers
from screenpop.offers.matching import Known
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer, Period
from tests.conditions.people import customer_facts
from tests.conditions.trees import TODAY, conditions

WORDS = {"en": "Hello"}


def offer(number: int, condition: Node | None = None, **more: object) -> OfficeOffer:
    terms = replace(OfferTerms(name=f"Offer {number}", words=WORDS, condition=condition), **more)  # type: ignore[arg-type]
    return OfficeOffer(OfferId(number), terms, active=True)


def fitting(
    offers: list[OfficeOffer],
    facts: CustomerFacts,
    place: CallPlace | None = None,
    today: date = TODAY,
) -> list[int]:
    known = Known(facts, today)
    return [one.id for one in CompiledOffers(offers).fitting(known, place or CallPlace())]


@pytest.mark.slow
@settings(max_examples=120)
@given(
    st.lists(st.none() | conditions(depth_leaves=5), min_size=1, max_size=12),
    st.lists(customer_facts, min_size=1, max_size=4),
)
def test_compiled_offers_fit_the_customers_that_meet_their_conditions(
    trees: list[Node | None], people: list[CustomerFacts]
) -> None:
    # In one tier the order is the other way round.
    offers = [
        replace(
            offer(number, tree, margin=Money(1, "EUR")), chances=(("", 50), ("gold", 100 - number))
        )
        if number % 2
        else replace(offer(number, tree), chances=(("gold", 7),))
        for number, tree in enumerate(trees, 1)
    ]
    compiled = CompiledOffers(offers)
    for facts in people:
        plain = [
            number
            for number, tree in enumerate(trees, 1)
            if tree is None or is_met(tree, facts, TODAY)
        ]
        assert sorted(one.id for one in compiled.fitting(Known(facts, TODAY))) == plain


def test_offers_come_by_margin_of_the_usual_currency_then_in_the_order_they_were_made() -> None:
    offers = [
        offer(1),
        offer(2, margin=Money(50, "EUR")),
        offer(3, margin=Money(900, "USD")),
        offer(4, margin=Money(200, "EUR")),
    ]
    assert fitting(offers, CustomerFacts()) == [4, 2, 1, 3]


def test_offers_come_by_margin_times_chance_in_the_tier_of_the_customer() -> None:
    offers = [
        replace(offer(1, margin=Money(100, "EUR")), chances=(("", 10), ("gold", 40))),
        replace(offer(2, margin=Money(200, "EUR")), chances=(("", 10), ("gold", 10))),
        replace(offer(3, margin=Money(50, "EUR")), chances=(("", 60),)),
        replace(offer(4), chances=(("", 90),)),
    ]
    assert fitting(offers, CustomerFacts(tier="none")) == [3, 2, 1, 4]
    assert fitting(offers, CustomerFacts(tier="gold")) == [1, 3, 2, 4]
    tried = [*offers[:2], replace(offers[2], drawn=1), offers[3]]
    assert fitting(tried, CustomerFacts(tier="none")) == [2, 1, 3, 4]


def test_toman_and_rial_compare_in_the_order_of_margins() -> None:
    offers = [offer(1, margin=Money(50, "IRR")), offer(2, margin=Money(6, "IRT"))]
    assert fitting(offers, CustomerFacts()) == [2, 1]


def test_offer_of_a_line_or_queue_is_not_suggested_on_another() -> None:
    offers = [offer(1, lines=("982100",)), offer(2, queues=("sales",)), offer(3)]
    facts = CustomerFacts()
    assert fitting(offers, facts, CallPlace("982100", "support")) == [1, 3]
    assert fitting(offers, facts, CallPlace("982101", "sales")) == [2, 3]
    assert fitting(offers, facts) == [3]


def test_offer_runs_from_its_first_to_its_last_day() -> None:
    offers = [offer(1, starts=TODAY, ends=TODAY + timedelta(2))]
    found = [
        fitting(offers, CustomerFacts(), today=TODAY + timedelta(days)) for days in (-1, 0, 2, 3)
    ]
    assert found == [[], [1], [1], []]


def test_offer_of_a_feast_runs_its_days_before_and_after() -> None:
    nowruz = offer(1, periods=(Period(Calendar.NOWRUZ, before=10, after=3),))
    new_year = date(2026, 3, 21)
    found = [
        fitting([nowruz], CustomerFacts(), today=new_year + timedelta(days))
        for days in (-11, -10, 3, 4)
    ]
    assert found == [[], [1], [1], []]


def test_one_compilation_changes_its_offers_with_the_day() -> None:
    compiled = CompiledOffers([offer(1, ends=TODAY), offer(2, starts=TODAY + timedelta(1))])
    facts = CustomerFacts()
    days = [TODAY, TODAY + timedelta(1), TODAY]
    found = [[one.id for one in compiled.fitting(Known(facts, day))] for day in days]
    assert found == [[1], [2], [1]]


def test_offer_that_is_off_or_has_no_place_left_is_not_compiled() -> None:
    off = replace(offer(1), active=False)
    sold_out = replace(offer(2, places=5), accepted=5)
    one_left = replace(offer(3, places=5), accepted=4)
    assert fitting([off, sold_out, one_left], CustomerFacts()) == [3]
    assert not CompiledOffers([off, sold_out])


def test_each_fact_is_found_once_for_all_offers() -> None:
    tree = Compare("birthday_in_days", Op.AT_MOST, 7)
    other = Compare("birthday_in_days", Op.AT_MOST, 8)
    read: list[str] = []

    class Counting(Known):
        @override
        def fact(self, field: str) -> Fact:
            if field not in self._facts:
                read.append(field)
            return super().fact(field)

    known = Counting(CustomerFacts(birthday=TODAY), TODAY)
    offers = [offer(number, tree if number % 2 else other) for number in range(1, 50)]
    assert len(list(CompiledOffers(offers).fitting(known))) == 49
    assert read == ["birthday_in_days"]
