"""The nodes of a condition, and what can be counted in them."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Op(StrEnum):
    IS_ANY = "is_any"
    """One of the values of a list."""
    IS_NONE = "is_none"
    """Not ``is_any``; also where the fact is not known."""
    CONTAINS = "contains"
    """The text has one of the values in it."""
    IS_SET = "is_set"
    IS_NOT_SET = "is_not_set"
    IS = "is"
    AT_LEAST = ">="
    AT_MOST = "<="
    EQUAL = "="
    MORE = ">"
    LESS = "<"


NUMBER_OPS = (Op.AT_LEAST, Op.AT_MOST, Op.EQUAL, Op.MORE, Op.LESS)
LIST_OPS = (Op.IS_ANY, Op.IS_NONE)
SET_OPS = (Op.IS_SET, Op.IS_NOT_SET)


@dataclass(frozen=True, slots=True)
class Money:
    amount: int
    """Whole units of the currency."""
    currency: str


Value = None | bool | int | date | Money | tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """One fact compared with a value; ``field`` is a key of ``fields.FIELDS``."""

    field: str
    op: Op
    value: Value = None


@dataclass(frozen=True, slots=True)
class Trips:
    """How many trips of the customer meet all comparisons; without any, how many trips."""

    where: tuple[Compare, ...]
    op: Op = Op.AT_LEAST
    count: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Compare | Trips | AllOf | AnyOf | Not


def parts_of(node: Node) -> Sequence[Node]:
    """Return the direct parts of a node, comparisons of trips included."""
    match node:
        case AllOf(parts) | AnyOf(parts):
            return parts
        case Not(part):
            return (part,)
        case Trips(where):
            return where
        case Compare():
            return ()


def nodes_of(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for part in parts_of(node):
        yield from nodes_of(part)


def comparisons_of(node: Node) -> Iterator[Compare]:
    return (one for one in nodes_of(node) if isinstance(one, Compare))


COMPARISONS: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.AT_LEAST: operator.ge,
    Op.AT_MOST: operator.le,
    Op.EQUAL: operator.eq,
    Op.MORE: operator.gt,
    Op.LESS: operator.lt,
}
"""How ``NUMBER_OPS`` compare two numbers, or a column and a value."""


def holds(number: float, op: Op, value: int) -> bool:
    """Return whether a number compares so with a value."""
    return bool(COMPARISONS[op](number, value))
