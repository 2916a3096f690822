"""All active offers of an office, compiled once; which of them fit a customer is found per card.

Each offer has a trigger, a comparison that every customer that it fits must meet. Triggers that
compare with a list are found by the customer's own values, so that most offers are never looked at;
the others are checked once for all offers that have them. Offers come in their order of worth in
the customer's tier, and only as many are checked as are taken. Measured by ``python -m
benchmarks.offers``.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from operator import or_
from typing import cast

from screenpop.conditions.fields import FIELDS, Kind, common_amount
from screenpop.conditions.tree import AllOf, Compare, Node, Op, Trips
from screenpop.offers.matching import KEYED, Check, Keys, Known, compile_check, wanted_keys
from screenpop.offers.offer_words import spoken_trips
from screenpop.offers.office_offer import OfferId, OfficeOffer, suggestion_id

_LISTED = KEYED | {Kind.CHOICE, Kind.USER, Kind.BRANCH}
Ranks = int
"""A set of ranks, as the bits of a number: joining and cutting hundreds takes no time."""
Index = dict[str, dict[object, Ranks]]
"""Field to key to the ranks of the offers with this trigger."""
Limits = dict[tuple[str, Op], tuple[list[int], list[Ranks]]]
"""Field and operator to the sorted limits, and for each limit the ranks up to it or from it on."""


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a call came in."""

    line: str = ""
    queue: str = ""
    branches: frozenset[int] = frozenset()
    """Those of the agents at whom it rang."""


NO_PLACE = CallPlace()


@dataclass(frozen=True, slots=True)
class _Trigger:
    """What each customer whom the offer fits meets: a key, a limit (neither), or a check."""

    node: Node | None
    field: str = ""
    keys: Keys | None = None
    of_trips: bool = False
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class _Compiled:
    offer: OfficeOffer
    check: Check
    lines: frozenset[str]
    queues: frozenset[str]
    branches: frozenset[int]
    trigger: _Trigger

    def is_offered_at(self, place: CallPlace) -> bool:
        return (
            (not self.lines or place.line in self.lines)
            and (not self.queues or place.queue in self.queues)
            and (not self.branches or not self.branches.isdisjoint(place.branches))
        )


@dataclass(slots=True, eq=False)
class _Order:
    """The offers in one order of rank, found by their triggers."""

    ranked: Sequence[_Compiled]
    _by_fact: Index = field(init=False, default_factory=dict)
    _by_trip: Index = field(init=False, default_factory=dict)
    _by_limit: Limits = field(init=False, default_factory=dict)
    _by_check: Sequence[tuple[Check, Ranks]] = field(init=False, default=())
    _running: tuple[date, Ranks] = field(init=False, default=(date.min, 0))

    def __post_init__(self) -> None:
        limits: dict[tuple[str, Op], dict[int, Ranks]] = {}
        others: dict[Node | None, tuple[Check, Ranks]] = {}
        for rank, one in enumerate(self.ranked):
            trigger, bit = one.trigger, 1 << rank
            if trigger.keys is not None:
                index = self._by_trip if trigger.of_trips else self._by_fact
                by_key = index.setdefault(trigger.field, {})
                for key in trigger.keys:
                    by_key[key] = by_key.get(key, 0) | bit
            elif trigger.check is None:
                node = cast("Compare", trigger.node)
                by_limit = limits.setdefault((node.field, node.op), {})
                limit = cast("int", node.value)
                by_limit[limit] = by_limit.get(limit, 0) | bit
            else:
                _, known = others.get(trigger.node, (trigger.check, 0))
                others[trigger.node] = trigger.check, known | bit
        self._by_limit = {key: _summed(key[1], by_limit) for key, by_limit in limits.items()}
        self._by_check = tuple(others.values())

    def prepare(self, today: date) -> None:
        running = [one.offer.runs_on(today) for one in self.ranked]
        self._running = (today, sum(1 << rank for rank, runs in enumerate(running) if runs))

    def fitting(self, known: Known, place: CallPlace) -> Iterator[OfficeOffer]:
        if self._running[0] != known.today:
            self.prepare(known.today)
        left = self._triggered(known) & self._running[1]
        while left:
            lowest = left & -left
            left ^= lowest
            one = self.ranked[lowest.bit_length() - 1]
            if one.is_offered_at(place) and one.check(known):
                yield one.offer

    def _triggered(self, known: Known) -> Ranks:
        found = 0
        for name, by_key in self._by_fact.items():
            for key in known.keys(name):
                found |= by_key.get(key, 0)
        for name, by_key in self._by_trip.items():
            for key in frozenset().union(*known.trip_keys(name)):
                found |= by_key.get(key, 0)
        for (name, op), (limits, ranks) in self._by_limit.items():
            fact = known.fact(name)
            if isinstance(fact, int):
                found |= ranks[_place(op, limits, fact)]
        for check, of_check in self._by_check:
            if check(known):
                found |= of_check
        return found


