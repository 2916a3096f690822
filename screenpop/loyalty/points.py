"""Points or stamps: what trips earn by the office's rules, and what of them expires.

A customer's points are the sum of their entries; no balance is stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from screenpop.loyalty.tiers import PaidTrip, months_before

MOST_POINTS = 1_000_000
"""Points of one entry at most."""


class PointKind(StrEnum):
    EARNED = "earned"
    TAKEN_BACK = "taken_back"
    """The trip that earned them was cancelled."""
    SPENT = "spent"
    EXPIRED = "expired"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRules:
    """What a trip earns; without points per trip and per amount the office gives none."""

    per_trip: int = 0
    per_amount: int = 0
    """Points for each whole ``amount`` of the price, in ``currency``."""
    amount: int = 0
    currency: str = ""
    months: int = 0
    """Months after the departure in which they can be spent; 0: for ever."""
    since: date | None = None
    """Only trips that depart from this day on."""
    are_stamps: bool = False
    """They are called stamps."""

    @property
    def is_used(self) -> bool:
        return bool(self.per_trip or self.per_amount)

    def earned_by(self, trip: PaidTrip, *, is_first_part: bool) -> int:
        """Return the points of a trip that has begun.

        ``is_first_part``: it is no further row of the trip before, such as its hotel.
        """
        if self.since is not None and trip.day < self.since:
            return 0
        points = self.per_trip if is_first_part else 0
        if self.per_amount and trip.currency == self.currency and trip.price > 0:
            points += trip.price // self.amount * self.per_amount
        return min(points, MOST_POINTS)

    def last_day(self, day: date) -> date | None:
        """Return the last day of points that are earned on a day; None: they stay."""
        return months_before(day, -self.months) if self.months else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointEntry:
    id: int
    kind: PointKind
    points: int
    """Below 0 for those that are taken away."""
    day: date
    expires: date | None = None
    """The last day of earned points."""
    of_entry: int | None = None
    """Of expired ones: the entry that earned them."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of an entry that gave points."""

    entry: int
    left: int
    expires: date | None


def balance_of(entries: Iterable[PointEntry]) -> int:
    return sum(one.points for one in entries)


def lots_of(entries: Sequence[PointEntry]) -> list[Lot]:
    """Return what is left of each entry; those that end first are spent first.

    More that was taken away than there was, as after a cancelled trip, is left from no entry.
    """
    expired: dict[int | None, int] = {}
    for one in entries:
        if one.kind is PointKind.EXPIRED:
            expired[one.of_entry] = expired.get(one.of_entry, 0) - one.points
    given = [one for one in entries if one.points > 0]
    left = {one.id: max(one.points - expired.pop(one.id, 0), 0) for one in given}
    taken = sum(left.values()) - balance_of(entries)
    lots = []
    for one in sorted(given, key=lambda one: (one.expires or date.max, one.day, one.id)):
        used = min(left[one.id], max(taken, 0))
        taken -= used
        lots.append(Lot(one.id, left[one.id] - used, one.expires))
    return lots


def expired_lots(entries: Sequence[PointEntry], today: date) -> list[Lot]:
    """Return what has to be taken away because its last day has passed."""
    return [
        lot
        for lot in lots_of(entries)
        if lot.left > 0 and lot.expires is not None and lot.expires < today
    ]


def next_to_expire(entries: Sequence[PointEntry], today: date) -> Lot | None:
    """Return the points that end next, those of one day together; None for none that end."""
    ending = [lot for lot in lots_of(entries) if lot.left > 0 and lot.expires is not None]
    days = [lot.expires for lot in ending if lot.expires is not None and lot.expires >= today]
    if not days:
        return None
    day = min(days)
    return Lot(0, sum(lot.left for lot in ending if lot.expires == day), day)
