"""Parts of the SQL of conditions that differ between SQLite and PostgreSQL."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY

from screenpop.conditions.fields import common_amount
from screenpop.conditions.tree import COMPARISONS, Compare, Money, Op, holds
from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import Kind

_Element = ColumnElement[Any]
Bool = ColumnElement[bool]
_FEW = 64
"""Values up to which a list is written into the statement."""
_NEXT = 1
"""Days."""


def is_one_of(kind: Kind, column: _Element, values: Collection[str] | Collection[int]) -> Bool:
    """Return whether a column has one of these values, however many."""
    if not values:
        return false()
    ordered = sorted(values, key=str)
    if len(ordered) <= _FEW:
        return column.in_(ordered)
    numbers = isinstance(ordered[0], int)
    if kind == "sqlite":
        value = func.json_each(to_json(ordered)).table_valued("value").c.value
        return column.in_(select(sql_cast(value, Integer if numbers else Text)))
    return column == any_(literal(ordered, ARRAY(BigInteger if numbers else Text)))


def compare_number(column: _Element, op: Op, number: int) -> Bool:
    return cast("Bool", COMPARISONS[op](column, number))


def compare_day(column: _Element, op: Op, day: date) -> Bool:
    """Return the comparison of a day with a day; of a missing one, NULL."""
    return cast("Bool", COMPARISONS[op](column, day))


def mirrored(op: Op) -> Op:
    """Return the operator for the day that lies so many days ago: more days are earlier."""
    pairs = {Op.AT_LEAST: Op.AT_MOST, Op.MORE: Op.LESS}
    return {**pairs, **{after: before for before, after in pairs.items()}}.get(op, op)


def compare_moment(column: _Element, op: Op, day: date, zone: tzinfo) -> Bool:
    """Return the comparison of the local day of a time (seconds since 1970) with a day."""
    begins, ends = _midnight(day, zone), _midnight(_day_after(day), zone)
    match op:
        case Op.AT_LEAST:
            return column >= begins
        case Op.AT_MOST:
            return column < ends
        case Op.MORE:
            return column >= ends
        case Op.LESS:
            return column < begins
        case _:
            return and_(column >= begins, column < ends)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + _NEXT)


def month_days(kind: Kind, column: _Element, wanted: Callable[[date], bool]) -> Bool:
    """Return whether the day of the year is one of those wanted, of a leap year."""
    first = date(_LEAP_YEAR, 1, 1).toordinal()
    runs: list[list[date]] = []
    for number in range(366):
        day = date.fromordinal(first + number)
        if not wanted(day):
            continue
        if runs and runs[-1][-1].toordinal() + _NEXT == day.toordinal():
            runs[-1][-1] = day
        else:
            runs.append([day, day])
    place = _month_day(kind, column)
    return any_of(
        [
            place.between(_month_day_of(kind, begins), _month_day_of(kind, ends))
            for begins, ends in runs
        ]
    )


def _month_day(kind: Kind, column: _Element) -> ColumnElement[Any]:
    """Return a day as ``MM-DD`` on SQLite, as month × 100 + day on PostgreSQL."""
    if kind == "sqlite":
        return func.substr(sql_cast(column, Text), 6, 5)
    return func.date_part("month", column) * 100 + func.date_part("day", column)


def _month_day_of(kind: Kind, day: date) -> str | int:
    return f"{day:%m-%d}" if kind == "sqlite" else day.month * 100 + day.day


_LEAP_YEAR = 1904


def count_holds(
    customer_id: _Element,
    counted: Any,
    key: _Element,
    op: Op,
    number: int,
    *,
    count: _Element | None = None,
) -> Bool:
    """Return whether the rows of ``counted`` with a customer's id number so many.

    ``counted``: a select of the key without grouping; a customer without a row counts as zero.
    ``count``: what is compared instead of the number of rows.
    """
    amount = func.count() if count is None else count
    met = compare_number(amount, op, number)
    if holds(0, op, number):
        return not_(customer_id.in_(counted.group_by(key).having(not_(met))))
    return customer_id.in_(counted.group_by(key).having(met))


def values_of(node: Compare) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", node.value)


def number_of(node: Compare) -> int:
    return cast("int", node.value)


def money_of(node: Compare) -> tuple[int, str]:
    money = cast("Money", node.value)
    return common_amount(money.amount, money.currency)


def is_currency(column: ColumnElement[Any], currency: str) -> Bool:
    return column.in_(("IRR", "IRT")) if currency == "IRR" else column == currency


def common_units(amount: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(amount, BigInteger) * case((currency == "IRT", 10), else_=1)


def as_wanted(condition: Bool, op: Op) -> Bool:
    """Return the condition for ``is_any`` and ``is_set``, its opposite for the other operators."""
    return condition if op in (Op.IS_ANY, Op.IS_SET) else not_(condition)


def known(condition: Bool) -> Bool:
    """Return the condition with false for NULL, so that its opposite is true."""
    return func.coalesce(condition, false())


def all_of(conditions: Sequence[Bool]) -> Bool:
    return and_(true(), *conditions)


def any_of(conditions: Sequence[Bool]) -> Bool:
    return or_(false(), *conditions)
