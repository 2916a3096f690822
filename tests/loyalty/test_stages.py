"""The stage of a customer, on the day of each change and on the day before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.loyalty.own_rhythm import find_rhythm
from screenpop.loyalty.stages import (
    DUE_AFTER_DAYS,
    DUE_AHEAD_DAYS,
    FEW_LAPSED_DAYS,
    NEW_DAYS,
    WON_BACK_DAYS,
    Stage,
    due_until,
    stage_of,
)

ONE = timedelta(1)
MARCHES = tuple(date(year, 3, 10) for year in (2022, 2023, 2024, 2025))


def test_no_trip_is_no_stage() -> None:
    assert stage_of((), date(2026, 1, 1)) is Stage.NONE


def test_one_trip_is_new_for_a_year_and_a_half_and_then_lapsed() -> None:
    day = date(2024, 5, 1)
    end = day + timedelta(NEW_DAYS)
    assert stage_of((day,), day - ONE) is Stage.NEW  # booked
    assert stage_of((day,), end) is Stage.NEW
    assert stage_of((day,), end + ONE) is Stage.LAPSED


def test_a_yearly_customer_is_active_then_due_then_late_then_lapsed() -> None:
    rhythm = find_rhythm(MARCHES)
    assert rhythm is not None
    due, until = rhythm.due - timedelta(DUE_AHEAD_DAYS), due_until(rhythm)
    assert rhythm.due < until < rhythm.lapsed_from
    assert stage_of(MARCHES, due - ONE) is Stage.ACTIVE
    assert stage_of(MARCHES, due) is Stage.DUE
    assert stage_of(MARCHES, until) is Stage.DUE
    assert stage_of(MARCHES, until + ONE) is Stage.LATE
    assert stage_of(MARCHES, rhythm.lapsed_from - ONE) is Stage.LATE
    assert stage_of(MARCHES, rhythm.lapsed_from) is Stage.LAPSED


def test_a_customer_with_an_interval_is_late_between_due_and_lapsed() -> None:
    days = (date(2023, 1, 10), date(2023, 8, 20), date(2024, 2, 25), date(2024, 11, 1))
    rhythm = find_rhythm(days)
    assert rhythm is not None
    late = rhythm.due + timedelta(DUE_AFTER_DAYS)
    assert late < rhythm.lapsed_from
    assert stage_of(days, late) is Stage.DUE
    assert stage_of(days, late + ONE) is Stage.LATE
    assert stage_of(days, rhythm.lapsed_from - ONE) is Stage.LATE
    assert stage_of(days, rhythm.lapsed_from) is Stage.LAPSED


def test_a_trip_after_a_lapse_is_won_back_for_a_year_or_until_the_next_is_due() -> None:
    back = date(2024, 6, 1)
    days = (date(2020, 6, 1), back)
    assert stage_of(days, back - ONE) is Stage.WON_BACK  # booked
    assert stage_of(days, back + timedelta(WON_BACK_DAYS)) is Stage.WON_BACK
    assert stage_of(days, back + timedelta(WON_BACK_DAYS) + ONE) is Stage.ACTIVE
    on_time = (date(2022, 6, 3), back)  # a day before two years
    assert stage_of(on_time, back) is Stage.ACTIVE


@pytest.mark.parametrize("gap", [100, 900])
def test_two_trips_lapse_after_two_years_or_twice_their_interval(gap: int) -> None:
    days = (date(2020, 1, 1), date(2020, 1, 1) + timedelta(gap))
    lapsed = days[1] + timedelta(max(2 * gap, FEW_LAPSED_DAYS))
    assert stage_of(days, lapsed - ONE) in {Stage.ACTIVE, Stage.WON_BACK}
    assert stage_of(days, lapsed) is Stage.LAPSED


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), max_size=12).map(sorted),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
)
def test_any_days_have_a_stage_and_a_booked_trip_is_never_lapsed(
    days: list[date], today: date
) -> None:
    stage = stage_of(days, today)
    assert (stage is Stage.NONE) == (not days)
    if days and days[-1] > today:
        assert stage in {Stage.NEW, Stage.ACTIVE, Stage.WON_BACK}
