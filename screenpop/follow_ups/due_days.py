"""The day on which a follow-up is due: the quick choices, and what is refused."""

from datetime import date, timedelta
from enum import StrEnum

from screenpop.follow_ups.models import FollowUpProblem

MAX_DAYS_AHEAD = 730


class QuickDay(StrEnum):
    TOMORROW = "tomorrow"
    IN_3_DAYS = "in_3_days"
    NEXT_WEEK = "next_week"


_DAYS = {QuickDay.TOMORROW: 1, QuickDay.IN_3_DAYS: 3, QuickDay.NEXT_WEEK: 7}


def quick_due_day(choice: QuickDay, today: date) -> date:
    """Return the day of a quick choice; ``next_week`` is the same weekday as today."""
    return today + timedelta(days=_DAYS[choice])


def check_due(due: date, today: date) -> FollowUpProblem | None:
    """Return why nothing can be due or snoozed until ``due``; None for today to two years ahead."""
    if due < today:
        return FollowUpProblem.DUE_IN_PAST
    if (due - today).days > MAX_DAYS_AHEAD:
        return FollowUpProblem.DUE_TOO_FAR
    return None
