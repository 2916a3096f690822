"""The stage of a customer by their own trips: new, active, due, late, lapsed, won back."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from screenpop.loyalty.own_rhythm import Rhythm, find_rhythm

DUE_AHEAD_DAYS = 62
"""Days before the usual time of the next trip from which a customer is due."""
DUE_AFTER_DAYS = 31
"""Days after it until which a customer is due at most, and half the time until they lapse."""
NEW_DAYS = 548
"""Days after the only trip in which a customer is new: a year and a half."""
FEW_LAPSED_DAYS = 730
"""Days without a trip after which a customer without a rhythm has lapsed, at least."""
WON_BACK_DAYS = 365
"""Days after the trip that ended a lapse."""


class Stage(StrEnum):
    NONE = "none"
    """No trip taken or booked."""
    NEW = "new"
    ACTIVE = "active"
    DUE = "due"
    LATE = "late"
    LAPSED = "lapsed"
    WON_BACK = "won_back"


def stage_of(days: Sequence[date], today: date) -> Stage:
    """Return the stage; ``days``: first days of trips taken or booked, in order."""
    if not days:
        return Stage.NONE
    last = days[-1]
    if len(days) == 1:
        is_new = last >= today - timedelta(NEW_DAYS)
        return Stage.NEW if is_new else Stage.LAPSED
    if last > today:
        return Stage.WON_BACK if _ended_lapse(days) else Stage.ACTIVE
    rhythm = find_rhythm(tuple(days))
    if today >= _lapsed_from(days, rhythm):
        return Stage.LAPSED
    if rhythm is not None and today > due_until(rhythm):
        return Stage.LATE
    if rhythm is not None and today >= rhythm.due - timedelta(DUE_AHEAD_DAYS):
        return Stage.DUE
    if last >= today - timedelta(WON_BACK_DAYS) and _ended_lapse(days):
        return Stage.WON_BACK
    return Stage.ACTIVE


def due_until(rhythm: Rhythm) -> date:
    """Return the last day on which a customer is due and not late."""
    return rhythm.due + min(timedelta(DUE_AFTER_DAYS), (rhythm.lapsed_from - rhythm.due) / 2)


def _ended_lapse(days: Sequence[date]) -> bool:
    """Return whether the customer had lapsed before the last trip."""
    before = days[:-1]
    return days[-1] >= _lapsed_from(before, find_rhythm(tuple(before)))


def _lapsed_from(days: Sequence[date], rhythm: Rhythm | None) -> date:
    if rhythm is not None:
        return rhythm.lapsed_from
    usual = (days[-1] - days[0]) * 2 if len(days) > 1 else timedelta(0)
    return days[-1] + max(usual, timedelta(FEW_LAPSED_DAYS))
