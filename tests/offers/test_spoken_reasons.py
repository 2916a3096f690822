"""The reason and the words of an offer for one customer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.tree import AllOf, AnyOf, Compare, Money, Node, Not, Op, Trips
from screenpop.offers.matching import Known
from screenpop.offers.offer_words import WordFacts, fill_words
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer
from screenpop.offers.spoken_reasons import destination_for, reason_for
from screenpop.offers.suggestion import Reason
from tests.conditions.trees import TODAY


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def travelled(destination: str, departs: date, rating: int | None = None) -> TripFacts:
    return TripFacts(destination=destination, departs=departs, status="travelled", rating=rating)


PERSON = CustomerFacts(
    tags=("family", "Diver"),
    tier="gold",
    birthday=date(1980, 3, 2),
    wishes={"season": "quiet weeks"},
    city="Yazd",
    last_contact=ago(61),
    rhythm_due=TODAY + timedelta(20),
    trips=(
        TripFacts(destination="Oslo", departs=TODAY + timedelta(30), status="booked"),
        travelled("Rome", ago(100), 5),
        travelled("Paris", ago(400), 4),
        replace(travelled("Rome", ago(800)), children=2),
        TripFacts(destination="Bali", status="asked"),
    ),
)


def offer(condition: Node | None) -> OfficeOffer:
    terms = OfferTerms(name="An offer", words={"en": "Hello"}, condition=condition)
    return OfficeOffer(OfferId(1), terms, active=True)


_OFFICE = Reason("office_offer", {"offer": "An offer"})
_ROME = Compare("trip.destination", Op.IS_ANY, ("Ρώμη",))
_TAG = Compare("tag", Op.IS_ANY, ("DIVER",))
_TIER = Compare("tier", Op.IS_ANY, ("gold",))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Compare("birthday_in_days", Op.AT_MOST, 7), Reason("birthday_in", {"days": 3})),
        (
            Trips((Compare("trip.rating", Op.AT_LEAST, 4),)),
            Reason("loved", {"destination": "Rome", "rating": 5}),
        ),
        (Trips((_ROME,)), Reason("been_there", {"destination": "Rome", "times": 2})),
        (
            Trips((Compare("trip.children", Op.AT_LEAST, 1),)),
            Reason("went_with_children", {"destination": "Rome"}),
        ),
        (
            Trips((Compare("trip.departs_in_days", Op.AT_MOST, 90),)),
            Reason("trip_ahead", {"destination": "Oslo", "days": 30}),
        ),
        (
            Trips((Compare("trip.status", Op.IS_ANY, ("asked",)),)),
            Reason("quote_open", {"destination": "Bali"}),
        ),
        (Compare("next_trip_in_days", Op.AT_LEAST, 5), Reason("next_trip_in", {"days": 30})),
        (
            Compare("usual_trip_overdue_days", Op.AT_MOST, -10),
            Reason("usual_trip_in", {"days": 20}),
        ),
        (Compare("trip_count", Op.AT_LEAST, 3), Reason("trips_booked", {"trips": 4})),
        (Compare("last_trip_days_ago", Op.AT_LEAST, 90), Reason("last_trip", {"months": 3})),
        (Compare("last_contact_days_ago", Op.AT_LEAST, 9), Reason("silent_for", {"months": 2})),
        (_TIER, Reason("has_tier", {"tier": "gold"})),
        (_TAG, Reason("has_tag", {"tag": "Diver"})),
        (
            Compare("wish_season", Op.CONTAINS, ("quiet",)),
            Reason("wishes", {"wish": "quiet weeks"}),
        ),
        (Compare("city", Op.IS_ANY, ("yazd",)), Reason("lives_in", {"city": "Yazd"})),
        # The best to say aloud, wherever it is in the tree.
        (AllOf((_TIER, AllOf((_TAG, Trips((_ROME,)))))),
         Reason("been_there", {"destination": "Rome", "times": 2})),
        # Of alternatives only one that holds.
        (AnyOf((Compare("birthday_in_days", Op.AT_MOST, 2), _TIER)),
         Reason("has_tier", {"tier": "gold"})),
        (Compare("usual_trip_overdue_days", Op.IS_SET), Reason("usual_trip_in", {"days": 20})),
        # Not for the customer's ears, and not for each department.
        (Compare("spend", Op.AT_LEAST, Money(0, "EUR")), _OFFICE),
        (Compare("balance", Op.EQUAL, Money(0, "EUR")), _OFFICE),
        (Not(Compare("vip", Op.IS, value=True)), _OFFICE),
        (None, _OFFICE),
    ],
)  # fmt: skip
def test_reason_comes_from_the_part_that_is_best_to_read_out(
    condition: Node | None, reason: Reason
) -> None:
    assert reason_for(offer(condition), Known(PERSON, TODAY)) == reason


def test_customers_without_a_trip_and_with_a_missed_one_have_reasons_of_their_own() -> None:
    first = offer(Compare("trip_count", Op.EQUAL, 0))
    assert reason_for(first, Known(CustomerFacts(), TODAY)) == Reason("no_trip_yet")
    late = CustomerFacts(rhythm_due=ago(1), lapsed_from=ago(0))
    for condition in (
        Compare("lapsed", Op.IS, value=True),
        Compare("usual_trip_overdue_days", Op.MORE, 0),
    ):
        found = reason_for(offer(condition), Known(late, TODAY))
        assert found == Reason("usual_trip_missed")


def test_place_of_the_words_is_that_of_the_newest_trip_that_is_meant() -> None:
    past = Trips((Compare("trip.departed_days_ago", Op.AT_LEAST, 1),))
    assert destination_for(offer(past), Known(PERSON, TODAY)) == "Rome"
    assert destination_for(offer(_TIER), Known(PERSON, TODAY)) == ""


def test_words_are_filled_in_for_each_language() -> None:
    words = {
        "en": "{name}: {destination}, {product}, {price}, {places} left",
        "fa": "{name}: {destination}، {product}، {price}، {places} جا",
        "el": "{name}: {destination}, {product}, {price}, {places} θέσεις",
    }
    terms = OfferTerms(
        name="",
        words=words,
        product="A week {x}",
        price=Money(1200, "EUR"),
        tier_prices={"gold": Money(1100, "EUR")},
        places=2000,
    )
    gold = WordFacts({"en": "Laleh", "fa": "لاله", "el": "Λάλε"}.__getitem__, "gold", "Rome", 1500)
    filled = {
        language: text.replace("\u2068", "").replace("\u2069", "")
        for language, text in fill_words(terms, gold).items()
    }
    assert filled == {
        "en": "Laleh: Rome, A week {x}, 1,100 euros, 1,500 left",
        "fa": "لاله: رم، A week {x}، ۱٬۱۰۰ یورو، ۱٬۵۰۰ جا",
        "el": "Λάλε: Ρώμη, A week {x}, 1.100 ευρώ, 1.500 θέσεις",
    }
    plain = fill_words(terms, gold._replace(tier="none"))
    assert "1,200 euros" in plain["en"]


def test_language_without_words_has_those_of_another_one() -> None:
    terms = OfferTerms(name="", words={"fa": "سلام"})
    filled = fill_words(terms, WordFacts(str, "none", "", None))
    assert filled == {"en": "سلام", "fa": "سلام", "el": "سلام"}
