"""Leaves out of every query what the user of a request may not see (docs/adr/0016).

The viewer is a context variable: set once for a request, it holds for all statements that the
request runs. Each SELECT, also inside another, gets conditions on the tables that belong to
customers. On the right of an outer join they go into its ON, so that the left row stays.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from sqlalchemy import (
    Alias,
    ColumnElement,
    Connection,
    Engine,
    Join,
    Select,
    Table,
    and_,
    event,
    exists,
    not_,
    or_,
    select,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import FromClause, SelectBase

from screenpop.customers.visibility import FilesRule, Viewer

_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)
_NO_OWNERS = frozenset({("customers", "referred_by_id"), ("customers", "merged_into_id")})
"""Columns that name another customer than the one whom the row is about."""
_PARENTS = {"trip_id": "trips", "case_id": "cases", "call_id": "calls"}
_BY_PARENT = frozenset(
    {"trip_payments", "trip_progress", "case_steps", "call_notes", "call_traces"}
)
"""Tables whose rows belong to a customer's trip, case or call."""

Condition = Callable[[Any, Viewer], ColumnElement[bool]]


def restrict_to(viewer: Viewer | None) -> None:
    """Apply what a user may see to all later statements of this task; None for no limits."""
    _viewer.set(None if viewer is None or viewer.sees_all else viewer)


@contextmanager
def unrestricted() -> Generator[None]:
    """Lift the limits: for work that is not shown to the user of the request."""
    token = _viewer.set(None)
    try:
        yield
    finally:
        _viewer.reset(token)


@contextmanager
def seen_by(viewer: Viewer | None) -> Generator[None]:
    """As ``restrict_to``, for a block."""
    token = _viewer.set(None if viewer is None or viewer.sees_all else viewer)
    try:
        yield
    finally:
        _viewer.reset(token)


def current_viewer() -> Viewer | None:
    """Return whose limits hold now; None without limits."""
    return _viewer.get()


def watch(engine: Engine) -> None:
    """Restrict all statements of an engine to the viewer of the task that runs them."""
    event.listen(engine, "before_execute", _restrict, retval=True)


def _restrict(
    _connection: Connection,
    statement: Any,
    multiparams: Any,
    params: Any,
    _options: Mapping[str, Any],
) -> tuple[Any, Any, Any]:
    viewer = _viewer.get()
    if viewer is not None and isinstance(statement, SelectBase | UpdateBase):
        statement = restricted(statement, viewer)
    return statement, multiparams, params


def restricted(statement: Any, viewer: Viewer) -> Any:
    """Return a copy of a statement whose selects read only what the viewer may see."""

    def narrow(found: Select[Any]) -> None:
        found._setup_joins = tuple(_narrowed_setup(one, viewer) for one in found._setup_joins)  # noqa: SLF001
        for source in found._from_obj:  # noqa: SLF001
            _narrow_outer(source, viewer)
        shown = [one for source in found.get_final_froms() for one in _always_there(source)]
        found._where_criteria += tuple(_conditions(shown, viewer))  # noqa: SLF001

    return visitors.cloned_traverse(statement, {}, {"select": narrow})


def _narrowed_setup(setup: tuple[Any, ...], viewer: Viewer) -> tuple[Any, ...]:
    """Return an entry of ``select().join`` with the conditions of an outer join in its ON."""
    target, on, source, flags = setup
    if not (flags["isouter"] or flags["full"]) or on is None:
        return setup
    _narrow_outer(target, viewer)
    return target, and_(on, *_conditions(_always_there(target), viewer)), source, flags


def _narrow_outer(source: Any, viewer: Viewer) -> None:
    if not isinstance(source, Join):
        return
    _narrow_outer(source.left, viewer)
    _narrow_outer(source.right, viewer)
    if source.isouter or source.full:
        conditions = _conditions(_always_there(source.right), viewer)
        source.onclause = and_(source.onclause, *conditions)  # type: ignore[arg-type]


def _always_there(source: Any) -> Iterator[FromClause]:
    """Yield the tables of a FROM except those on the right of outer joins."""
    if isinstance(source, Join):
        yield from _always_there(source.left)
        if not (source.isouter or source.full):
            yield from _always_there(source.right)
    elif isinstance(source, FromClause):
        yield source


def _conditions(sources: Any, viewer: Viewer) -> Iterator[ColumnElement[bool]]:
    for source in sources:
        table = source.element if isinstance(source, Alias) else source
        if isinstance(table, Table):
            for condition in _conditions_of(table):
                yield condition(source, viewer)


@cache
def _conditions_of(table: Table) -> tuple[Condition, ...]:
    if table.name == "customers":
        return (_of_customer,)
    owners = [
        column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "customers" and (table.name, column.name) not in _NO_OWNERS
    ]
    parents = [name for name in _PARENTS if name in table.c] if table.name in _BY_PARENT else []
    return (*map(_by_owner, owners), *map(_by_parent, parents))


def _of_customer(source: Any, viewer: Viewer) -> ColumnElement[bool]:
    columns = source.c
    by_rule: list[ColumnElement[bool]] = []
    match viewer.rule:
        case FilesRule.ALL:
            pass
        case FilesRule.BRANCH:
            by_rule = [or_(columns.branch_id.is_(None), columns.branch_id == viewer.branch)]
        case FilesRule.OWN:
            by_rule = [or_(columns.owner_id.is_(None), columns.owner_id == viewer.user)]
    by_flag = [columns.id.not_in(sorted(viewer.hidden))] if viewer.hidden else []
    return and_(*by_rule, *by_flag)


def _by_owner(name: str) -> Condition:
    def condition(source: Any, viewer: Viewer) -> ColumnElement[bool]:
        column = source.c[name]
        parts: list[ColumnElement[bool]] = []
        if viewer.hidden:
            parts.append(or_(column.is_(None), column.not_in(sorted(viewer.hidden))))
        if viewer.rule is not FilesRule.ALL:
            owner = _table(source, "customers").alias()
            seen = _of_customer(owner, viewer)
            parts.append(not_(exists(select(owner.c.id).where(owner.c.id == column, not_(seen)))))
        return and_(*parts)

    return condition


def _by_parent(name: str) -> Condition:
    def condition(source: Any, viewer: Viewer) -> ColumnElement[bool]:
        parent = _table(source, _PARENTS[name]).alias()
        seen = _by_owner("customer_id")(parent, viewer)
        other = select(parent.c.id).where(parent.c.id == source.c[name], not_(seen))
        return not_(exists(other))

    return condition


def _table(source: Any, name: str) -> Table:
    table: Any = source.element if isinstance(source, Alias) else source
    found: Table = table.metadata.tables[name]
    return found
