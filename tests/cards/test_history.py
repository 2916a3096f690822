"""Trips and calls as a card shows them."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.departments import Section
from screenpop.cards.history import MAX_CALLS, MAX_TRIPS, card_calls, card_trips
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import PastCall, Trip, TripStatus
from screenpop.telephony.identifiers import CallId
from tests.customers.samples import TODAY, trip

TRIPS_ONLY = frozenset({Section.TRIPS})


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_trips_come_newest_first_with_the_next_one_marked() -> None:
    trips = (
        trip("Kish", days(-3), number=1, status=TripStatus.TICKETED),
        trip("Rome", days(3), number=2),
        trip("Oslo", days(90), number=3),
        trip("Baku", None, number=4, status=TripStatus.ASKED),
        trip("Paris", days(9), number=5, status=TripStatus.CANCELLED),
    )
    shown, more = card_trips(trips, itinerary(trips, TODAY), TRIPS_ONLY)
    assert [(one.destination, one.mark) for one in shown] == [
        *(("Oslo", "later"), ("Paris", "cancelled"), ("Rome", "next"), ("Kish", "now")),
        ("Baku", "asked"),
    ]
    assert more == 0


def test_only_a_few_are_displayed_and_the_rest_is_counted() -> None:
    trips = tuple(trip("Kish", days(-30 * number), number=number) for number in range(1, 10))
    shown, more = card_trips(trips, itinerary(trips, TODAY), TRIPS_ONLY)
    assert [one.id for one in shown] == [1, 2, 3, 4, 5]
    assert more == 4


def test_the_next_trip_is_displayed_however_many_lie_behind_it() -> None:
    trips = tuple(trip("Rome", days(10 * number), number=number) for number in range(1, 9))
    shown, more = card_trips(trips, itinerary(trips, TODAY), TRIPS_ONLY)
    assert [(one.id, one.mark) for one in shown] == [
        *((8, "later"), (7, "later"), (6, "later"), (5, "later"), (1, "next"))
    ]
    assert more == 3


def test_prices_are_there_only_for_users_allowed_to_see_them() -> None:
    trips = (trip("Rome", days(3), price=1200, paid=300, currency="EUR"),)
    stand = itinerary(trips, TODAY)
    (hidden,), _ = card_trips(trips, stand, TRIPS_ONLY)
    assert (hidden.price, hidden.paid, hidden.currency) == (None, None, "")
    (shown,), _ = card_trips(trips, stand, TRIPS_ONLY | {Section.PRICES})
    assert (shown.price, shown.paid, shown.currency) == (1200, 300, "EUR")
    assert card_trips(trips, stand, frozenset({Section.PRICES})) == ((), 0)


@given(
    st.lists(
        st.builds(
            trip,
            departs=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
            number=st.integers(1, 99),
            status=st.sampled_from(TripStatus),
        ),
        max_size=12,
        unique_by=lambda one: one.id,
    ).map(tuple)
)
def test_no_trip_is_lost_and_at_most_one_is_next(trips: tuple[Trip, ...]) -> None:
    stand = itinerary(trips, TODAY)
    shown, more = card_trips(trips, stand, TRIPS_ONLY)
    assert len(shown) == min(len(trips), MAX_TRIPS)
    assert len(shown) + more == len(trips)
    marks = [one.mark for one in shown]
    assert marks.count("next") == (stand.coming is not None)
    departures = [one.departs or "" for one in shown]
    assert departures == sorted(departures, reverse=True)


def past_call(at: datetime) -> PastCall:
    return PastCall(CallId("1"), at, "inbound", "answered", "Maryam", 372.5, "quote sent")


def test_calls_are_dated_in_utc_whatever_clock_they_come_with() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    calls = tuple(
        past_call(datetime(2026, 11, 1, hour, minute, tzinfo=zone))
        for hour, minute, zone in ((9, 2, UTC), (12, 32, tehran), (9, 2, None))
    )
    shown = card_calls(calls, frozenset({Section.CALLS}))
    assert [call.at for call in shown] == ["2026-11-01T09:02:00+00:00"] * 3
    assert shown[0].talk_s == 372.5


def test_only_the_last_calls_are_displayed_and_only_to_users_allowed_to_see_calls() -> None:
    calls = tuple(past_call(datetime(2026, 11, 20 - day, tzinfo=UTC)) for day in range(9))
    assert len(card_calls(calls, frozenset({Section.CALLS}))) == MAX_CALLS
    assert card_calls(calls, frozenset(Section) - {Section.CALLS}) == ()
