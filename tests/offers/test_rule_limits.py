"""Each limit of an offer rule: on the day at the limit, and one day beside it."""

from datetime import date, timedelta

import pytest

from screenpop.customers.models import CustomerFile, Trip, TripStatus
from screenpop.offers.rules import RULES
from screenpop.offers.suggest import MAX_SUGGESTIONS, suggest
from tests.customers.samples import TODAY, customer, file, trip


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


@pytest.mark.parametrize(
    ("days_ahead", "rules"), [(0, ["birthday"]), (7, ["birthday"]), (8, []), (-1, [])]
)
def test_a_birthday_is_suggested_from_seven_days_before(days_ahead: int, rules: list[str]) -> None:
    assert rules_of(file(customer(birthday=day(days_ahead).replace(year=1980)))) == rules


@pytest.mark.parametrize(
    ("days_ahead", "rules"), [(0, ["anniversary"]), (14, ["anniversary"]), (15, []), (-1, [])]
)
def test_an_anniversary_is_suggested_from_fourteen_days_before(
    days_ahead: int, rules: list[str]
) -> None:
    assert rules_of(file(customer(anniversary=day(days_ahead).replace(year=2010)))) == rules


@pytest.mark.parametrize(
    ("days_ago", "rating", "rules"),
    [
        (59, 4, []),
        (60, 4, ["loved_before"]),
        (61, 4, ["loved_before"]),
        (60, 3, []),
        (60, 5, ["loved_before"]),
    ],
)
def test_a_destination_rated_four_is_suggested_again_from_the_sixtieth_day(
    days_ago: int, rating: int, rules: list[str]
) -> None:
    assert rules_of(file(trips=(returned(days_ago, rating=rating),))) == rules


@pytest.mark.parametrize(
    ("days_ahead", "is_suggested"), [(29, False), (30, True), (150, True), (151, False)]
)
def test_a_season_is_suggested_from_a_hundred_and_fifty_to_thirty_days_before(
    days_ahead: int, is_suggested: bool
) -> None:
    season = day(days_ahead)
    visits = tuple(
        trip("Vienna", season.replace(year=2024 - number), number=number) for number in range(2)
    )
    assert ("season_again" in rules_of(file(trips=visits))) is is_suggested


def test_one_visit_in_a_season_is_no_habit_and_two_are() -> None:
    visits = tuple(
        trip("Vienna", day(60).replace(year=2024 - number), number=number) for number in range(2)
    )
    assert "season_again" not in rules_of(file(trips=visits[:1]))
    assert "season_again" in rules_of(file(trips=visits))


@pytest.mark.parametrize(
    ("contact", "rules"),
    [(date(2025, 11, 22), ["welcome_back"]), (date(2025, 11, 23), [])],
)
def test_a_customer_is_welcomed_back_after_twelve_full_months(
    contact: date, rules: list[str]
) -> None:
    assert rules_of(file(customer(customer_since=contact))) == rules


@pytest.mark.parametrize("fitting", [MAX_SUGGESTIONS - 1, MAX_SUGGESTIONS, MAX_SUGGESTIONS + 1])
def test_the_highest_ranked_three_suggestions_are_kept(fitting: int) -> None:
    about = customer(
        birthday=TODAY if fitting > MAX_SUGGESTIONS else None,
    )
    trips = (
        trip("Vienna", day(3), number=1),
        trip("Paris", day(-9 - 7), number=2),
        *([trip("Oslo", day(90), number=3, status=TripStatus.ASKED)] if fitting >= 3 else []),
    )
    suggested = rules_of(file(about, trips=trips))
    expected = ["ready_to_go", "how_was_it", "quote_open", "birthday"]
    assert suggested == expected[: min(fitting, 3)]


@pytest.mark.parametrize(("days_ahead", "is_suggested"), [(-1, False), (0, False), (1, True)])
def test_a_quote_is_open_until_the_day_before_its_departure(
    days_ahead: int, is_suggested: bool
) -> None:
    quote = trip("Oslo", day(days_ahead), status=TripStatus.ASKED)
    assert ("quote_open" in rules_of(file(trips=(quote,)))) is is_suggested


def test_the_weights_rank_service_from_a_hundred_and_sale_from_sixty() -> None:
    assert {rule.id: rule.weight for rule in RULES} == {
        "seats_together": 100,
        "ready_to_go": 95,
        "visa_news": 90,
        "how_was_it": 80,
        "quote_open": 60,
        "birthday": 50,
        "anniversary": 48,
        "season_again": 45,
        "loved_before": 40,
        "welcome_back": 30,
    }


def test_a_trip_without_days_was_liked_at_no_known_time() -> None:
    liked = trip("Vienna", None, status=TripStatus.TRAVELLED, rating=5)
    assert rules_of(file(trips=(liked,))) == []


def test_visits_without_days_were_in_no_season() -> None:
    visits = tuple(
        trip("Vienna", None, number=number, status=TripStatus.TRAVELLED) for number in (1, 2, 3)
    )
    assert rules_of(file(trips=visits)) == []
