"""A customer's own rhythm: season or interval, and from when they have lapsed by it."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from screenpop.customers.models import TripStatus
from screenpop.loyalty.own_rhythm import (
    INTERVAL_FACTOR,
    MIN_TRIPS,
    ONE_TRIP_DAYS,
    SEASON_GRACE_DAYS,
    RhythmKind,
    _fullest_window,
    _season,
    find_rhythm,
    own_rhythm,
)
from tests.customers.samples import trip

DAYS = st.dates(date(1990, 1, 1), date(2035, 12, 31))
TAKEN = st.lists(DAYS, max_size=25).map(tuple)


def days(*texts: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


MARCHES = days("2022-03-12", "2023-03-20", "2024-03-08", "2025-03-16")


def test_trips_of_every_march_are_a_season_that_is_missed_this_year() -> None:
    rhythm = find_rhythm(MARCHES)
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.SEASON
    assert (rhythm.due.year, rhythm.due.month) == (2026, 3)
    assert rhythm.is_lapsed(date(2026, 6, 1))
    assert not rhythm.is_lapsed(date(2026, 3, 10))


def test_trips_around_nowruz_are_one_season_although_two_months_of_each_calendar_share_them() -> (
    None
):
    rhythm = find_rhythm(days("2022-03-19", "2023-03-24", "2024-04-02", "2025-03-17"))
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.SEASON
    assert date(2026, 3, 20) <= rhythm.due <= date(2026, 3, 31)


def test_trips_around_new_year_are_one_season() -> None:
    rhythm = find_rhythm(days("2022-12-27", "2024-01-03", "2024-12-29"))
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.SEASON
    assert abs((rhythm.due - date(2025, 12, 30)).days) <= 7


def test_trips_every_five_months_are_an_interval_and_eleven_months_are_too_long() -> None:
    rhythm = find_rhythm(days("2023-10-02", "2024-03-03", "2024-08-01", "2025-01-02", "2025-06-01"))
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.INTERVAL
    assert rhythm.interval_months == 5
    assert rhythm.is_lapsed(date(2026, 5, 2))
    assert not rhythm.is_lapsed(date(2025, 11, 15))


def test_one_long_pause_does_not_change_the_rhythm_of_a_frequent_traveller() -> None:
    rhythm = find_rhythm(
        days("2021-01-01", "2021-04-03", "2021-07-02", "2021-10-01", "2024-01-05", "2024-04-01")
    )
    assert rhythm is not None
    assert rhythm.interval_months == 3
    assert rhythm.is_lapsed(date(2024, 10, 1))


def test_trips_in_the_same_month_seven_years_apart_are_an_interval() -> None:
    rhythm = find_rhythm(days("2010-03-10", "2017-03-12", "2024-03-11"))
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.INTERVAL
    assert rhythm.interval_months == 84


def test_a_trip_well_before_the_season_counts_for_it() -> None:
    rhythm = find_rhythm((*MARCHES, date(2026, 1, 20)))
    assert rhythm is not None
    assert not rhythm.is_lapsed(date(2026, 12, 1))


def test_a_booked_trip_ahead_is_no_lapse_and_quotes_and_cancelled_trips_do_not_count() -> None:
    past = [trip(departs=day, number=i) for i, day in enumerate(MARCHES)]
    today = date(2026, 11, 22)
    alone = own_rhythm(past)
    assert alone is not None
    assert alone.is_lapsed(today)
    for status, lapsed in (
        (TripStatus.BOOKED, False),
        (TripStatus.ASKED, True),
        (TripStatus.CANCELLED, True),
    ):
        more = own_rhythm([*past, trip(departs=date(2027, 1, 5), number=9, status=status)])
        assert more is not None
        assert more.is_lapsed(today) is lapsed, status


@pytest.mark.parametrize(("apart", "found"), [(ONE_TRIP_DAYS, False), (ONE_TRIP_DAYS + 1, True)])
def test_departures_close_together_are_one_trip(apart: int, found: bool) -> None:
    first = date(2025, 1, 1)
    third = date(2025, 9, 1)
    taken = (first, first + timedelta(days=apart), third)
    assert (find_rhythm(taken) is not None) is found


@pytest.mark.parametrize("late", [0, 1])
def test_an_interval_is_lapsed_from_one_and_a_half_times_its_length(late: int) -> None:
    gap = 200
    first = date(2023, 1, 10)
    taken = tuple(first + timedelta(days=gap * i) for i in range(4))
    rhythm = find_rhythm(taken)
    assert rhythm is not None
    last_day = taken[-1] + timedelta(days=int(gap * INTERVAL_FACTOR) - 1)
    assert rhythm.is_lapsed(last_day + timedelta(days=late)) is bool(late)


@pytest.mark.parametrize("late", [0, 1])
def test_a_season_is_missed_after_its_latest_departure_and_the_grace(late: int) -> None:
    taken = days("2023-05-10", "2024-05-10", "2025-05-10")
    rhythm = find_rhythm(taken)
    assert rhythm is not None
    last_day = date(2026, 5, 10) + timedelta(days=SEASON_GRACE_DAYS - 1)
    assert abs((rhythm.lapsed_from - timedelta(days=1) - last_day).days) <= 1
    assert rhythm.is_lapsed(rhythm.lapsed_from - timedelta(days=1) + timedelta(days=late)) is bool(
        late
    )


@given(TAKEN)
def test_fewer_than_three_trips_have_no_rhythm_and_others_have_one(taken: tuple[date, ...]) -> None:
    rhythm = find_rhythm(taken)
    distinct = len(set(taken))
    if distinct < MIN_TRIPS:
        assert rhythm is None
    if rhythm is None:
        return
    assert rhythm.trips >= MIN_TRIPS
    assert rhythm.interval_months >= 1
    assert rhythm.last <= max(taken)
    assert rhythm.last < rhythm.due <= rhythm.lapsed_from


@given(TAKEN, st.randoms())
def test_the_order_of_the_trips_makes_no_difference(taken: tuple[date, ...], rng: object) -> None:
    mixed = list(taken)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert find_rhythm(tuple(mixed)) == find_rhythm(taken)


@given(TAKEN)
def test_a_customer_has_not_lapsed_on_the_day_of_the_last_trip(taken: tuple[date, ...]) -> None:
    rhythm = find_rhythm(taken)
    assume(rhythm is not None)
    assert rhythm is not None
    assert not rhythm.is_lapsed(rhythm.last)


@given(TAKEN, DAYS, DAYS)
def test_a_lapsed_customer_stays_lapsed_until_another_trip(
    taken: tuple[date, ...], one: date, other: date
) -> None:
    rhythm = find_rhythm(taken)
    assume(rhythm is not None)
    assert rhythm is not None
    earlier, later = sorted((one, other))
    assert not rhythm.is_lapsed(earlier) or rhythm.is_lapsed(later)


@given(
    st.integers(1, 365), st.integers(3, 12), st.integers(1995, 2015), st.lists(st.integers(-12, 12))
)
def test_one_trip_each_year_in_the_same_weeks_is_always_a_season(
    day: int, years: int, first: int, moved: list[int]
) -> None:
    shifts = (*moved, *[0] * years)[:years]
    taken = tuple(
        date.fromordinal(round(date(first, 1, 1).toordinal() + day + 365.2425 * i) + shift)
        for i, shift in enumerate(shifts)
    )
    rhythm = find_rhythm(taken)
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.SEASON
    assert abs((rhythm.due - rhythm.last).days - 365) <= 2 * 12 + 2


@given(st.integers(20, 160), st.integers(4, 20))
def test_even_intervals_below_half_a_year_are_an_interval(gap: int, count: int) -> None:
    taken = tuple(date(2015, 1, 7) + timedelta(days=gap * i) for i in range(count))
    rhythm = find_rhythm(taken)
    assert rhythm is not None
    assert rhythm.kind is RhythmKind.INTERVAL
    assert (rhythm.due - rhythm.last).days == gap


@pytest.mark.parametrize(("apart", "count"), [(61.0, 2), (62.0, 2), (63.0, 1)])
def test_a_season_is_at_most_62_days_wide(apart: float, count: int) -> None:
    assert _fullest_window([100.0, 100.0 + apart])[2] == count


def is_season(*texts: str) -> bool:
    return _season([day.toordinal() for day in days(*texts)]) is not None


def test_three_of_five_departures_in_a_season_are_a_habit_and_three_of_six_are_not() -> None:
    others = ("2022-06-20", "2023-10-05", "2024-07-30")
    marches = ("2022-03-12", "2023-03-12", "2024-03-12")
    assert is_season(*sorted(marches + others[:2]))
    assert not is_season(*sorted(marches + others))


def test_a_season_of_three_years_in_five_is_a_habit_and_of_three_in_six_is_not() -> None:
    assert is_season("2020-03-12", "2022-03-12", "2024-03-12")
    assert not is_season("2019-03-12", "2022-03-12", "2024-03-12")
