"""How long an offer that was declined is not suggested again."""

from datetime import date, timedelta

QUIET_DAYS = {"": 30, "not_now": 30, "price": 90, "date": 90, "place": 180}
"""Days by the reason of the no; without a reason as for "not now"."""
NEVER = "never"
DECLINE_REASONS = frozenset({*QUIET_DAYS, NEVER})


def quiet_until(reason: str, declined_on: date) -> date:
    """Return the first day on which an offer may be suggested again after a no."""
    days = QUIET_DAYS.get(reason)
    return date.max if days is None else declined_on + timedelta(days=days)