@dataclass(slots=True, eq=False)
class CompiledOffers:
    """The active offers; built from all of them, in any order."""

    offers: Sequence[OfficeOffer] = ()
    """As given."""
    control_shares: Mapping[str, int] = field(init=False, default_factory=dict)
    """Of the active offers that have one, in percent by the suggestion's id."""
    _usual: _Order = field(init=False)
    _by_tier: Mapping[str, _Order] = field(init=False, default_factory=dict)
    """Of the tiers in which offers rank otherwise than over all customers."""

    def __post_init__(self) -> None:
        for _ in self._compile():
            pass

    @classmethod
    def in_steps(
        cls, offers: Sequence[OfficeOffer], today: date
    ) -> Generator[None, None, "CompiledOffers"]:
        """Return the same as the constructor, prepared for a day; yields after each short step."""
        made = object.__new__(cls)
        made.offers = offers
        yield from made._compile()
        yield from made._prepare(today)
        return made

    def _compile(self) -> Generator[None, None, None]:
        active = [one for one in self.offers if one.active and one.places_left != 0]
        self.control_shares = {
            suggestion_id(one.id): one.terms.control_percent
            for one in active
            if one.terms.control_percent
        }
        compiled = {}
        for one in active:
            compiled[one.id] = _compile(one)
            yield
        margins = _comparable_margins(active)
        yield
        usual = _by_worth(active, margins, "")
        self._usual = _Order([compiled[number] for number in usual])
        yield
        by_tier = {}
        for tier in _tiers(active):
            order = _by_worth(active, margins, tier)
            if order != usual:
                by_tier[tier] = _Order([compiled[number] for number in order])
            yield
        self._by_tier = by_tier

    def __bool__(self) -> bool:
        return bool(self._usual.ranked)

    @property
    def has_places(self) -> bool:
        """Return whether an offer depends on the line, the queue or the branch of a call."""
        return any(one.queues or one.lines or one.branches for one in self._usual.ranked)

    def prepare(self, today: date) -> None:
        """Find out which offers run on a day; done by the first card of the day otherwise."""
        for _ in self._prepare(today):
            pass

    def _prepare(self, today: date) -> Generator[None, None, None]:
        for order in (self._usual, *self._by_tier.values()):
            order.prepare(today)
            yield

    def fitting(self, known: Known, place: CallPlace = NO_PLACE) -> Iterator[OfficeOffer]:
        """Yield the offers that fit, the highest rank first; each is checked when it is taken."""
        return self._by_tier.get(known.facts.tier, self._usual).fitting(known, place)


def _tiers(offers: Iterable[OfficeOffer]) -> set[str]:
    return {tier for one in offers for tier, _ in one.chances if tier}


