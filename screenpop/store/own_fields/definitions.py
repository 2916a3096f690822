"""Reading the definitions of own fields."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject, choices_from_json
from screenpop.customers.own_values import changed_values, own_from_json
from screenpop.store.engine.database import Database
from screenpop.store.schema.own_field_tables import own_fields

_KINDS = {kind.value: kind for kind in OwnKind}
_SUBJECTS = {subject.value: subject for subject in OwnSubject}
_ALL: Select[Any] = select(own_fields).order_by(own_fields.c.position, own_fields.c.id)


def fields_from_rows(rows: Iterable[Any]) -> tuple[OwnField, ...]:
    """Return the fields without those of a kind or subject that this version does not know."""
    return tuple(
        OwnField(
            id=row.id,
            subject=_SUBJECTS[row.subject],
            kind=_KINDS[row.kind],
            names=dict(row.names),
            choices=choices_from_json(row.choices),
            position=row.position,
            active=row.active,
            on_card=row.on_card,
        )
        for row in rows
        if row.kind in _KINDS and row.subject in _SUBJECTS
    )


async def load_own_fields(connection: AsyncConnection) -> tuple[OwnField, ...]:
    """Return all fields in their order, those switched off among them."""
    return fields_from_rows(await connection.execute(_ALL))


def load_own_fields_now(connection: Connection) -> tuple[OwnField, ...]:
    """As ``load_own_fields``, for a read in a thread."""
    return fields_from_rows(connection.execute(_ALL))


async def list_own_fields(database: Database) -> tuple[OwnField, ...]:
    """As ``load_own_fields``, in a read of its own."""
    return await database.read(load_own_fields_now)


async def logged_own(
    connection: AsyncConnection, before: object, after: object
) -> dict[str, tuple[object, object]]:
    """Return the changed values of own fields as entries for ``log_change``."""
    fields = await load_own_fields(connection)
    return changed_values(fields, own_from_json(before), own_from_json(after))
