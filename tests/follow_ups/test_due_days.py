"""Which days a follow-up may be due on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.follow_ups.due_days import MAX_DAYS_AHEAD, QuickDay, check_due, quick_due_day
from screenpop.follow_ups.models import FollowUpProblem

TODAY = date(2026, 2, 26)


@pytest.mark.parametrize(
    ("choice", "due"),
    [
        (QuickDay.TOMORROW, date(2026, 2, 27)),
        (QuickDay.IN_3_DAYS, date(2026, 3, 1)),
        (QuickDay.NEXT_WEEK, date(2026, 3, 5)),
    ],
)
def test_a_quick_choice_is_so_many_days_ahead(choice: QuickDay, due: date) -> None:
    assert quick_due_day(choice, TODAY) == due


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (-1, FollowUpProblem.DUE_IN_PAST),
        (0, None),
        (MAX_DAYS_AHEAD, None),
        (MAX_DAYS_AHEAD + 1, FollowUpProblem.DUE_TOO_FAR),
    ],
)
def test_the_first_and_last_day_are_allowed_and_the_days_beside_them_refused(
    days: int, problem: FollowUpProblem | None
) -> None:
    assert check_due(TODAY + timedelta(days=days), TODAY) == problem


@given(st.sampled_from(QuickDay), st.dates(max_value=date(9990, 1, 1)))
def test_no_quick_choice_is_ever_refused(choice: QuickDay, today: date) -> None:
    assert check_due(quick_due_day(choice, today), today) is None
