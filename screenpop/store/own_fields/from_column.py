"""An own field for a column of a sheet that no other field holds."""

from screenpop.customers.import_columns import ColumnGuess
from screenpop.customers.own_fields import (
    MAX_FIELD_NAME,
    OwnField,
    OwnKind,
    OwnSubject,
    field_with_name,
)
from screenpop.customers.own_kinds import choices_from_texts
from screenpop.store.engine.database import Database
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.editing import OwnFieldEdit, save_own_field


async def field_for_column(
    database: Database, column: ColumnGuess, place: int, language: str, now: float
) -> int:
    """Return the customers' field with the heading as its name; it is made if there is none.

    ``place``: of the column, from 1. Raises ``OwnFieldRefusedError``.
    """
    name = " ".join(column.heading.split())[:MAX_FIELD_NAME].strip() or f"Column {place}"
    there = field_with_name(await list_own_fields(database), name, OwnSubject.CUSTOMER)
    if there is not None:
        return there.id
    kind = OwnKind(column.own_kind or OwnKind.TEXT)
    choices = choices_from_texts(column.own_choices, language) if kind is OwnKind.CHOICE else ()
    field = OwnField(kind=kind, names={language: name}, choices=choices)
    return await save_own_field(database, OwnFieldEdit(field, {}, language), now)
