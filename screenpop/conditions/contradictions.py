"""Finds conditions that no customer can meet, such as more than 5 trips and fewer than 3.

A condition becomes a choice of conjunctions; in each the comparisons of one field narrow the set of
its possible values. A condition with more than ``MAX_CONJUNCTIONS`` is not examined.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from screenpop.conditions.errors import ConditionError, Problem
from screenpop.conditions.evaluate import text_keys
from screenpop.conditions.fields import FIELDS, Field, Kind, common_amount
from screenpop.conditions.tree import (
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    parts_of,
)
from screenpop.customers.models import LANGUAGES

MAX_CONJUNCTIONS = 2_000
_REMEDY = "no customer can meet this; remove or change one of the comparisons"


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A set of whole numbers as closed intervals, None for no end; ``unknown``: or no value."""

    spans: tuple[tuple[int | None, int | None], ...]
    unknown: bool

    def both(self, other: "_Numbers") -> "_Numbers":
        spans = [
            (low, high)
            for one in self.spans
            for two in other.spans
            for low, high in [(_higher(one[0], two[0]), _lower(one[1], two[1]))]
            if low is None or high is None or low <= high
        ]
        return _Numbers(tuple(spans), self.unknown and other.unknown)

    def complement(self) -> "_Numbers":
        rest = _Numbers(((None, None),), not self.unknown)
        for low, high in self.spans:
            below = [] if low is None else [(None, low - 1)]
            above = [] if high is None else [(high + 1, None)]
            rest = rest.both(_Numbers((*below, *above), True))
        return rest

    @property
    def is_empty(self) -> bool:
        return not self.spans and not self.unknown


@dataclass(frozen=True, slots=True)
class _Codes:
    """A set of codes, or of all but these; ``unknown``: or no value."""

    codes: frozenset[object]
    all_but: bool
    unknown: bool

    def both(self, other: "_Codes") -> "_Codes":
        unknown = self.unknown and other.unknown
        match self.all_but, other.all_but:
            case False, False:
                return _Codes(self.codes & other.codes, False, unknown)
            case True, True:
                return _Codes(self.codes | other.codes, True, unknown)
            case False, True:
                return _Codes(self.codes - other.codes, False, unknown)
            case _:
                return _Codes(other.codes - self.codes, False, unknown)

    def complement(self) -> "_Codes":
        return _Codes(self.codes, not self.all_but, not self.unknown)

    @property
    def is_empty(self) -> bool:
        return not self.codes and not self.all_but and not self.unknown


_Set = _Numbers | _Codes


@dataclass(frozen=True, slots=True)
class _Limit:
    """One comparison as a set of the possible values of ``key``."""

    key: tuple[object, ...]
    values: _Set
    domain: _Set
    """All values that the field can have."""
    source: Node

    def negated(self) -> "_Limit":
        return replace(self, values=self.values.complement())


_Conjunction = tuple[_Limit, ...]


class _TooManyError(Exception):
    """The condition has too many conjunctions to examine."""


def check_can_be_met(node: Node, at: str = "condition") -> None:
    """Raise ``ConditionError`` where a node cannot be met, the innermost first."""
    for number, part in enumerate(parts_of(node)):
        check_can_be_met(part, f"{at}[{number}]")
    if isinstance(node, Trips) and node.where:
        _check(AllOf(node.where), at)
    _check(node, at)


def _check(node: Node, at: str) -> None:
    try:
        conjunctions = _conjunctions(node, positive=True)
    except _TooManyError:
        return
    clash: _Limit | None = None
    for conjunction in conjunctions:
        clash = _clash(conjunction)
        if clash is None:
            return
    source = clash.source if clash else node
    field = source.field if isinstance(source, Compare) else "trips"
    value = source.value if isinstance(source, Compare) else getattr(source, "count", None)
    raise ConditionError(Problem.NEVER_MET, at, _REMEDY, field=field, value=value)


def _clash(conjunction: _Conjunction) -> _Limit | None:
    """Return the first comparison that leaves no value for its field; None where all fit."""
    possible: dict[tuple[object, ...], _Set] = {}
    for limit in conjunction:
        left = _both(possible.get(limit.key, limit.domain), limit.values)
        if left.is_empty:
            return limit
        possible[limit.key] = left
    return None


def _both(one: _Set, two: _Set) -> _Set:
    if isinstance(one, _Numbers) and isinstance(two, _Numbers):
        return one.both(two)
    if isinstance(one, _Codes) and isinstance(two, _Codes):
        return one.both(two)
    raise TypeError("values of one field are of one kind")


def _conjunctions(node: Node, *, positive: bool) -> list[_Conjunction]:
    match node:
        case Not(part):
            return _conjunctions(part, positive=not positive)
        case AllOf(parts) | AnyOf(parts):
            choices = [_conjunctions(part, positive=positive) for part in parts]
            return _product(choices) if isinstance(node, AllOf) is positive else _sum(choices)
        case Trips():
            limit = _trips_limit(node)
            return [(limit if positive else limit.negated(),)]
        case Compare():
            return _comparison(node, positive=positive)


