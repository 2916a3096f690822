"""The office's offers on the cards of real calls: by line, queue, direction and change."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from screenpop.conditions.tree import Compare, Money, Node, Op
from screenpop.customers.models import CustomerFile, MoreFacts, Tier
from screenpop.offers.compiled import CallPlace
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer
from screenpop.offers.office_suggestions import OfficeOffers
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Reason, Worth
from screenpop.service.office_offers import OffersInUse
from tests.customers.samples import TODAY, case, customer, file, trip

WORDS = {"en": "{name}, hello", "fa": "{name}، سلام", "el": "{name}, γεια"}


def offer(number: int, condition: Node | None = None, **more: object) -> OfficeOffer:
    terms = OfferTerms(name=f"Offer {number}", words=WORDS, condition=condition)
    return OfficeOffer(OfferId(number), replace(terms, **more), active=True)  # type: ignore[arg-type]


def in_use(*offers: OfficeOffer) -> OffersInUse:
    found = OffersInUse()
    asyncio.run(found.replace(offers, TODAY))
    return found


def ids(about: CustomerFile, *offers: OfficeOffer, **call: object) -> list[str]:
    office = OfficeOffers(in_use(*offers).compiled, **call)  # type: ignore[arg-type]
    return [one.id for one in suggest(about, TODAY, office).items]


def test_offers_come_after_service_at_most_three() -> None:
    about = file(
        customer(birthday=TODAY.replace(year=1980)), trips=(trip("Rome", TODAY + timedelta(3)),)
    )
    assert ids(about, offer(1)) == ["ready_to_go:1", "offer:1"]
    assert ids(about, offer(1), offer(2), offer(3)) == ["ready_to_go:1", "offer:1", "offer:2"]


def test_offer_has_words_reason_and_worth_where_margin_and_chance_are_known() -> None:
    lives_there = offer(1, Compare("city", Op.IS_ANY, ("Yazd",)), margin=Money(80, "EUR"))
    office = OfficeOffers(in_use(replace(lives_there, chances=(("", 12), ("gold", 40)))).compiled)
    about = replace(file(), more=MoreFacts(city="Yazd"))
    [found] = suggest(about, TODAY, office).items
    assert found.text["en"].replace("\u2068", "").replace("\u2069", "") == "Laleh Karimi, hello"
    assert found.reason == Reason("lives_in", {"city": "Yazd"})
    assert found.worth == Worth(80, "EUR", 12)
    gold = replace(about, customer=replace(about.customer, tier=Tier.GOLD))
    assert suggest(gold, TODAY, office).items[0].worth == Worth(80, "EUR", 40)
    [unknown] = suggest(about, TODAY, OfficeOffers(in_use(lives_there).compiled)).items
    assert unknown.worth is None


def test_offers_are_silent_with_a_complaint_without_consent_and_after_never() -> None:
    complaining = file(cases=(case(),))
    assert ids(complaining, offer(1)) == []
    office = OfficeOffers(in_use(offer(1)).compiled)
    refused = file(customer(marketing_consent=False))
    assert suggest(refused, TODAY, office).silence == Reason("no_consent")
    never = file(customer(quiet_offers={"offer:1": date.max}))
    assert suggest(never, TODAY, office).silence == Reason("offers_declined")
    quiet = file(customer(quiet_offers={"offer:1": TODAY + timedelta(1)}))
    assert ids(quiet, offer(1), offer(2)) == ["offer:2"]
    again = file(customer(quiet_offers={"offer:1": TODAY}))
    assert ids(again, offer(1)) == ["offer:1"]


def test_customer_never_asked_hears_offers_on_their_own_calls_only() -> None:
    never_asked, agreed = file(), file(customer(marketing_consent=True))
    assert ids(never_asked, offer(1)) == ["offer:1"]
    assert ids(never_asked, offer(1), customer_called=False) == []
    assert ids(agreed, offer(1), customer_called=False) == ["offer:1"]


def test_offer_of_a_line_is_suggested_on_calls_to_it_only() -> None:
    here = offer(1, lines=("982100",))
    assert ids(file(), here, place=CallPlace("982100")) == ["offer:1"]
    assert ids(file(), here, place=CallPlace("982101")) == []


def test_offer_that_names_a_place_is_left_out_where_there_is_none_to_name() -> None:
    nowhere = replace(offer(1), terms=replace(offer(1).terms, words={"en": "{destination}"}))
    assert ids(file(), nowhere) == []


def test_offers_are_compiled_again_only_when_they_change() -> None:
    offers = in_use(offer(1))
    before = offers.compiled
    assert not asyncio.run(offers.replace([offer(1)], TODAY + timedelta(1)))
    assert offers.compiled is before
    assert asyncio.run(offers.replace([offer(1), offer(2)], TODAY))
    assert offers.compiled is not before


def test_facts_of_the_file_are_those_that_conditions_compare() -> None:
    more = MoreFacts(
        tags=("Diver",), has_email=True, consents={"sms": True}, wishes={"season": "quiet"},
        talked_at=0.0, owner=3,
    )  # fmt: skip
    about = replace(file(customer(marketing_consent=True)), more=more)
    conditions = (
        Compare("tag", Op.IS_ANY, ("diver",)),
        Compare("has_email", Op.IS, value=True),
        Compare("consent_sms", Op.IS_ANY, ("yes",)),
        Compare("consent_offers", Op.IS_ANY, ("yes",)),
        Compare("wish_season", Op.CONTAINS, ("QUIET",)),
        Compare("last_contact_days_ago", Op.MORE, 10_000),
        Compare("owner", Op.IS_ANY, (3,)),
    )
    for number, condition in enumerate(conditions, 1):
        assert ids(about, offer(number, condition)) == [f"offer:{number}"], condition
        assert ids(file(), offer(number, condition)) == [], condition
