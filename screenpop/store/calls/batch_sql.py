"""Statements that write a batch of calls, built once and run for many rows at a time.

Building them each time would hold the loop five times as long. Dependent rows find their call by
PBX, boot and Linkedid, and only while the call's row is as ``estimated`` as the record they come
from: an estimate that did not replace an observed call leaves that call's legs alone too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.dml import UpdateBase

from screenpop.store.engine.url import Kind
from screenpop.store.schema.account_tables import user_endpoints, users
from screenpop.store.schema.tables import (
    call_notes,
    call_traces,
    calls,
    customers,
    legs,
    receipts,
    transfers,
)

Values = dict[str, Any]

IN_PROGRESS = "in_progress"
"""The disposition of a call that has not ended, in the table and on the pages."""

_KEY = ("pbx", "linkedid", "boot")
_BEGINNING = (
    *("direction", "caller_raw", "caller_name", "folded", "withheld", "caller_kind", "e164"),
    *("called", "did", "queue", "arrived_at"),
)
"""Columns that are known from a call's arrival on."""
_LEG_KEY = ("pbx", "boot", "uniqueid")
_NO_USER = literal_column("''", Text)


@dataclass(frozen=True, slots=True)
class BatchStatement:
    """A compiled statement, and how to order a row's values for the driver."""

    sql: str
    constants: Values
    in_order: Callable[[Values], Any]

    def run(self, connection: Connection, rows: list[Values]) -> None:
        if rows:
            values = [self.in_order({**self.constants, **row}) for row in rows]
            connection.exec_driver_sql(self.sql, values)


@dataclass(frozen=True, slots=True)
class CallStatements:
    """The statements of a batch, by named values.

    Values: a call's columns, or ``call_pbx``, ``call_linkedid``, ``call_boot`` and
    ``call_estimated`` with the columns of a dependent row. A user is named as ``person`` and, where
    the owner of the phone may be meant, by ``seat_pbx`` and ``seat_endpoint``.
    """

    put_call: BatchStatement
    clear: tuple[BatchStatement, ...]
    clear_receipts: BatchStatement
    put_leg: BatchStatement
    put_transfer: BatchStatement
    put_receipt: BatchStatement
    put_trace: BatchStatement
    adopt_notes: BatchStatement


def call_statements(kind: Kind) -> CallStatements:
    dialect: Dialect = (
        sqlite.dialect(paramstyle="qmark") if kind == "sqlite" else asyncpg.dialect()  # type: ignore[no-untyped-call]
    )
    children = (legs, transfers, receipts, call_traces)
    return CallStatements(
        _many(_put_call(kind), dialect),
        tuple(
            _many(delete(table).where(table.c.call_id == _the_call()), dialect)
            for table in children
        ),
        _many(delete(receipts).where(receipts.c.call_id == _the_call()), dialect),
        _many(_put_leg(kind), dialect),
        _many(_references_call(transfers), dialect),
        _many(_references_call(receipts, user_id=_user()), dialect),
        _many(_references_call(call_traces), dialect),
        _many(_attach_notes(), dialect),
    )


def _many(statement: UpdateBase, dialect: Dialect) -> BatchStatement:
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup or []
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return BatchStatement(str(compiled), constants, itemgetter(*names))


def _value(column: Column[Any]) -> ColumnElement[Any]:
    return bindparam(column.name, type_=column.type, required=False)


