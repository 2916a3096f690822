"""The templates once they are switched on: for whom each speaks, why, and its limits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from screenpop.customers.models import CustomerFile, MoreFacts, Trip, TripStatus
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Reason, Suggestions
from screenpop.offers.templates import TEMPLATES
from tests.customers.samples import TODAY, customer, file, trip
from tests.offers.switched_on import switched_on


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def went(days_ago: int, rating: int | None = None, name: str = "Vienna", number: int = 1) -> Trip:
    return trip(
        name, day(-days_ago), number=number, status=TripStatus.TRAVELLED, rating=rating, nights=7
    )


def asked(days_ahead: int | None, status: TripStatus = TripStatus.ASKED) -> Trip:
    return trip("Oslo", None if days_ahead is None else day(days_ahead), status=status)


def due_in(days: int) -> CustomerFile:
    return replace(file(trips=(went(300),)), more=MoreFacts(rhythm_due=day(days)))


def is_suggested(code: str, about: CustomerFile) -> bool:
    return bool(suggest(about, TODAY, switched_on(code)).items)


@pytest.mark.parametrize(
    ("code", "about", "reason"),
    [
        ("open_quote", file(trips=(asked(50),)), Reason("quote_open", {"destination": "Oslo"})),
        (
            "birthday",
            file(customer(birthday=day(3).replace(year=1980))),
            Reason("birthday_in", {"days": 3}),
        ),
        (
            "anniversary",
            file(customer(anniversary=day(14).replace(year=2010))),
            Reason("anniversary_in", {"days": 14}),
        ),
        ("early_booking", due_in(60), Reason("usual_trip_in", {"days": 60})),
        (
            "loved_place",
            file(trips=(went(400, 4),)),
            Reason("loved", {"destination": "Vienna", "rating": 4}),
        ),
        ("long_silence", file(trips=(went(700),)), Reason("last_trip", {"months": 23})),
    ],
)
def test_a_template_speaks_with_its_reason_once_it_is_switched_on(
    code: str, about: CustomerFile, reason: Reason
) -> None:
    assert suggest(about, TODAY) == Suggestions()
    (suggested,) = suggest(about, TODAY, switched_on(code)).items
    assert suggested.reason == reason


@pytest.mark.parametrize(("days_ahead", "fits"), [(-1, False), (0, True), (7, True), (8, False)])
def test_a_birthday_is_greeted_from_seven_days_before(days_ahead: int, fits: bool) -> None:
    born = day(days_ahead).replace(year=1980)
    assert is_suggested("birthday", file(customer(birthday=born))) is fits


@pytest.mark.parametrize(("days_ahead", "fits"), [(-1, False), (0, True), (21, True), (22, False)])
def test_an_anniversary_is_greeted_from_three_weeks_before(days_ahead: int, fits: bool) -> None:
    married = day(days_ahead).replace(year=2010)
    assert is_suggested("anniversary", file(customer(anniversary=married))) is fits


@pytest.mark.parametrize(
    ("code", "days_ago", "rating", "fits"),
    [
        ("loved_place", 299, 4, False),
        ("loved_place", 300, 4, True),
        ("loved_place", 300, 3, False),
        ("place_like_it", 59, 5, False),
        ("place_like_it", 60, 4, True),
        ("place_like_it", 60, 3, False),
        ("recovery", 100, 2, True),
        ("recovery", 100, 3, False),
        ("recovery", 366, 2, False),
    ],
)
def test_a_rated_trip_is_spoken_of_after_its_time(
    code: str, days_ago: int, rating: int, fits: bool
) -> None:
    assert is_suggested(code, file(trips=(went(days_ago, rating),))) is fits


def test_where_a_trip_is_ahead_no_loved_place_is_sold() -> None:
    ahead = trip("Rome", day(90), number=2, status=TripStatus.BOOKED)
    for code in ("loved_place", "place_like_it"):
        assert is_suggested(code, file(trips=(went(400, 5),)))
        assert not is_suggested(code, file(trips=(went(400, 5), ahead)))


@pytest.mark.parametrize(
    ("days_ahead", "fits"), [(29, False), (30, True), (150, True), (151, False)]
)
def test_the_usual_trip_is_planned_from_a_hundred_and_fifty_to_thirty_days_before(
    days_ahead: int, fits: bool
) -> None:
    assert is_suggested("early_booking", due_in(days_ahead)) is fits


def test_without_an_own_rhythm_no_usual_trip_is_planned() -> None:
    assert not is_suggested("early_booking", file(trips=(went(300), went(665, number=2))))


@pytest.mark.parametrize(("days_ago", "fits"), [(539, False), (540, True)])
def test_a_customer_is_welcomed_back_after_eighteen_months(days_ago: int, fits: bool) -> None:
    assert is_suggested("long_silence", file(trips=(went(days_ago),))) is fits


@pytest.mark.parametrize(
    ("quote", "fits"),
    [
        (asked(-1), False),
        (asked(0), True),
        (asked(1), True),
        (asked(None), True),
        (asked(30, TripStatus.QUOTED), True),
        (asked(30, TripStatus.BOOKED), False),
        (asked(30, TripStatus.CANCELLED), False),
    ],
)
def test_a_quote_is_open_until_its_departure_and_until_it_is_booked(
    quote: Trip, fits: bool
) -> None:
    assert is_suggested("open_quote", file(trips=(quote,))) is fits


def test_only_the_first_trip_is_suggested_to_a_customer_without_facts() -> None:
    codes = [one.code for one in TEMPLATES if is_suggested(one.code, file())]
    assert codes == ["first_trip"]


@pytest.mark.parametrize("rating", [5, None])
def test_a_trip_without_days_was_liked_at_no_known_time(rating: int | None) -> None:
    liked = trip("Vienna", None, status=TripStatus.TRAVELLED, rating=rating)
    for code in ("loved_place", "place_like_it", "long_silence", "early_booking"):
        assert not is_suggested(code, file(trips=(liked,)))


def test_long_silence_counts_trips_and_not_calls() -> None:
    talked = datetime(2026, 11, 13, 9, tzinfo=UTC).timestamp()
    about = replace(file(trips=(went(700),)), more=MoreFacts(talked_at=talked))
    assert is_suggested("long_silence", about)
