"""Conditions compiled to closures that read each fact of a customer at most once.

Agrees with ``conditions.evaluate.is_met``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from screenpop.conditions.evaluate import (
    Fact,
    compare_fact,
    fact_of,
    text_keys,
    trip_fact_of,
)
from screenpop.conditions.facts import CustomerFacts
from screenpop.conditions.fields import FIELDS, Kind, common_amount, text_key
from screenpop.conditions.tree import (
    LIST_OPS,
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    holds,
)
from screenpop.customers.place_names import all_place_names

KEYED = frozenset({Kind.TEXT, Kind.PLACE, Kind.TAGS})
"""Fields whose texts are compared by their keys."""
Keys = frozenset[Fact]


class Known:
    """The facts of one customer on one day, each read when a condition first needs it."""

    def __init__(self, facts: CustomerFacts, today: date) -> None:
        self.facts = facts
        self.today = today
        self._facts: dict[str, Fact] = {}
        self._keys: dict[str, Keys] = {}
        self._trip_keys: dict[str, Sequence[Keys]] = {}
        self._trip_facts: dict[str, Sequence[Fact]] = {}
        self._places: dict[str, Sequence[int]] = {}
        self._folded: dict[str, str] = {}
        self._met: dict[Node, bool] = {}

    def fact(self, field: str) -> Fact:
        if field in self._facts:
            return self._facts[field]
        fact = self._facts[field] = fact_of(field, self.facts, self.today)
        return fact

    def keys(self, field: str) -> Keys:
        """Return what the values of a list are compared with; empty where nothing is known."""
        keys = self._keys.get(field)
        if keys is None:
            keys = self._keys[field] = _keys_of(field, self.fact(field))
        return keys

    def trip_facts(self, field: str) -> Sequence[Fact]:
        """Return the fact of each trip, in the order of the trips."""
        facts = self._trip_facts.get(field)
        if facts is None:
            facts = [trip_fact_of(field, one, self.today) for one in self.facts.trips]
            self._trip_facts[field] = facts
        return facts

    def trip_keys(self, field: str) -> Sequence[Keys]:
        keys = self._trip_keys.get(field)
        if keys is None:
            keys = [_keys_of(field, fact) for fact in self.trip_facts(field)]
            self._trip_keys[field] = keys
        return keys

    def places(self, field: str) -> Sequence[int]:
        """Return the positions of the trips of which a fact is known."""
        places = self._places.get(field)
        if places is None:
            facts = self.trip_facts(field)
            places = [place for place, fact in enumerate(facts) if fact is not None]
            self._places[field] = places
        return places

    def folded(self, field: str) -> str:
        """Return the text of a wish as words are looked for in it."""
        text = self._folded.get(field)
        if text is None:
            text = self._folded[field] = text_key(Kind.TEXT, str(self.fact(field) or ""))
        return text

    def once(self, node: Node, find: Callable[["Known"], bool]) -> bool:
        """Return whether a node is met, found out once however many offers have it."""
        met = self._met.get(node)
        if met is None:
            met = self._met[node] = find(self)
        return met


Check = Callable[[Known], bool]


def compile_check(node: Node | None) -> Check:
    """Return what checks a condition; None is met by all customers."""
    match node:
        case None:
            return lambda _known: True
        case AllOf(parts):
            return _all_of([compile_check(part) for part in parts])
        case AnyOf(parts):
            return _any_of([compile_check(part) for part in parts])
        case Not(part):
            check = compile_check(part)
            return lambda known: not check(known)
        case Trips():
            count = _compile_trips(node)
            return lambda known: known.once(node, count)
        case Compare():
            return _compile_comparison(node)


def trips_that_meet(node: Trips, known: Known) -> Sequence[int]:
    """Return the positions of the trips that meet all comparisons."""
    return _places([_trip_part(one) for one in node.where], known)


def wanted_keys(node: Compare) -> Keys:
    """Return the keys of the values of a list."""
    kind = FIELDS[node.field].kind
    values = node.value if isinstance(node.value, tuple) else ()
    if kind in KEYED:
        return frozenset(text_keys(kind, tuple(map(str, values))))
    return frozenset(values)


def _keys_of(field: str, fact: Fact) -> Keys:
    if fact is None or fact in ("", ()):
        return frozenset()
    kind = FIELDS[field].kind
    if kind not in KEYED:
        return frozenset((fact,))
    texts = fact if isinstance(fact, tuple) else (fact,)
    return frozenset(_text_key(kind, str(one)) for one in texts)


@lru_cache(maxsize=8192)
def _text_key(kind: Kind, text: str) -> str:
    """Return the key of a text: many customers have been to the same places."""
    return text_key(kind, text)


def _all_of(checks: Sequence[Check]) -> Check:
    def check(known: Known) -> bool:
        for one in checks:  # noqa: SIM110 -- a generator costs as much as the checks
            if not one(known):
                return False
        return True

    return check


def _any_of(checks: Sequence[Check]) -> Check:
    def check(known: Known) -> bool:
        for one in checks:  # noqa: SIM110 -- as above
            if one(known):
                return True
        return False

    return check


def _compile_comparison(node: Compare) -> Check:
    field, op, value = node.field, node.op, node.value
    if op in LIST_OPS:
        wanted, is_wanted = wanted_keys(node), op is Op.IS_NONE
        return lambda known: wanted.isdisjoint(known.keys(field)) is is_wanted
    if op is Op.CONTAINS:
        texts = value if isinstance(value, tuple) else ()
        names = tuple(name for one in texts for name in all_place_names(str(one)))
        return lambda known: any(name in known.folded(field) for name in names)
    test = _test(node)
    return lambda known: test(known.fact(field))


def _test(node: Compare) -> Callable[[Any], bool]:
    """Return what compares a fact: of numbers without the way through all kinds of fields."""
    op, value, kind = node.op, node.value, FIELDS[node.field].kind
    if op not in _NUMBER_TESTS:
        return lambda fact: compare_fact(kind, op, value, fact)
    if isinstance(value, Money):
        amount, currency = common_amount(value.amount, value.currency)
        test = _NUMBER_TESTS[op](amount)
        return lambda fact: test(fact.by_currency.get(currency, fact.others))
    if kind is Kind.NUMBER and isinstance(value, int):
        return _NUMBER_TESTS[op](value)
    return lambda fact: compare_fact(kind, op, value, fact)


_NUMBER_TESTS: Mapping[Op, Callable[[int], Callable[[Any], bool]]] = {
    Op.AT_LEAST: lambda limit: lambda fact: fact is not None and fact >= limit,
    Op.MORE: lambda limit: lambda fact: fact is not None and fact > limit,
    Op.AT_MOST: lambda limit: lambda fact: fact is not None and fact <= limit,
    Op.LESS: lambda limit: lambda fact: fact is not None and fact < limit,
    Op.EQUAL: lambda limit: lambda fact: fact == limit,
}


class _TripPart(NamedTuple):
    """A comparison of trips: the facts of all trips, and what compares each."""

    field: str
    column: Callable[[Known], Sequence[Any]]
    test: Callable[[Any], bool]
    needs_fact: bool
    """A trip without the fact does not meet it."""


def _compile_trips(node: Trips) -> Check:
    parts, op, count = [_trip_part(one) for one in node.where], node.op, node.count
    return lambda known: holds(len(_places(parts, known)), op, count)


def _places(parts: Sequence[_TripPart], known: Known) -> Sequence[int]:
    places: Sequence[int] = range(len(known.facts.trips))
    for number, (field, column, test, needs_fact) in enumerate(parts):
        if not number and needs_fact:
            places = known.places(field)
        if not places:
            break
        facts = column(known)
        places = [place for place in places if test(facts[place])]
    return places


def _trip_part(node: Compare) -> _TripPart:
    field = node.field
    if node.op in LIST_OPS:
        wanted = wanted_keys(node)
        if node.op is Op.IS_NONE:
            return _TripPart(
                field, lambda known: known.trip_keys(field), wanted.isdisjoint, needs_fact=False
            )
        return _TripPart(
            field,
            lambda known: known.trip_keys(field),
            lambda keys: not wanted.isdisjoint(keys),
            needs_fact=True,
        )
    needs_fact = node.op is not Op.IS_NOT_SET
    return _TripPart(field, lambda known: known.trip_facts(field), _test(node), needs_fact)