def _put_call(kind: Kind) -> UpdateBase:
    special = {"customer_id": _customer(), "agent_id": _agent_of_leg()}
    columns = [column for column in calls.c if column.name != "id"]
    statement = _insert(kind, calls).values(
        {column.name: special.get(column.name, _value(column)) for column in columns}
    )
    new = statement.excluded
    row_is_open, new_is_open = calls.c.disposition == IN_PROGRESS, new.disposition == IN_PROGRESS
    values = {c.name: new[c.name] for c in columns if c.name not in _KEY}
    # A call found again after a restart: what was observed of its beginning is better than what the
    # PBX can still report.
    was_seen_before = and_(new.estimated, or_(row_is_open, new_is_open))
    values |= {name: case((was_seen_before, calls.c[name]), else_=new[name]) for name in _BEGINNING}
    values |= {
        name: case((was_seen_before, func.coalesce(calls.c[name], new[name])), else_=new[name])
        for name in ("answered_at", "customer_id", "agent_id", "before_pickup")
    }
    answered_before = and_(was_seen_before, calls.c.answered_at.is_not(None))
    values["wait_s"] = case(
        (answered_before, calls.c.answered_at - calls.c.arrived_at),
        (was_seen_before, new.wait_s + new.arrived_at - calls.c.arrived_at),
        else_=new.wait_s,
    )
    values["talk_s"] = case(
        (and_(answered_before, ~new_is_open), new.ended_at - calls.c.answered_at), else_=new.talk_s
    )
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(_KEY),
        set_=values,
        where=or_(row_is_open, calls.c.estimated, and_(~new_is_open, ~new.estimated)),
    )


def _put_leg(kind: Kind) -> UpdateBase:
    special = {"user_id": _agent_of_leg()}
    columns = [column for column in legs.c if column.name not in {"id", "call_id"}]
    statement = _insert(kind, legs).from_select(
        ["call_id", *(column.name for column in columns)],
        select(calls.c.id, *(special.get(c.name, _value(c)) for c in columns)).where(
            _is_the_call()
        ),
    )
    # A leg that belonged to another call belongs to this call now: one row a leg.
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=list(_LEG_KEY),
        set_={
            name: statement.excluded[name]
            for name in ["call_id", *(column.name for column in columns)]
            if name not in _LEG_KEY
        },
    )


def _references_call(table: Table, **special: ColumnElement[Any]) -> UpdateBase:
    columns = [column for column in table.c if column.name != "call_id"]
    return insert(table).from_select(
        ["call_id", *(column.name for column in columns)],
        select(calls.c.id, *(special.get(c.name, _value(c)) for c in columns)).where(
            _is_the_call()
        ),
    )


def _attach_notes() -> UpdateBase:
    """Return the statement that attaches notes written during a call to the call's row."""
    boot = bindparam("call_boot", type_=Text, required=False)
    return (
        update(call_notes)
        .values(call_id=_the_call())
        .where(
            call_notes.c.call_id.is_(None),
            call_notes.c.pbx == bindparam("call_pbx", type_=Text, required=False),
            call_notes.c.linkedid == bindparam("call_linkedid", type_=Text, required=False),
            or_(call_notes.c.boot.is_(None), call_notes.c.boot == boot),
        )
    )


def _is_the_call() -> ColumnElement[bool]:
    columns = (calls.c.pbx, calls.c.linkedid, calls.c.boot, calls.c.estimated)
    return and_(*(c == bindparam(f"call_{c.name}", type_=c.type, required=False) for c in columns))


def _the_call() -> ScalarSelect[Any]:
    return select(calls.c.id).where(_is_the_call()).scalar_subquery()


def _user() -> ScalarSelect[Any]:
    """Return the user's id if it still exists: a user deleted meanwhile is written as NULL."""
    person = bindparam("person", type_=users.c.id.type, required=False)
    return select(users.c.id).where(users.c.id == person).scalar_subquery()


def _customer() -> ScalarSelect[Any]:
    customer = bindparam("customer_id", type_=customers.c.id.type, required=False)
    return select(customers.c.id).where(customers.c.id == customer).scalar_subquery()


def _agent_of_leg() -> ColumnElement[Any]:
    """Return the agent whose card belonged to this phone, else the one who has the phone now."""
    pbx = bindparam("seat_pbx", type_=Text, required=False)
    assigned_phone = user_endpoints.c
    has_it = (
        select(assigned_phone.user_id)
        .where(
            assigned_phone.endpoint == bindparam("seat_endpoint", type_=Text, required=False),
            or_(assigned_phone.pbx == pbx, assigned_phone.pbx == _NO_USER),
        )
        .order_by(assigned_phone.pbx.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(_user(), has_it)


def _insert(kind: Kind, table: Table) -> Any:
    return sqlite.insert(table) if kind == "sqlite" else postgresql.insert(table)
