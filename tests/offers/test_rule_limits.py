"""Each limit of a service rule: on the day at the limit, and one day beside it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.customers.models import CustomerFile, Trip, TripStatus, VisaState
from screenpop.offers.rules import RULES
from screenpop.offers.suggest import MAX_SUGGESTIONS, suggest
from tests.customers.samples import TODAY, file, trip
from tests.offers.switched_on import switched_on


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def rules_of(about: CustomerFile) -> list[str]:
    return [item.id.partition(":")[0] for item in suggest(about, TODAY).items]


def returned(days_ago: int, rating: int | None = None) -> Trip:
    """A trip of seven nights that ended so many days ago."""
    return trip("Vienna", day(-days_ago - 7), status=TripStatus.TRAVELLED, rating=rating)


@pytest.mark.parametrize(
    ("days_ahead", "rules"), [(0, ["ready_to_go"]), (14, ["ready_to_go"]), (15, [])]
)
def test_a_departure_in_fourteen_days_is_soon_and_in_fifteen_is_not(
    days_ahead: int, rules: list[str]
) -> None:
    assert rules_of(file(trips=(trip("Vienna", day(days_ahead)),))) == rules


@pytest.mark.parametrize(
    ("days_ago", "rules"),
    [(-1, []), (0, ["how_was_it"]), (1, ["how_was_it"]), (14, ["how_was_it"]), (15, [])],
)
def test_a_customer_is_asked_how_it_was_from_the_return_to_the_fourteenth_day(
    days_ago: int, rules: list[str]
) -> None:
    assert rules_of(file(trips=(returned(days_ago),))) == rules


@pytest.mark.parametrize("fitting", [MAX_SUGGESTIONS - 1, MAX_SUGGESTIONS, MAX_SUGGESTIONS + 1])
def test_the_highest_ranked_three_suggestions_are_kept(fitting: int) -> None:
    trips = (trip("Vienna", day(3), number=1), trip("Paris", day(-9 - 7), number=2))
    office = switched_on(*["first_trip", "birthday"][: fitting - 2], condition=None)
    suggested = [one.id for one in suggest(file(trips=trips), TODAY, office).items]
    expected = ["ready_to_go:1", "how_was_it:2", "offer:1", "offer:2"]
    assert suggested == expected[: min(fitting, 3)]


def test_three_service_suggestions_leave_no_place_for_an_offer() -> None:
    office = switched_on("birthday", condition=None)
    trips = (
        trip("Vienna", day(3), number=1, visa=VisaState.PENDING),
        trip("Paris", day(-9 - 7), number=2),
    )
    suggested = [one.id for one in suggest(file(trips=trips), TODAY, office).items]
    assert suggested == ["ready_to_go:1", "visa_news:1", "how_was_it:2"]
    two = (replace(trips[0], visa=VisaState.NOT_NEEDED), trips[1])
    suggested = [one.id for one in suggest(file(trips=two), TODAY, office).items]
    assert suggested == ["ready_to_go:1", "how_was_it:2", "offer:1"]


def test_the_weights_rank_from_a_hundred() -> None:
    assert {rule.id: rule.weight for rule in RULES} == {
        "seats_together": 100,
        "ready_to_go": 95,
        "visa_news": 90,
        "how_was_it": 80,
    }