def _by_worth(
    offers: Iterable[OfficeOffer], margins: Mapping[OfferId, int], tier: str
) -> list[OfferId]:
    """Return the ids with the highest margin × chance first, then in the order they were made."""
    worth = {one.id: margins.get(one.id, 0) * one.rank_chance(tier) for one in offers}
    return sorted(worth, key=lambda number: (-worth[number], number))


def _comparable_margins(offers: Iterable[OfficeOffer]) -> dict[OfferId, int]:
    """Return the margins in the currency of most offers; others do not compare with them."""
    margins = {
        one.id: common_amount(one.terms.margin.amount, one.terms.margin.currency)
        for one in offers
        if one.terms.margin is not None
    }
    currencies = Counter(currency for _, currency in margins.values())
    usual = min(currencies, key=lambda one: (-currencies[one], one), default="")
    return {number: amount for number, (amount, currency) in margins.items() if currency == usual}


def _compile(offer: OfficeOffer) -> _Compiled:
    terms = offer.terms
    return _Compiled(
        offer,
        compile_check(terms.condition),
        frozenset(terms.lines),
        frozenset(terms.queues),
        frozenset(terms.branches),
        _trigger_of(terms.condition),
    )


def _trigger_of(condition: Node | None) -> _Trigger:
    node = _trigger(condition)
    if isinstance(node, Compare) and _is_listed(node):
        return _Trigger(node, node.field, wanted_keys(node))
    if isinstance(node, Trips) and (listed := _listed_part(node)) is not None:
        return _Trigger(node, listed.field, wanted_keys(listed), of_trips=True)
    if isinstance(node, Compare) and _is_limit(node):
        return _Trigger(node, node.field)
    return _Trigger(node, check=compile_check(node))


def _trigger(condition: Node | None) -> Node | None:
    """Return a node that each customer who meets the condition meets; None: there is none."""
    needed = list(_needed(condition))
    for kinds in (KEYED | {Kind.USER}, {Kind.CHOICE, Kind.BRANCH}):
        for node in needed:
            if isinstance(node, Compare) and _is_listed(node) and FIELDS[node.field].kind in kinds:
                return node
        for node in needed:
            part = _listed_part(node) if isinstance(node, Trips) else None
            if part is not None and FIELDS[part.field].kind in kinds:
                return node
    return needed[0] if needed else None


def _needed(condition: Node | None) -> Iterator[Node]:
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _needed(part)
    elif condition is not None:
        yield condition


def _is_listed(node: Compare) -> bool:
    return node.op is Op.IS_ANY and FIELDS[node.field].kind in _LISTED


def _listed_part(trips: Trips) -> Compare | None:
    """Return the comparison by which such trips are found; None where there may be no trip."""
    if spoken_trips(trips) is None:
        return None
    listed = [one for one in trips.where if _is_listed(one)]
    by_text = [one for one in listed if FIELDS[one.field].kind in KEYED]
    return next(iter([*by_text, *listed]), None)


def _is_limit(node: Compare) -> bool:
    return FIELDS[node.field].kind is Kind.NUMBER and node.op in _LIMIT_OPS


_UPWARDS = (Op.AT_LEAST, Op.MORE)
_LIMIT_OPS = (*_UPWARDS, Op.AT_MOST, Op.LESS)


def _summed(op: Op, by_limit: Mapping[int, Ranks]) -> tuple[list[int], list[Ranks]]:
    """Return the limits in order, and at each place between them the ranks that are met there."""
    limits = sorted(by_limit)
    ranks = [by_limit[limit] for limit in limits]
    if op in _UPWARDS:
        return limits, [0, *accumulate(ranks, or_)]
    return limits, [*reversed([0, *accumulate(reversed(ranks), or_)])]


def _place(op: Op, limits: Sequence[int], fact: int) -> int:
    """Return the place of a fact: met are the limits before it, or after it for "at most"."""
    return bisect_right(limits, fact) if op in (Op.AT_LEAST, Op.LESS) else bisect_left(limits, fact)


NO_OFFERS = CompiledOffers()
