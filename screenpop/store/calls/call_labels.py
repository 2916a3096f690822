"""What an agent chose for a call: purpose, disposition, and the case that was opened on it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Join,
    Select,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.calls.labels import ChosenLabel, LabelId, LabelKind
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.customer_tables import call_labels, call_purposes
from screenpop.store.schema.tables import calls


async def set_call_label(
    connection: AsyncConnection,
    database_kind: Kind,
    call_id: int,
    kind: LabelKind,
    label: LabelId | None,
    *,
    user_id: UserId | None,
    now: float,
) -> bool:
    """Set or clear a label of a call; False when there is no such active one of this kind."""
    if label is not None:
        known = select(call_purposes.c.id).where(
            call_purposes.c.id == label,
            call_purposes.c.kind == kind.value,
            call_purposes.c.active,
        )
        if await connection.scalar(known) is None:
            return False
    values = {f"{kind}_id": label, "user_id": user_id or None, "changed_at": now}
    await _put_label(connection, database_kind, call_id, values)
    return True


_LISTS = {kind: call_purposes.alias(kind.value) for kind in LabelKind}
LABEL_COLUMNS = tuple(
    column.label(f"{kind}_label_{column.name}")
    for kind, listed in _LISTS.items()
    for column in (listed.c.id, listed.c.names)
)
"""The labels of a call, for a statement with ``with_labels``."""


def with_labels(source: FromClause) -> Join:
    """Return calls joined with their labels."""
    joined = source.outerjoin(call_labels, call_labels.c.call_id == calls.c.id)
    for kind, listed in _LISTS.items():
        joined = joined.outerjoin(listed, listed.c.id == call_labels.c[f"{kind}_id"])
    return joined


def chosen_labels(row: Any) -> dict[LabelKind, ChosenLabel]:
    """Return the labels of a row with ``LABEL_COLUMNS``."""
    found = {kind: getattr(row, f"{kind}_label_id") for kind in LabelKind}
    return {
        kind: ChosenLabel(label_id, getattr(row, f"{kind}_label_names"))
        for kind, label_id in found.items()
        if label_id is not None
    }


def label_conditions(wanted: Mapping[LabelKind, int]) -> list[ColumnElement[bool]]:
    return [call_labels.c[f"{kind}_id"] == label for kind, label in wanted.items()]


async def set_call_case(connection: AsyncConnection, kind: Kind, call_id: int, case: int) -> None:
    """Remember the case that was opened on a call, so that a repeated request opens no second."""
    await _put_label(connection, kind, call_id, {"case_id": case})


async def label_of_call(connection: AsyncConnection, call_id: int) -> Any:
    """Return the row of ``call_labels`` of a call, else None."""
    return (await connection.execute(_label_of(call_id))).first()


def label_of(connection: Connection, call: CallKey) -> Any:
    """Return the row of ``call_labels`` of a call, else None."""
    pbx, boot, linkedid = map(clean_for_database, call)
    return connection.execute(
        _LABEL_OF_CALL, {"pbx": pbx, "boot": boot, "linkedid": linkedid}
    ).first()


_LABEL_OF_CALL = select(call_labels).where(
    call_labels.c.call_id == calls.c.id,
    calls.c.pbx == bindparam("pbx"),
    calls.c.boot == bindparam("boot"),
    calls.c.linkedid == bindparam("linkedid"),
)


def _label_of(call_id: int) -> Select[Any]:
    return select(call_labels).where(call_labels.c.call_id == call_id)


async def find_call_id(connection: AsyncConnection, call: CallKey) -> int | None:
    """Return the row id of a call; None before its row is written."""
    pbx, boot, linkedid = map(clean_for_database, call)
    found: int | None = await connection.scalar(
        select(calls.c.id).where(
            calls.c.pbx == pbx, calls.c.boot == boot, calls.c.linkedid == linkedid
        )
    )
    return found


def move_label(connection: Connection, call_id: int, into: int | None) -> None:
    """Move the label of a merged call to the remaining call, unless that has one."""
    if into is None or connection.execute(_label_of(into)).first() is not None:
        connection.execute(delete(call_labels).where(call_labels.c.call_id == call_id))
        return
    connection.execute(
        update(call_labels).where(call_labels.c.call_id == call_id).values(call_id=into)
    )


async def _put_label(
    connection: AsyncConnection, kind: Kind, call_id: int, values: dict[str, Any]
) -> None:
    dialect: Any = sqlite if kind == "sqlite" else postgresql
    statement = dialect.insert(call_labels).values(call_id=call_id, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["call_id"], set_=values)
    )
