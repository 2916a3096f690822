"""When a customer is not called: sleeping hours where they live, Nowruz, the office's own days."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

_Persian: Any = JalaliDate  # the library has no types

NOWRUZ_DAYS = 13
"""Days of Farvardin in which no customer is called for a sale."""
CALLS_FROM = time(9)
CALLS_UNTIL = time(21)
_ZONES = {
    "+98": "Asia/Tehran",
    "+30": "Europe/Athens",
    "+357": "Asia/Nicosia",
    "+44": "Europe/London",
    "+49": "Europe/Berlin",
    "+33": "Europe/Paris",
    "+39": "Europe/Rome",
    "+34": "Europe/Madrid",
    "+31": "Europe/Amsterdam",
    "+46": "Europe/Stockholm",
    "+90": "Europe/Istanbul",
    "+971": "Asia/Dubai",
    "+964": "Asia/Baghdad",
    "+93": "Asia/Kabul",
    "+994": "Asia/Baku",
    "+61": "Australia/Sydney",
}
"""Countries with one time zone, or one in which most people live, by the start of a number."""


class QuietReason(StrEnum):
    SLEEPING = "sleeping"
    NOWRUZ = "nowruz"
    OFFICE_CLOSED = "office_closed"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why not to call now. ``until``: when it ends, where that is known; ``there``: local time."""

    reason: QuietReason
    until: datetime | None
    there: datetime


def why_quiet(
    now: datetime,
    office: ZoneInfo,
    *,
    number: str = "",
    language: str = "",
    sale: bool = True,
    closed_days: Container[date] = frozenset(),
) -> Quiet | None:
    """Return why a customer is not called now; None when they may be.

    Args:
        now: with a time zone.
        office: time zone of the office, also of customers whose number shows no other.
        number: E.164, by which the customer's time zone is taken.
        sale: whether the call sells; only those rest at Nowruz.
        closed_days: days of the office's own calendar on which no customer is called.
    """
    there = now.astimezone(zone_of(number, office))
    if now.astimezone(office).date() in closed_days:
        return Quiet(QuietReason.OFFICE_CLOSED, None, there)
    if not CALLS_FROM <= there.time() < CALLS_UNTIL:
        return Quiet(QuietReason.SLEEPING, _next_morning(there), there)
    if sale and (language == "fa" or number.startswith("+98")) and is_nowruz(there.date()):
        return Quiet(QuietReason.NOWRUZ, None, there)
    return None


def zone_of(number: str, office: ZoneInfo) -> ZoneInfo:
    """Return the time zone of a number's country; the office's where it is not known."""
    for length in (4, 3):
        name = _ZONES.get(number[:length])
        if name is not None:
            return ZoneInfo(name)
    return office


def is_nowruz(day: date) -> bool:
    """Return whether a day is one of the first thirteen of the Persian year."""
    persian = _Persian(day)
    return bool(persian.month == 1 and persian.day <= NOWRUZ_DAYS)


def _next_morning(there: datetime) -> datetime:
    day = there.date() if there.time() < CALLS_FROM else there.date() + timedelta(days=1)
    return datetime.combine(day, CALLS_FROM, there.tzinfo)
