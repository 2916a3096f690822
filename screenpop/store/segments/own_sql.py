"""SQL of comparisons with own fields; agrees with ``conditions.evaluate``."""

from datetime import date
from typing import Any, cast

from sqlalchemy import Boolean, ColumnElement, Text, and_, case, func, literal, type_coerce

from screenpop.conditions.fields import MAX_TEXT_LENGTH
from screenpop.conditions.tree import COMPARISONS, LIST_OPS, SET_OPS, Compare
from screenpop.customers.own_fields import OwnField, OwnKind
from screenpop.store.engine.url import Kind
from screenpop.store.own_fields.values import table_of, value_of
from screenpop.store.segments.sql_parts import Bool, as_wanted, is_one_of, known, number_of

_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def own_text(own: OwnField, kind: Kind) -> ColumnElement[Any]:
    """Return a text that is not too long to be compared; NULL for none."""
    value = value_of(own, kind)
    return case((and_(value != "", func.length(value) <= MAX_TEXT_LENGTH), value))


def compare_own(own: OwnField, kind: Kind, node: Compare) -> Bool:
    """Return the comparison of a value of any kind but a text with texts."""
    value = _value(own, kind)
    if node.op in SET_OPS:
        return as_wanted(value.is_not(None), node.op)
    if node.op in LIST_OPS:
        wanted = [str(one) for one in cast("tuple[int, ...]", node.value)]
        return as_wanted(known(is_one_of(kind, value, wanted)), node.op)
    if own.kind is OwnKind.YES_NO:
        return known(value == literal(node.value is True, Boolean))
    if own.kind is OwnKind.DATE:
        return known(COMPARISONS[node.op](value, cast("date", node.value).isoformat()))
    return known(COMPARISONS[node.op](value, number_of(node)))


def _value(own: OwnField, kind: Kind) -> ColumnElement[Any]:
    column = table_of(own).c.own
    match own.kind:
        case OwnKind.TEXT:
            value = value_of(own, kind)
            return case((value != "", value))
        case OwnKind.CHOICE:
            # As text: an undo of an old import may bring back a number with decimals.
            return _choice(own, column, kind)
        case OwnKind.DATE:
            value = value_of(own, kind)
            is_day = value.op("GLOB")(_DAY) if kind == "sqlite" else value.op("~")(f"^{_DAY}$")
            return case((is_day, value))
        case _:
            return value_of(own, kind)


def _choice(own: OwnField, column: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    if kind == "sqlite":
        path = f'$."{own.key}"'
        is_whole = func.json_type(column, path) == "integer"
        return case((is_whole, type_coerce(func.json_extract(column, path).op("||")(""), Text)))
    text = func.json_extract_path_text(column, own.key)
    is_number = func.json_typeof(func.json_extract_path(column, own.key)) == "number"
    return case((and_(is_number, text.op("~")("^-?[0-9]+$")), text))
