"""Leaves out of every query what the user of a request may not see (docs/adr/0016).

The viewer is a context variable: set once for a request, it holds for all statements that the
request runs. Each SELECT, also inside another, gets conditions on the tables that belong to
customers. On the right of an outer join they go into its ON, so that the left row stays.

A rewritten statement is kept by the structure of the original and the form of the limits. Its
values are parameters: those of the next statement of that structure, and the viewer's.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Alias,
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Join,
    Select,
    Table,
    and_,
    bindparam,
    event,
    exists,
    not_,
    or_,
    select,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import FromClause, SelectBase
from sqlalchemy.util import LRUCache

from screenpop.customers.visibility import FilesRule, Viewer
from screenpop.store.schema.columns import IdType

_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)
_NO_OWNERS = frozenset({("customers", "referred_by_id"), ("customers", "merged_into_id")})
"""Columns that name another customer than the one whom the row is about."""
_PARENTS = {"trip_id": "trips", "case_id": "cases", "call_id": "calls"}
_BY_PARENT = frozenset(
    {"trip_payments", "trip_progress", "case_steps", "call_notes", "call_traces"}
)
"""Tables whose rows belong to a customer's trip, case or call."""
_USER, _BRANCH, _HIDDEN = "viewer_user", "viewer_branch", "viewer_hidden"
"""Names of the parameters with the viewer's values."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """A viewer's rule, and values or parameters for the rest."""

    rule: FilesRule
    user: Any
    branch: Any
    """None for a viewer without a branch."""
    hidden: Any
    """None when no file is hidden."""


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """A rewritten statement, and the names of its parameters in the order of the original."""

    statement: Any
    names: tuple[str, ...]


_rewritten: LRUCache[Any, _Rewritten] = LRUCache(500)
"""As many as each engine keeps compiled statements."""

Condition = Callable[[Any, _Limits], ColumnElement[bool]]


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
    if viewer is None or not isinstance(statement, SelectBase | UpdateBase):
        return statement, multiparams, params
    found = _kept(statement, viewer) if isinstance(statement, SelectBase) else None
    if found is None:
        return restricted(statement, viewer), multiparams, params
    statement, values = found
    if multiparams:
        return statement, [{**values, **given} for given in multiparams], {}
    return statement, [], {**values, **params}


def restricted(statement: Any, viewer: Viewer) -> Any:
    """Return a copy of a statement whose selects read only what the viewer may see."""
    return _narrowed(statement, _limits(viewer))


def _kept(statement: SelectBase, viewer: Viewer) -> tuple[Any, dict[str, Any]] | None:
    """Return the rewritten statement and its values; None for one that cannot be kept.

    Its structure is that by which SQLAlchemy keeps compiled statements: it has tables, columns,
    operators and the places of the parameters, but not their values.
    """
    key = statement._generate_cache_key()  # noqa: SLF001
    if key is None or key.params is not None:
        return None
    form = (key.key, viewer.rule, viewer.branch is None, bool(viewer.hidden))
    kept = _rewritten.get(form)
    if kept is None:
        names = tuple([one.key for one in key.bindparams])
        if len(set(names)) != len(names):
            return None
        narrowed = _narrowed(statement, _limits_as_parameters(viewer), _forget)
        kept = _Rewritten(narrowed, names)
        _rewritten[form] = kept
    values = {
        name: one.effective_value
        for name, one in zip(kept.names, key.bindparams, strict=True)
        if not one.required
    }
    values[_USER] = viewer.user
    values[_BRANCH] = viewer.branch
    values[_HIDDEN] = sorted(viewer.hidden)
    return kept.statement, values


def _limits(viewer: Viewer) -> _Limits:
    return _Limits(viewer.rule, viewer.user, viewer.branch, sorted(viewer.hidden) or None)


def _limits_as_parameters(viewer: Viewer) -> _Limits:
    return _Limits(
        viewer.rule,
        bindparam(_USER, type_=IdType),
        None if viewer.branch is None else bindparam(_BRANCH, type_=IdType),
        bindparam(_HIDDEN, type_=IdType, expanding=True) if viewer.hidden else None,
    )


