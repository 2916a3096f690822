"""An offer that an office made itself: for which customers, when, where, on which terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NewType

from screenpop.conditions.tree import Money, Node
from screenpop.loyalty.vouchers import VoucherTerms
from screenpop.offers.calendars import Calendar, feast
from screenpop.offers.quiet import QUIET_DAYS
from screenpop.offers.school_holidays import SchoolHolidays

OfferId = NewType("OfferId", int)
_PREFIX = "offer:"


@dataclass(frozen=True, slots=True)
class Period:
    """A time of the year: around a feast or school holidays, or with days of its own."""

    calendar: Calendar
    before: int = 0
    """Days before the feast, or before the first of the holidays, with which it begins."""
    after: int = 0
    first: date | None = None
    """Of ``OWN`` only, as ``last``."""
    last: date | None = None

    def holds(self, day: date, holidays: Iterable[SchoolHolidays] = ()) -> bool:
        """Return whether a day is in the period. ``holidays``: those that the office has stated."""
        if self.calendar is Calendar.SCHOOL_HOLIDAYS:
            return any(one.holds(day, self.before, self.after) for one in holidays)
        if self.first is not None and self.last is not None:
            return self.first <= day <= self.last
        return any(
            -self.before <= (day - feast(self.calendar, year)).days <= self.after
            for year in (day.year - 1, day.year, day.year + 1)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """All of an offer except its id and whether it is switched on."""

    name: str
    """For the office; customers do not hear it."""
    words: Mapping[str, str]
    """Language to what the agent reads out, with fields such as ``{destination}``."""
    condition: Node | None = None
    """None: all customers."""
    starts: date | None = None
    ends: date | None = None
    """The last day."""
    periods: tuple[Period, ...] = ()
    """The offer runs in any of these; empty: on every day from ``starts`` to ``ends``."""
    lines: tuple[str, ...] = ()
    """Dialled numbers on which it is suggested; empty: on all, as ``queues``."""
    queues: tuple[str, ...] = ()
    branches: tuple[int, ...] = ()
    """Ids of branches of the office: on calls that ring at one of their agents; empty: at all."""
    product: str = ""
    price: Money | None = None
    tier_prices: Mapping[str, Money] = field(default_factory=dict)
    places: int | None = None
    """How many there are; each accepted answer takes one."""
    margin: Money | None = None
    voucher: VoucherTerms | None = None
    limit: int | None = 1
    """How many times one customer can accept it; None: any number."""
    control_percent: int = 0
    """Of the customers it fits, who are not offered it: ``control_share``."""
    quiet_days: Mapping[str, int] = field(default_factory=lambda: dict(QUIET_DAYS))
    """Days without it after a no, by its reason."""

    @property
    def needs_holidays(self) -> bool:
        """Return whether its days depend on those of the school holidays."""
        return any(one.calendar is Calendar.SCHOOL_HOLIDAYS for one in self.periods)

    def runs_on(self, day: date, holidays: Sequence[SchoolHolidays] = ()) -> bool:
        """Return whether the offer is open on a day."""
        if self.starts is not None and day < self.starts:
            return False
        if self.ends is not None and day > self.ends:
            return False
        return not self.periods or any(one.holds(day, holidays) for one in self.periods)

    def quiet_until(self, reason: str, declined_on: date) -> date:
        """Return the first day on which it may be suggested again; ``date.max`` after "never"."""
        days = self.quiet_days.get(reason, QUIET_DAYS.get(reason))
        return date.max if days is None else declined_on + timedelta(days)


@dataclass(frozen=True, slots=True)
class OfficeOffer:
    id: OfferId
    terms: OfferTerms
    active: bool = False
    accepted: int = 0
    """How many answers have accepted it."""
    chances: tuple[tuple[str, int], ...] = ()
    """Tier to the chance in percent that it is accepted; an empty tier: of all customers."""
    drawn: int | None = None
    """A chance drawn for a new offer, by which it ranks instead; None: it ranks by its own."""
    holidays: tuple[SchoolHolidays, ...] = ()
    """The school holidays that the office has stated, for an offer that runs around them."""

    def runs_on(self, day: date) -> bool:
        """Return whether the offer is open on a day."""
        return self.terms.runs_on(day, self.holidays)

    def chance(self, tier: str) -> int | None:
        """Return the chance of a tier, or of all customers; None where none was estimated."""
        chances = dict(self.chances)
        return chances.get(tier, chances.get(""))

    def rank_chance(self, tier: str) -> int:
        """Return the chance by which it ranks, in percent."""
        chance = self.chance(tier) if self.drawn is None else self.drawn
        return 100 if chance is None else chance

    @property
    def places_left(self) -> int | None:
        """Return how many places are left; None without a number of places."""
        places = self.terms.places
        return None if places is None else max(places - self.accepted, 0)


def suggestion_id(offer: OfferId) -> str:
    """Return the id with which an offer is suggested and answered."""
    return f"{_PREFIX}{offer}"


def offer_of(suggestion: str) -> OfferId | None:
    """Return the office's offer of a suggestion; None for one of a rule."""
    number = suggestion.removeprefix(_PREFIX)
    is_ours = number != suggestion and number.isascii() and number.isdigit() and len(number) < 19
    return OfferId(int(number)) if is_ours else None
