"""Callbacks: which caller is called back first and why, and how long callers waited.

A callback is one person with all missed attempts since the last talk. It is closed by a talk of
``work_list.MIN_TALK_S`` in either direction, or by a user; never by age.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from screenpop.calls.events import Disposition
from screenpop.customers.models import Tier

TRIP_SOON_DAYS = 14
"""A departure within these days ranks a caller before others."""
VIP_RANK = 4
TIER_RANKS = {Tier.NONE: 0, Tier.SILVER: 1, Tier.GOLD: 2, Tier.PLATINUM: 3}
NO_TRIP = date.max


class AttemptKind(StrEnum):
    ABANDONED = "abandoned"
    """The caller hung up while phones rang or a queue held the call."""
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    CLOSED = "closed"
    """No phone rang and no queue took the call: an announcement, a menu, or a closed office."""
    LOST_IN_TRANSFER = "lost_in_transfer"
    """Talked to, then transferred to a phone that was not answered."""
    FAILED = "failed"


class NumberProblem(StrEnum):
    """Why a caller cannot be called back."""

    WITHHELD = "withheld"
    MISSING = "missing"
    """The PBX sent no number."""
    INCOMPLETE = "incomplete"
    """What the PBX sent is not a whole telephone number."""


class ReasonCode(StrEnum):
    PROMISE = "promise"
    ON_TRIP = "on_trip"
    TRIP_SOON = "trip_soon"
    VIP = "vip"
    TIER = "tier"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class CallbackFacts:
    """What the rank of a callback depends on."""

    first_at: float
    """The first missed attempt, in seconds since 1970."""
    promise_due: date | None = None
    """The earliest open promise that is due."""
    departs: date | None = None
    """The trip under way, or that departs next within ``TRIP_SOON_DAYS``."""
    tier: Tier = Tier.NONE
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    code: ReasonCode
    params: dict[str, str | int | float]


def rank_key(facts: CallbackFacts, today: date) -> tuple[int, date, int, float]:
    """Return the sort key: promise, departure, tier, time waited; the smallest is first."""
    trip = NO_TRIP if facts.departs is None else max(facts.departs, today)
    return (
        0 if facts.promise_due is not None else 1,
        trip if trip <= last_day_soon(today) else NO_TRIP,
        -tier_rank(facts.tier, vip=facts.vip),
        facts.first_at,
    )


def last_day_soon(today: date) -> date:
    """Return the last day on which a departure counts as soon."""
    return today + timedelta(days=TRIP_SOON_DAYS)


def tier_rank(tier: Tier, *, vip: bool) -> int:
    return TIER_RANKS[tier] + (VIP_RANK if vip else 0)


def reasons_of(facts: CallbackFacts, today: date, now: float) -> tuple[Reason, ...]:
    """Return why the caller has this place, strongest reason first; the wait is always named."""
    found: list[Reason] = []
    if facts.promise_due is not None:
        found.append(Reason(ReasonCode.PROMISE, {"date": facts.promise_due.isoformat()}))
    if facts.departs is not None and facts.departs <= last_day_soon(today):
        days = (facts.departs - today).days
        code = ReasonCode.ON_TRIP if days < 0 else ReasonCode.TRIP_SOON
        found.append(Reason(code, {"days": max(0, days)}))
    if facts.vip:
        found.append(Reason(ReasonCode.VIP, {}))
    if facts.tier is not Tier.NONE:
        found.append(Reason(ReasonCode.TIER, {"tier": facts.tier.value}))
    found.append(Reason(ReasonCode.WAITING, {"seconds": max(0.0, now - facts.first_at)}))
    return tuple(found)


def attempt_kind(disposition: str, *, dialled: bool, queued: bool) -> AttemptKind:
    """Return what a missed attempt was; ``dialled``: a phone was dialled for it."""
    if disposition == Disposition.ANSWERED:
        return AttemptKind.LOST_IN_TRANSFER
    if disposition == Disposition.VOICEMAIL:
        return AttemptKind.VOICEMAIL
    if disposition == Disposition.BUSY:
        return AttemptKind.BUSY
    if not dialled and not queued:
        return AttemptKind.CLOSED
    if disposition == Disposition.ABANDONED:
        return AttemptKind.ABANDONED
    return AttemptKind.FAILED if disposition == Disposition.FAILED else AttemptKind.NO_ANSWER


def number_problem(*, withheld: bool, raw: str, can_dial: bool) -> NumberProblem | None:
    """Return why a caller cannot be called back; None if they can."""
    if can_dial:
        return None
    if withheld:
        return NumberProblem.WITHHELD
    return NumberProblem.INCOMPLETE if raw.strip() else NumberProblem.MISSING


def median_seconds(waits: Iterable[float]) -> float | None:
    """Return the median of times to callback; None if there is none."""
    found = list(waits)
    return median(found) if found else None
