"""Values of own fields in the database: cleaned, counted, changed, and as SQL for conditions.

A value is read by JSON operators of the database; rows without any own value have NULL, so that a
scan passes them quickly (ADR 12).
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, bindparam, case, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject, OwnValue, OwnValues
from screenpop.customers.own_values import in_order, own_from_json, set_value
from screenpop.store.engine.text import free_text
from screenpop.store.schema.tables import customers, trips

_SLICE = 500
_JSON_TYPES = {
    OwnKind.TEXT: ("text", "string"),
    OwnKind.DATE: ("text", "string"),
    OwnKind.NUMBER: ("integer real", "number"),
    OwnKind.CHOICE: ("integer", "number"),
    OwnKind.YES_NO: ("true false", "boolean"),
}
"""How ``json_type`` of SQLite and ``json_typeof`` of PostgreSQL name the values of a kind."""


def clean_own(own: OwnValues) -> dict[str, OwnValue] | None:
    """Return the values of own fields as a column has them: in order, None without any."""
    cleaned = {
        key: free_text(value) if isinstance(value, str) else value for key, value in own.items()
    }
    return in_order(cleaned) or None


def table_of(field: OwnField) -> Table:
    return customers if field.subject is OwnSubject.CUSTOMER else trips


def has_value(field: OwnField) -> ColumnElement[bool]:
    """Return whether a row of ``table_of(field)`` has a value of the field."""
    own = table_of(field).c.own
    return and_(own.is_not(None), own[field.key].as_string().is_not(None))


def value_of(field: OwnField, kind: str) -> ColumnElement[Any]:
    """Return the value of a field as SQL, for conditions and sorting; NULL for none.

    A text, an ISO day (which sorts as text), a number, the id of a choice, or a boolean. NULL also
    for a value of another kind, as an undo of an old import may bring back. ``kind``: of the
    database.
    """
    own = table_of(field).c.own
    one = own[field.key]
    of_sqlite, of_postgres = _JSON_TYPES[field.kind]
    fits: ColumnElement[bool]
    if kind == "sqlite":
        fits = func.json_type(own, f'$."{field.key}"').in_(of_sqlite.split())
    else:
        fits = func.json_typeof(one) == of_postgres
    match field.kind:
        case OwnKind.NUMBER:
            typed: ColumnElement[Any] = one.as_float()
        case OwnKind.CHOICE:
            typed = one.as_integer()
        case OwnKind.YES_NO:
            typed = one.as_boolean()
        case _:
            typed = one.as_string()
    return case((fits, typed))


async def count_values(connection: AsyncConnection, field: OwnField) -> list[tuple[OwnValue, int]]:
    """Return each value of a field and how many records have it, the most frequent first."""
    # As text: PostgreSQL compares no JSON.
    value = cast(table_of(field).c.own[field.key], Text).label("value")
    rows = await connection.execute(
        select(value, func.count().label("records"))
        .where(has_value(field))
        .group_by(value)
        .order_by(func.count().desc(), value)
    )
    return [(json.loads(row.value), row.records) for row in rows]


async def rewrite_values(
    connection: AsyncConnection, field: OwnField, values: Mapping[OwnValue, OwnValue | None]
) -> list[int]:
    """Replace values of a field, by None to remove them; return the customers of the records."""
    table = table_of(field)
    whose = table.c.id if table is customers else table.c.customer_id
    touched: list[int] = []
    last = 0
    while True:
        found = await connection.execute(
            select(table.c.id, table.c.own, whose.label("whose"))
            .where(table.c.id > last, has_value(field))
            .order_by(table.c.id)
            .limit(_SLICE)
        )
        rows = found.all()
        if not rows:
            return touched
        last = rows[-1].id
        changed = [row for row in rows if row.own[field.key] in values]
        touched += [row.whose for row in changed]
        if changed:
            await connection.execute(
                update(table).where(table.c.id == bindparam("which")).values(own=bindparam("now")),
                [{"which": row.id, "now": _replaced(row.own, field, values)} for row in changed],
            )


def _replaced(
    own: object, field: OwnField, values: Mapping[OwnValue, OwnValue | None]
) -> dict[str, OwnValue] | None:
    before = own_from_json(own)
    return set_value(before, field.key, values[before[field.key]]) or None
