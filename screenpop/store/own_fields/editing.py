"""Making and changing own fields, with the values and search words that a change touches.

Raises ``OwnFieldRefusedError``; a refused change changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.own_fields import (
    OwnField,
    OwnFieldProblem,
    OwnFieldRefusedError,
    OwnKind,
    OwnValue,
    check_field,
    choices_to_json,
)
from screenpop.customers.own_kinds import change_kind
from screenpop.customers.own_values import format_value
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.own_fields.definitions import load_own_fields
from screenpop.store.own_fields.values import count_values, has_value, rewrite_values, table_of
from screenpop.store.schema.own_field_tables import own_fields
from screenpop.store.schema.tables import customers, meta
from screenpop.store.search.reindex import reindex_customers

MAX_CHANGED_VALUES = 100_000
"""Values that one change of a kind or a choice rewrites; the database waits meanwhile."""
_MOST_AT_ONCE = 500
"""Customers whose search words are written at once; more are left to the maintenance."""


@dataclass(frozen=True, slots=True)
class OwnFieldEdit:
    field: OwnField
    """As it shall be; with the id 0 it is added."""
    moves: Mapping[int, int | None]
    """For each removed choice the choice its records get, None for no value."""
    language: str
    """The user's language: of texts and choices made of values."""


async def save_own_field(database: Database, edit: OwnFieldEdit, now: float) -> int:
    """Store a new or changed field; return its id."""
    async with database.writing() as connection:
        fields = await load_own_fields(connection)
        before = next((one for one in fields if one.id == edit.field.id), None)
        if before is None:
            if edit.field.id:
                raise OwnFieldRefusedError(OwnFieldProblem.UNKNOWN_FIELD)
            return await _add(connection, edit.field, fields, now)
        after = replace(_with_removed_choices(edit.field, before), subject=before.subject)
        customers_of: list[int] = []
        if after.kind is not before.kind:
            after, customers_of = await _change_kind(connection, before, after, edit)
        elif after.kind is OwnKind.CHOICE:
            after, customers_of = await _move_choices(connection, before, after, edit)
        check_field(after, fields)
        await connection.execute(
            update(own_fields)
            .where(own_fields.c.id == after.id)
            .values(**_values(after), changed_at=now)
        )
        await _renew_words(connection, database, (before, after), customers_of)
        return after.id


async def count_records(database: Database, fields: Sequence[OwnField]) -> dict[int, int]:
    """Return how many records have a value, by the id of the field."""
    found = {}
    async with database.reading() as connection:
        for field in fields:
            rows = await connection.execute(
                select(func.count()).select_from(table_of(field)).where(has_value(field))
            )
            found[field.id] = rows.scalar_one()
    return found


async def _add(
    connection: AsyncConnection, field: OwnField, fields: Sequence[OwnField], now: float
) -> int:
    last = max((one.position for one in fields), default=0)
    added = replace(field, position=last + 1)
    check_field(added, fields)
    done = await connection.execute(
        insert(own_fields).values(**_values(added), changed_at=now).returning(own_fields.c.id)
    )
    return int(done.scalar_one())


def _values(field: OwnField) -> dict[str, Any]:
    choices = choices_to_json(field.choices)
    for one in choices:
        one["names"] = _clean_names(one["names"])
    return {
        "subject": field.subject.value,
        "kind": field.kind.value,
        "names": _clean_names(field.names),
        "choices": choices,
        "position": field.position,
        "active": field.active,
        "on_card": field.on_card,
    }


def _clean_names(names: Any) -> dict[str, str]:
    return {code: clean_for_database(name) for code, name in names.items() if name}


def _with_removed_choices(after: OwnField, before: OwnField) -> OwnField:
    """Return the field with the choices that are left out marked as removed."""
    kept = {one.id for one in after.choices}
    gone = [replace(one, gone=True) for one in before.choices if one.id not in kept]
    return replace(after, choices=(*after.choices, *gone))


async def _change_kind(
    connection: AsyncConnection, before: OwnField, after: OwnField, edit: OwnFieldEdit
) -> tuple[OwnField, list[int]]:
    counts = await count_values(connection, before)
    _check_amount(sum(count for _, count in counts))
    changed = change_kind(replace(before, choices=after.choices), after.kind, counts, edit.language)
    if changed.lost:
        raise OwnFieldRefusedError(
            OwnFieldProblem.KIND_LOSES,
            {"count": changed.lost, "examples": "; ".join(changed.examples)},
        )
    touched = await rewrite_values(connection, before, changed.values)
    return replace(after, choices=changed.field.choices), touched


async def _move_choices(
    connection: AsyncConnection, before: OwnField, after: OwnField, edit: OwnFieldEdit
) -> tuple[OwnField, list[int]]:
    """Move the values of removed choices. Raises ``OwnFieldRefusedError`` (``CHOICE_IN_USE``)."""
    gone = [one for one in after.choices if one.gone and not _was_gone(before, one.id)]
    if not gone:
        return after, []
    used = dict(await count_values(connection, before))
    there = {one.id for one in after.choices if not one.gone}
    moves: dict[OwnValue, OwnValue | None] = {}
    for choice in gone:
        count = used.get(choice.id, 0)
        if not count:
            continue
        goal = edit.moves.get(choice.id, 0)
        if goal is not None and goal not in there:
            name = format_value(before, choice.id, edit.language)
            raise OwnFieldRefusedError(
                OwnFieldProblem.CHOICE_IN_USE, {"name": name, "count": count}
            )
        moves[choice.id] = goal
    _check_amount(sum(used[value] for value in moves))
    return after, await rewrite_values(connection, before, moves) if moves else []


def _was_gone(before: OwnField, choice_id: int) -> bool:
    choice = before.choice(choice_id)
    return choice is not None and choice.gone


def _check_amount(count: int) -> None:
    if count > MAX_CHANGED_VALUES:
        raise OwnFieldRefusedError(
            OwnFieldProblem.TOO_MANY_VALUES, {"count": count, "most": MAX_CHANGED_VALUES}
        )


async def _renew_words(
    connection: AsyncConnection,
    database: Database,
    pair: tuple[OwnField, OwnField],
    touched: Sequence[int],
) -> None:
    """Write the search words again that the change of a field concerns."""
    before, after = pair
    if _search_part(before) == _search_part(after):
        return
    people = set(touched)
    if len(people) <= _MOST_AT_ONCE:
        people |= await _first_customers(connection, after)
    if len(people) <= _MOST_AT_ONCE:
        await reindex_customers(connection, sorted(people))
        return
    # The maintenance compares it every few seconds and writes all words again, see ``reindex``.
    for key in ("words_version", "words_coming"):
        statement = insert_or_update(database.kind, meta).values(key=key, value="")
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": ""})
        )


def _search_part(field: OwnField) -> object:
    """Return what the search words of a field's values depend on."""
    if not field.active or field.kind not in {OwnKind.TEXT, OwnKind.CHOICE}:
        return None
    return field.kind, [(one.id, dict(one.names)) for one in field.choices if not one.gone]


async def _first_customers(connection: AsyncConnection, field: OwnField) -> set[int]:
    """Return customers with a value of the field, up to one more than are written at once."""
    table = table_of(field)
    whose = table.c.id if table is customers else table.c.customer_id
    rows = await connection.execute(
        select(whose).where(has_value(field)).distinct().limit(_MOST_AT_ONCE + 1)
    )
    return set(rows.scalars())
