"""Which calls are on one page of the log: order, place, and the calls of a supervisor's teams."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from screenpop.accounts.users import UserId
from screenpop.store.accounts.teams import calls_of_no_user
from screenpop.store.calls.call_filter import CallFilter, CallSort, filter_conditions
from screenpop.store.calls.call_labels import with_labels
from screenpop.store.schema.tables import calls, customers, legs, receipts

SORTED_BY = {
    CallSort.NEWEST: "arrived_at",
    CallSort.OLDEST: "arrived_at",
    CallSort.LONGEST_WAIT: "wait_s",
    CallSort.LONGEST_TALK: "talk_s",
}
"""The column of each order."""
FEW_CALLS = 2_000
"""Calls, legs and cards of a team up to which its page begins with them, not with the log."""
_USER_COLUMNS = (
    (calls.c.agent_id, calls.c.id),
    *((t.c.user_id, t.c.call_id) for t in (legs, receipts)),
)


@dataclass(frozen=True, slots=True)
class CallCursor:
    """A place in the log: the next page begins after this call."""

    value: float
    """Of the column by which the list is sorted."""
    id: int


def has_few_calls(connection: Connection, agents: Collection[UserId]) -> bool:
    """Return whether these users have so few calls that a page should begin with them.

    The log of an office is read from its end until the page is full: for a team with hardly a
    call that would be all of it.
    """
    each = [
        select(literal(1).label("one")).where(user.in_(agents)).limit(FEW_CALLS + 1).subquery()
        for user, _ in _USER_COLUMNS
    ]
    found = union_all(*(select(one.c.one) for one in each)).limit(FEW_CALLS + 1).subquery()
    count: int = connection.execute(select(func.count()).select_from(found)).scalar_one()
    return count <= FEW_CALLS


def rows_of_page(
    statement: Select[Any],
    wanted: CallFilter,
    after: CallCursor | None,
    most: int,
    sort: CallSort,
    searched: ColumnElement[bool] | None,
    *,
    few: bool,
) -> Select[Any]:
    """Return a statement on ``calls``, ``customers`` and labels with the rows of one page.

    ``few``: of ``has_few_calls``; the rows are the same.
    """
    if not few or wanted.visible is None:
        conditions = filter_conditions(wanted, searched, of_page=True)
        return _in_order(statement.where(*conditions), after, most, sort)
    conditions = filter_conditions(replace(wanted, visible=None), searched)
    source = with_labels(calls).outerjoin(customers, customers.c.id == calls.c.customer_id)
    nobodys = (
        select(calls.c.id).select_from(source).where(*conditions, calls_of_no_user(of_page=True))
    )
    nobodys = _in_order(nobodys, after, most, sort).correlate(None)
    theirs = [
        select(call.label("id")).where(user.in_(wanted.visible)).correlate(None)
        for user, call in _USER_COLUMNS
    ]
    ids = union(*theirs, select(nobodys.subquery().c.id)).subquery()
    statement = statement.where(*conditions, calls.c.id.in_(select(ids.c.id)))
    return _in_order(statement, after, most, sort)


def _in_order(
    statement: Select[Any], after: CallCursor | None, most: int, sort: CallSort
) -> Select[Any]:
    column = calls.c[SORTED_BY[sort]]
    if column.nullable:
        statement = statement.where(column.is_not(None))
    # Each condition is written so that the index on both columns is walked, not filtered.
    if sort is CallSort.OLDEST:
        if after is not None:
            later = or_(column > after.value, calls.c.id > after.id)
            statement = statement.where(column >= after.value, later)
        return statement.order_by(column, calls.c.id).limit(most)
    if after is not None:
        earlier = or_(column < after.value, calls.c.id < after.id)
        statement = statement.where(column <= after.value, earlier)
    return statement.order_by(column.desc(), calls.c.id.desc()).limit(most)