def _sum(choices: Sequence[list[_Conjunction]]) -> list[_Conjunction]:
    return _bounded([one for choice in choices for one in choice])


def _product(choices: Sequence[list[_Conjunction]]) -> list[_Conjunction]:
    found: list[_Conjunction] = [()]
    for choice in choices:
        if len(found) * len(choice) > MAX_CONJUNCTIONS:
            raise _TooManyError
        found = [(*one, *two) for one in found for two in choice]
    return found


def _bounded(found: list[_Conjunction]) -> list[_Conjunction]:
    if len(found) > MAX_CONJUNCTIONS:
        raise _TooManyError
    return found


def _comparison(node: Compare, *, positive: bool) -> list[_Conjunction]:
    field = FIELDS[node.field]
    if field.own is not None and field.kind is Kind.NUMBER:
        return [()]  # values with decimals are no set of whole numbers
    if field.kind in (Kind.TAGS, Kind.WISH):
        return _several(field, node, positive=positive)
    limit = _Limit(_key(field, node), _values(field, node), _domain(field), node)
    return [(limit if positive else limit.negated(),)]


def _several(field: Field, node: Compare, *, positive: bool) -> list[_Conjunction]:
    """Return the conjunctions of a field with several values: each value is there or not."""
    if node.op in (Op.IS_SET, Op.IS_NOT_SET):
        flags = [_flag(field, None, node)]
        wanted = node.op is Op.IS_SET
    else:
        texts = node.value if isinstance(node.value, tuple) else ()
        keys = sorted(text_keys(Kind.TEXT, tuple(map(str, texts))))
        flags = [_flag(field, key, node) for key in keys]
        wanted = node.op is not Op.IS_NONE
    if wanted is not positive:
        return [tuple(flag.negated() for flag in flags)]
    # A value that is there means that the field is set.
    is_set = _flag(field, None, node)
    return [(flag,) if flag.key == is_set.key else (is_set, flag) for flag in flags]


def _flag(field: Field, text: str | None, node: Compare) -> _Limit:
    there = _Codes(frozenset([True]), False, False)
    return _Limit((field.code, text), there, _TRUE_OR_FALSE, node)


def _key(field: Field, node: Compare) -> tuple[object, ...]:
    if isinstance(node.value, Money):
        return (field.code, common_amount(0, node.value.currency)[1])
    return (field.code,)


def _values(field: Field, node: Compare) -> _Set:
    numeric = field.kind in (Kind.NUMBER, Kind.MONEY, Kind.DAY)
    if node.op in (Op.IS_SET, Op.IS_NOT_SET):
        unset: _Set = _Numbers((), True) if numeric else _Codes(frozenset(), False, True)
        return unset if node.op is Op.IS_NOT_SET else unset.complement()
    if numeric:
        return _Numbers((_span(node.op, _number(node)),), False)
    value = node.value if isinstance(node.value, tuple) else (node.value,)
    if field.kind in (Kind.TEXT, Kind.PLACE):
        value = tuple(sorted(text_keys(field.kind, tuple(map(str, value)))))
    listed = _Codes(frozenset(value), False, False)
    return listed.complement() if node.op is Op.IS_NONE else listed


def _domain(field: Field) -> _Set:
    """Return all values that a field can have."""
    match field.kind:
        case Kind.NUMBER:
            high = field.most if field.is_closed else None
            return _Numbers(((field.least, high),), field.unset)
        case Kind.MONEY | Kind.DAY:
            return _Numbers(((None, None),), True)
        case Kind.FLAG:
            return replace(_TRUE_OR_FALSE, unknown=field.unset)
        case Kind.CHOICE if field.choices != LANGUAGES:
            return _Codes(frozenset(field.choices), False, field.unset)
        case _:
            return _Codes(frozenset(), True, True)


_TRUE_OR_FALSE = _Codes(frozenset([True, False]), False, False)
_COUNTS = _Numbers(((0, None),), False)


def _number(node: Compare) -> int:
    match node.value:
        case Money(amount, currency):
            return common_amount(amount, currency)[0]
        case date():
            return node.value.toordinal()
        case int():
            return node.value
        case _:
            raise TypeError(f"{node.field} is compared with a number")


def _span(op: Op, number: int) -> tuple[int | None, int | None]:
    match op:
        case Op.AT_LEAST:
            return (number, None)
        case Op.MORE:
            return (number + 1, None)
        case Op.AT_MOST:
            return (None, number)
        case Op.LESS:
            return (None, number - 1)
        case _:
            return (number, number)


def _trips_limit(node: Trips) -> _Limit:
    counts = _Numbers((_span(node.op, node.count),), False)
    return _Limit(("trips", node.where), counts, _COUNTS, node)


def _higher(one: int | None, two: int | None) -> int | None:
    return max(_ends(one, two), default=None)


def _lower(one: int | None, two: int | None) -> int | None:
    return min(_ends(one, two), default=None)


def _ends(one: int | None, two: int | None) -> Iterable[int]:
    return (end for end in (one, two) if end is not None)
