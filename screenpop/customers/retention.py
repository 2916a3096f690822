"""How long data is kept: its kinds, and what shows that a customer is still in contact."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class RetentionKind(StrEnum):
    """Data that is deleted after a time of its own."""

    CALLS = "calls"
    TRACES = "traces"
    NOTES = "notes"
    LOGINS = "logins"
    REFUSALS = "refusals"
    CUSTOMERS = "customers"


class ContactKind(StrEnum):
    """What a customer was last heard of by."""

    CALL = "call"
    TRIP = "trip"
    PAYMENT = "payment"
    FOLLOW_UP = "follow_up"
    CASE = "case"
    MESSAGE = "message"
    OFFER = "offer"
    VOUCHER = "voucher"
    POINTS = "points"
    CHANGE = "change"
    """A user changed the file, such as its notes."""
    CREATED = "created"
    """The file was made, or the day since when they are a customer."""


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long each kind is kept; 0: for ever."""

    calls_days: int = 0
    traces_days: int = 0
    notes_days: int = 0
    logins_days: int = 0
    customers_years: int = 0


@dataclass(frozen=True, slots=True)
class ContactLimit:
    """The first moment that counts as contact, as a day of the office and as a time."""

    today: date
    day: date
    at: float
    """Seconds since 1970."""


def contact_limit(now: float, years: int, zone: ZoneInfo) -> ContactLimit:
    """Return the limit so many years before the office's today; 29 February becomes 1 March."""
    today = datetime.fromtimestamp(now, zone).date()
    year = today.year - years
    try:
        day = today.replace(year=year)
    except ValueError:
        day = date(year, 3, 1)
    return ContactLimit(today, day, datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


NIGHT_BEGINS, NIGHT_ENDS = 1, 5
"""Hours of the office between which data is deleted."""
SAME_NIGHT = timedelta(hours=12)
"""A run so recent was of this night."""
OVERDUE = timedelta(hours=36)
"""After this time a run does not wait for the night: the server may be off each night."""


def is_night(now: float, zone: ZoneInfo) -> bool:
    return NIGHT_BEGINS <= datetime.fromtimestamp(now, zone).hour < NIGHT_ENDS


def is_run_due(now: float, last: float | None, zone: ZoneInfo) -> bool:
    """Return whether old data is to be deleted now. ``last``: the last run; None: never.

    A last run in the future was by a clock that was wrong."""
    if last is None or last > now:
        return True
    age = timedelta(seconds=now - last)
    return age >= OVERDUE or (age >= SAME_NIGHT and is_night(now, zone))


LEAP_S = 4 * 86_400.0
"""Seconds after which a server that comes back may have a wrong clock. Longer than a weekend with a
holiday, for which an office switches its server off."""
HOLD_S = 5 * 86_400.0
"""Seconds by the clock, without a leap, after which its time is believed: an office has worked for
some days then, and a wrong day on every card is noticed."""


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """What is known of the server's clock. Both are seconds since 1970 by that clock."""

    seen_at: float
    """Its time at the last look."""
    steady_since: float
    """The time from which on it has not leapt."""

    @property
    def held_until(self) -> float | None:
        """Return until when nothing may be deleted for its age; None: it may."""
        until = self.steady_since + HOLD_S
        return until if self.seen_at < until else None


def clock_seen(known: ClockRecord | None, now: float, newest: float | None) -> ClockRecord:
    """Return the record of the clock after a look at it, which is ``now``.

    A clock that is years ahead (an empty battery, a wrong time server) would have every call and
    every customer deleted as old. So after a leap forward of more than ``LEAP_S``, as after so
    long a time without the server, its time counts only after ``HOLD_S`` more. A clock that is set
    back deletes too little, and begins anew.

    ``known``: the record so far. None: of a database of before such records; then its newest call
    (``newest``, seconds since 1970, None for none) shows whether the time goes on from there.
    """
    if known is None:
        is_steady = newest is None or now - newest <= LEAP_S
        return ClockRecord(now, now - HOLD_S if is_steady else now)
    if now - known.seen_at > LEAP_S:
        return ClockRecord(now, now)
    return ClockRecord(now, min(known.steady_since, now))
