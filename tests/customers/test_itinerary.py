"""The trips before, around and after today."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.itinerary import Phase, itinerary, newest_first, phase_of
from screenpop.customers.models import Trip, TripStatus
from tests.customers.samples import TODAY, trip

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "departs", "returns", "phase"),
    [
        (TripStatus.BOOKED, TOMORROW, None, Phase.AHEAD),
        (TripStatus.TICKETED, TODAY, TODAY, Phase.AHEAD),
        (TripStatus.TICKETED, YESTERDAY, TODAY, Phase.NOW),
        (TripStatus.TICKETED, YESTERDAY, YESTERDAY, Phase.PAST),
        (TripStatus.TICKETED, YESTERDAY, None, Phase.PAST),
        (TripStatus.BOOKED, None, None, Phase.AHEAD),
        (TripStatus.BOOKED, None, TOMORROW, Phase.AHEAD),
        (TripStatus.BOOKED, None, YESTERDAY, Phase.PAST),
        (TripStatus.ASKED, YESTERDAY, None, Phase.ASKED),
        (TripStatus.CANCELLED, TOMORROW, None, Phase.CANCELLED),
        (TripStatus.TRAVELLED, TOMORROW, None, Phase.PAST),
    ],
)
def test_a_trip_is_where_its_status_and_its_days_put_it(
    status: TripStatus, departs: date | None, returns: date | None, phase: Phase
) -> None:
    assert phase_of(trip(departs=departs, returns=returns, status=status), TODAY) is phase


def test_the_next_trip_is_the_one_that_departs_soonest() -> None:
    trips = (
        trip("Rome", TODAY + timedelta(days=40), number=1),
        trip("Oslo", TODAY + timedelta(days=4), number=2),
        trip("Paris", TODAY + timedelta(days=2), number=3, status=TripStatus.CANCELLED),
        trip("Sofia", None, number=4),
        trip("Kish", TODAY - timedelta(days=3), number=5, status=TripStatus.TICKETED),
        trip("Baku", TODAY - timedelta(days=90), number=6),
    )
    stand = itinerary(trips, TODAY)
    assert stand.coming == trips[1]
    assert stand.under_way == trips[4]
    assert stand.last == trips[5]
    assert [one.destination for one in stand.ahead] == ["Rome", "Oslo", "Sofia"]


def test_a_customer_without_trips_has_nothing_ahead_and_nothing_behind() -> None:
    stand = itinerary((), TODAY)
    assert (stand.coming, stand.under_way, stand.last) == (None, None, None)


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
TRIPS = st.lists(
    st.builds(
        trip,
        st.sampled_from(("Rome", "Oslo")),
        st.none() | DAYS,
        number=st.integers(1, 3),  # the same number twice must not matter
        nights=st.integers(-3, 20),
        status=st.sampled_from(TripStatus),
    ),
    max_size=6,
)


@given(TRIPS, DAYS)
def test_every_trip_is_in_one_place_and_the_next_is_never_behind(
    trips: list[Trip], today: date
) -> None:
    stand = itinerary(trips, today)
    phases = [phase_of(one, today) for one in trips]
    assert len(stand.asked) == phases.count(Phase.ASKED)
    assert len(stand.ahead) == phases.count(Phase.AHEAD)
    assert len(stand.past) == phases.count(Phase.PAST)
    if stand.coming is not None:
        assert stand.coming.departs is not None
        assert stand.coming.departs >= today


@given(TRIPS)
def test_newest_first_keeps_all_and_puts_undated_trips_last(trips: list[Trip]) -> None:
    ordered = newest_first(trips)
    assert sorted(map(repr, ordered)) == sorted(map(repr, trips))
    days = [one.departs or date.min for one in ordered]
    assert days == sorted(days, reverse=True)
