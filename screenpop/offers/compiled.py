"""All active offers of an office, compiled once; which of them fit a customer is found per card.

Each offer has a trigger, a comparison that every customer that it fits must meet. Triggers that
compare with a list are found by the customer's own values, so that most offers are never looked at;
the others are checked once for all offers that have them. Offers come in their order of rank, and
only as many are checked as are taken. Measured by ``python -m benchmarks.offers``.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from operator import or_
from typing import cast

from screenpop.conditions.fields import FIELDS, Kind, common_amount
from screenpop.conditions.tree import AllOf, Compare, Node, Op, Trips
from screenpop.offers.matching import KEYED, Check, Known, compile_check, wanted_keys
from screenpop.offers.offer_words import spoken_trips
from screenpop.offers.office_offer import OfficeOffer, suggestion_id

_LISTED = KEYED | {Kind.CHOICE, Kind.USER}
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


NO_PLACE = CallPlace()


@dataclass(frozen=True, slots=True)
class _Compiled:
    offer: OfficeOffer
    check: Check
    lines: frozenset[str]
    queues: frozenset[str]

    def is_offered_at(self, place: CallPlace) -> bool:
        return (not self.lines or place.line in self.lines) and (
            not self.queues or place.queue in self.queues
        )


@dataclass(slots=True, eq=False)
class CompiledOffers:
    """The active offers; built from all of them, in any order."""

    offers: Sequence[OfficeOffer] = ()
    """As given."""
    control_shares: Mapping[str, int] = field(init=False, default_factory=dict)
    """Of the active offers that have one, in percent by the suggestion's id."""
    _ranked: Sequence[_Compiled] = field(init=False)
    _by_fact: Index = field(init=False, default_factory=dict)
    _by_trip: Index = field(init=False, default_factory=dict)
    _by_limit: Limits = field(init=False, default_factory=dict)
    _by_check: Sequence[tuple[Check, Ranks]] = field(init=False, default=())
    _running: tuple[date, Ranks] = field(init=False, default=(date.min, 0))

    def __post_init__(self) -> None:
        active = [one for one in self.offers if one.active and one.places_left != 0]
        self._ranked = [
            _Compiled(
                one,
                compile_check(one.terms.condition),
                frozenset(one.terms.lines),
                frozenset(one.terms.queues),
            )
            for one in _by_rank(active)
        ]
        self.control_shares = {
            suggestion_id(one.id): one.terms.control_percent
            for one in active
            if one.terms.control_percent
        }
        limits: dict[tuple[str, Op], dict[int, Ranks]] = {}
        others: dict[Node | None, Ranks] = {}
        for rank, one in enumerate(self._ranked):
            trigger, bit = _trigger(one.offer.terms.condition), 1 << rank
            if isinstance(trigger, Compare) and _is_listed(trigger):
                _enter(self._by_fact, trigger, bit)
            elif isinstance(trigger, Trips) and (listed := _listed_part(trigger)) is not None:
                _enter(self._by_trip, listed, bit)
            elif isinstance(trigger, Compare) and _is_limit(trigger):
                by_limit = limits.setdefault((trigger.field, trigger.op), {})
                limit = cast("int", trigger.value)
                by_limit[limit] = by_limit.get(limit, 0) | bit
            else:
                others[trigger] = others.get(trigger, 0) | bit
        self._by_limit = {key: _summed(key[1], by_limit) for key, by_limit in limits.items()}
        self._by_check = [(compile_check(node), ranks) for node, ranks in others.items()]

    def __bool__(self) -> bool:
        return bool(self._ranked)

    @property
    def has_queues(self) -> bool:
        """Return whether an offer depends on the queue of a call."""
        return any(one.queues for one in self._ranked)

    def prepare(self, today: date) -> None:
        """Find out which offers run on a day; done by the first card of the day otherwise."""
        running = [one.offer.terms.runs_on(today) for one in self._ranked]
        self._running = (today, sum(1 << rank for rank, runs in enumerate(running) if runs))

    def fitting(self, known: Known, place: CallPlace = NO_PLACE) -> Iterator[OfficeOffer]:
        """Yield the offers that fit, the highest rank first; each is checked when it is taken."""
        if self._running[0] != known.today:
            self.prepare(known.today)
        left = self._triggered(known) & self._running[1]
        while left:
            lowest = left & -left
            left ^= lowest
            one = self._ranked[lowest.bit_length() - 1]
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


def _by_rank(offers: Iterable[OfficeOffer]) -> list[OfficeOffer]:
    """Return the offers with the highest margin first, then in the order in which they were made.

    Amounts of different currencies do not compare: the currency of most margins counts.
    """
    offers = list(offers)
    margins: dict[int, tuple[int, str]] = {
        one.id: common_amount(one.terms.margin.amount, one.terms.margin.currency)
        for one in offers
        if one.terms.margin is not None
    }
    currencies = Counter(currency for _, currency in margins.values())
    usual = min(currencies, key=lambda one: (-currencies[one], one), default="")

    def rank(offer: OfficeOffer) -> tuple[int, int]:
        amount, currency = margins.get(offer.id, (0, ""))
        return (-amount if currency == usual else 0, offer.id)

    return sorted(offers, key=rank)


def _trigger(condition: Node | None) -> Node | None:
    """Return a node that each customer who meets the condition meets; None: there is none."""
    needed = list(_needed(condition))
    for kinds in (KEYED | {Kind.USER}, {Kind.CHOICE}):
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


def _enter(index: Index, node: Compare, bit: Ranks) -> None:
    by_key = index.setdefault(node.field, {})
    for key in wanted_keys(node):
        by_key[key] = by_key.get(key, 0) | bit


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
