"""Conditions as JSON: ``{"version": 1, "condition": node}``.

A node is ``{"all": [node, ...]}``, ``{"any": [...]}``, ``{"not": node}``,
``{"field": code, "op": operator, "value": value}``, or
``{"trips": {"where": [comparison, ...], "op": ">=", "count": 1}}``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from screenpop.conditions.contradictions import check_can_be_met
from screenpop.conditions.errors import ConditionError, Problem
from screenpop.conditions.fields import (
    CUSTOMER_FIELDS,
    ID_KINDS,
    MAX_TEXT_LENGTH,
    TRIP_FIELDS,
    Field,
    Kind,
    find_field,
    is_trip_field,
    text_key,
)
from screenpop.conditions.tree import (
    LIST_OPS,
    NUMBER_OPS,
    SET_OPS,
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    Value,
)

VERSION = 1
MAX_DEPTH = 6
MAX_NODES = 100
MAX_VALUES = 50
MAX_COUNT = 10_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LARGEST_ID = 2**63 - 1


def read_condition(plain: object) -> Node:
    """Return the tree of a JSON value. Raises ``ConditionError``."""
    if not isinstance(plain, Mapping) or set(plain) != {"version", "condition"}:
        raise ConditionError(
            Problem.SHAPE, "condition", 'write {"version": 1, "condition": …} and nothing else'
        )
    version = plain["version"]
    if type(version) is not int or version != VERSION:
        raise ConditionError(
            Problem.VERSION, "version", f"this program reads version {VERSION}", value=version
        )
    node = _Reader().node(plain["condition"], "condition", 1)
    check_can_be_met(node)
    return node


def write_condition(node: Node) -> dict[str, Any]:
    """Return the JSON value of a tree, as ``read_condition`` reads it."""
    return {"version": VERSION, "condition": _write(node)}


def _write(node: Node) -> dict[str, Any]:
    match node:
        case AllOf(parts):
            return {"all": [_write(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_write(part) for part in parts]}
        case Not(part):
            return {"not": _write(part)}
        case Trips(where, op, count):
            return {
                "trips": {"where": [_write(one) for one in where], "op": op.value, "count": count}
            }
        case Compare(field, op, value):
            written = {"field": field, "op": op.value}
            return written if op in SET_OPS else written | {"value": _write_value(value)}


def _write_value(value: Value) -> Any:
    match value:
        case Money(amount, currency):
            return {"amount": amount, "currency": currency}
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


class _Reader:
    """Reads nodes and counts them."""

    def __init__(self) -> None:
        self._nodes = 0

    def node(self, plain: object, at: str, depth: int) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConditionError(
                Problem.SIZE, at, f"use at most {MAX_NODES} comparisons and groups in all"
            )
        if depth > MAX_DEPTH:
            raise ConditionError(Problem.DEPTH, at, f"nest at most {MAX_DEPTH} levels of groups")
        if not isinstance(plain, Mapping):
            raise _wrong_shape(at, plain)
        keys = set(plain)
        if "field" in keys:
            return self._comparison(plain, at, CUSTOMER_FIELDS)
        if keys == {"all"}:
            return AllOf(self._parts(plain["all"], f"{at}.all", depth))
        if keys == {"any"}:
            return AnyOf(self._parts(plain["any"], f"{at}.any", depth))
        if keys == {"not"}:
            return Not(self.node(plain["not"], f"{at}.not", depth + 1))
        if keys == {"trips"}:
            return self._trips(plain["trips"], f"{at}.trips")
        raise _wrong_shape(at, plain)

    def _parts(self, plain: object, at: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(plain, list) or not plain:
            raise ConditionError(Problem.SHAPE, at, "a group needs a list of at least one node")
        return tuple(self.node(part, f"{at}[{n}]", depth + 1) for n, part in enumerate(plain))

    def _trips(self, plain: object, at: str) -> Trips:
        if not isinstance(plain, Mapping) or not set(plain) <= {"where", "op", "count"}:
            raise ConditionError(
                Problem.SHAPE, at, 'write {"where": [comparison, …], "op": ">=", "count": 1}'
            )
        where = plain.get("where", [])
        if not isinstance(where, list):
            raise ConditionError(Problem.SHAPE, f"{at}.where", "write a list of comparisons")
        op, count = plain.get("op", Op.AT_LEAST.value), plain.get("count", 1)
        if op not in {one.value for one in NUMBER_OPS}:
            raise _wrong_operator(f"{at}.op", "trips", op, NUMBER_OPS)
        if type(count) is not int or not 0 <= count <= MAX_COUNT:
            raise ConditionError(
                Problem.VALUE, f"{at}.count", f"write a number from 0 to {MAX_COUNT}", value=count
            )
        parts = [self._trip_part(one, f"{at}.where[{n}]") for n, one in enumerate(where)]
        return Trips(tuple(parts), Op(op), count)

    def _trip_part(self, plain: object, at: str) -> Compare:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConditionError(
                Problem.SIZE, at, f"use at most {MAX_NODES} comparisons and groups in all"
            )
        if not isinstance(plain, Mapping) or "field" not in plain:
            raise ConditionError(
                Problem.SHAPE, at, "only comparisons can be in the list", value=plain
            )
        return self._comparison(plain, at, TRIP_FIELDS)

    def _comparison(self, plain: Mapping[Any, Any], at: str, allowed: tuple[str, ...]) -> Compare:
        code, op = plain.get("field"), plain.get("op")
        field = find_field(code) if isinstance(code, str) else None
        if field is None:
            raise ConditionError(
                Problem.FIELD, at, f"use a known field: {', '.join(allowed)}", value=code
            )
        if is_trip_field(field.code) is not (allowed is TRIP_FIELDS):
            where = 'inside {"trips": …}' if is_trip_field(field.code) else "outside of trips"
            raise ConditionError(Problem.PLACE, at, f"use this field {where}", field=field.code)
        if not isinstance(op, str) or op not in {one.value for one in field.ops}:
            raise _wrong_operator(at, field.code, op, field.ops)
        needs_value = Op(op) not in SET_OPS
        if set(plain) != ({"field", "op", "value"} if needs_value else {"field", "op"}):
            what = '"field", "op" and "value"' if needs_value else '"field" and "op" only'
            raise ConditionError(Problem.SHAPE, at, f"a comparison has {what}", field=field.code)
        value = read_value(field, Op(op), plain["value"], at) if needs_value else None
        return Compare(field.code, Op(op), value)


def read_value(field: Field, op: Op, plain: object, at: str) -> Value:
    """Return the value of a comparison. Raises ``ConditionError``."""
    if op in LIST_OPS or op is Op.CONTAINS:
        return _list_value(field, plain, at)
    match field.kind:
        case Kind.FLAG:
            if type(plain) is not bool:
                raise _wrong_value(at, field, plain, "write true or false")
            return plain
        case Kind.NUMBER:
            return _number(field, plain, at)
        case Kind.MONEY:
            return _money(field, plain, at)
        case _:
            return _day(field, plain, at)


def _list_value(field: Field, plain: object, at: str) -> Value:
    if not isinstance(plain, list) or not 1 <= len(plain) <= MAX_VALUES:
        raise _wrong_value(at, field, plain, f"write a list of 1 to {MAX_VALUES} values")
    if field.kind in ID_KINDS:
        if not all(type(one) is int and 1 <= one <= _LARGEST_ID for one in plain):
            raise _wrong_value(at, field, plain, "write ids as whole numbers")
        return tuple(dict.fromkeys(plain))
    texts = tuple(dict.fromkeys(_text(field, one, at) for one in plain))
    unknown = [one for one in texts if field.choices and one not in field.choices]
    if unknown:
        raise _wrong_value(at, field, unknown[0], f"use one of {', '.join(field.choices)}")
    return texts


def _text(field: Field, plain: object, at: str) -> str:
    if not isinstance(plain, str) or len(plain) > MAX_TEXT_LENGTH:
        raise _wrong_value(at, field, plain, f"write texts of at most {MAX_TEXT_LENGTH} characters")
    text = " ".join(plain.split())
    if not text_key(field.kind, text) or any(_is_unusable(char) for char in text):
        raise _wrong_value(at, field, plain, "write a text with letters or digits")
    return text


def _is_unusable(char: str) -> bool:
    return char == "\0" or "\ud800" <= char <= "\udfff"


def _number(field: Field, plain: object, at: str) -> int:
    if type(plain) is not int or not field.least <= plain <= field.most:
        raise _wrong_value(
            at, field, plain, f"write a whole number from {field.least} to {field.most}"
        )
    return plain


def _money(field: Field, plain: object, at: str) -> Money:
    if not isinstance(plain, Mapping) or set(plain) != {"amount", "currency"}:
        raise _wrong_value(at, field, plain, 'write {"amount": 1000, "currency": "EUR"}')
    if plain["currency"] not in field.currencies:
        raise _wrong_value(
            at, field, plain["currency"], f"use a currency of {', '.join(field.currencies)}"
        )
    return Money(_number(field, plain["amount"], at), str(plain["currency"]))


def _day(field: Field, plain: object, at: str) -> date:
    try:
        day = date.fromisoformat(plain) if isinstance(plain, str) and len(plain) == 10 else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _wrong_value(
            at, field, plain, f"write a day from {_FIRST_YEAR} to {_LAST_YEAR} as 2026-03-21"
        )
    return day


def _wrong_shape(at: str, plain: object) -> ConditionError:
    return ConditionError(
        Problem.SHAPE, at, "write all, any, not, trips, or a field with op and value", value=plain
    )


def _wrong_operator(at: str, field: str, op: object, ops: tuple[Op, ...]) -> ConditionError:
    allowed = ", ".join(one.value for one in ops)
    return ConditionError(
        Problem.OPERATOR, at, f"use one of the operators {allowed}", field=field, value=op
    )


def _wrong_value(at: str, field: Field, value: object, remedy: str) -> ConditionError:
    return ConditionError(Problem.VALUE, at, remedy, field=field.code, value=value)