def _forget(parameter: BindParameter[Any]) -> None:
    """Leave no value that a later statement without one would take over."""
    parameter.value, parameter.callable, parameter.required = None, None, True


def _narrowed(
    statement: Any, limits: _Limits, change: Callable[[BindParameter[Any]], None] | None = None
) -> Any:
    """Return a copy of a statement with the conditions of the limits in each select.

    ``change`` is called with the copy of each parameter.
    """

    def narrow(found: Select[Any]) -> None:
        found._setup_joins = tuple(_narrowed_setup(one, limits) for one in found._setup_joins)  # noqa: SLF001
        for source in found._from_obj:  # noqa: SLF001
            _narrow_outer(source, limits)
        shown = [one for source in found.get_final_froms() for one in _always_there(source)]
        found._where_criteria += tuple(_conditions(shown, limits))  # noqa: SLF001

    # Copies of parameters keep their names: the values of the next statement go by them.
    changes: dict[str, Callable[[Any], None]] = {"select": narrow}
    if change is not None:
        changes["bindparam"] = change
    return visitors.cloned_traverse(statement, {"maintain_key": True}, changes)


def _narrowed_setup(setup: tuple[Any, ...], limits: _Limits) -> tuple[Any, ...]:
    """Return an entry of ``select().join`` with the conditions of an outer join in its ON."""
    target, on, source, flags = setup
    if not (flags["isouter"] or flags["full"]) or on is None:
        return setup
    _narrow_outer(target, limits)
    return target, and_(on, *_conditions(_always_there(target), limits)), source, flags


def _narrow_outer(source: Any, limits: _Limits) -> None:
    if not isinstance(source, Join):
        return
    _narrow_outer(source.left, limits)
    _narrow_outer(source.right, limits)
    if source.isouter or source.full:
        conditions = _conditions(_always_there(source.right), limits)
        source.onclause = and_(source.onclause, *conditions)  # type: ignore[arg-type]


def _always_there(source: Any) -> Iterator[FromClause]:
    """Yield the tables of a FROM except those on the right of outer joins."""
    if isinstance(source, Join):
        yield from _always_there(source.left)
        if not (source.isouter or source.full):
            yield from _always_there(source.right)
    elif isinstance(source, FromClause):
        yield source


def _conditions(sources: Any, limits: _Limits) -> Iterator[ColumnElement[bool]]:
    for source in sources:
        table = source.element if isinstance(source, Alias) else source
        if isinstance(table, Table):
            for condition in _conditions_of(table):
                yield condition(source, limits)


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


def _of_customer(source: Any, limits: _Limits) -> ColumnElement[bool]:
    columns = source.c
    by_rule: list[ColumnElement[bool]] = []
    match limits.rule:
        case FilesRule.ALL:
            pass
        case FilesRule.BRANCH:
            by_rule = [or_(columns.branch_id.is_(None), columns.branch_id == limits.branch)]
        case FilesRule.OWN:
            by_rule = [or_(columns.owner_id.is_(None), columns.owner_id == limits.user)]
    by_flag = [columns.id.not_in(limits.hidden)] if limits.hidden is not None else []
    return and_(*by_rule, *by_flag)


def _by_owner(name: str) -> Condition:
    def condition(source: Any, limits: _Limits) -> ColumnElement[bool]:
        column = source.c[name]
        parts: list[ColumnElement[bool]] = []
        if limits.hidden is not None:
            parts.append(or_(column.is_(None), column.not_in(limits.hidden)))
        if limits.rule is not FilesRule.ALL:
            owner = _table(source, "customers").alias()
            seen = _of_customer(owner, limits)
            parts.append(not_(exists(select(owner.c.id).where(owner.c.id == column, not_(seen)))))
        return and_(*parts)

    return condition


def _by_parent(name: str) -> Condition:
    def condition(source: Any, limits: _Limits) -> ColumnElement[bool]:
        parent = _table(source, _PARENTS[name]).alias()
        seen = _by_owner("customer_id")(parent, limits)
        other = select(parent.c.id).where(parent.c.id == source.c[name], not_(seen))
        return not_(exists(other))

    return condition


def _table(source: Any, name: str) -> Table:
    table: Any = source.element if isinstance(source, Alias) else source
    found: Table = table.metadata.tables[name]
    return found
