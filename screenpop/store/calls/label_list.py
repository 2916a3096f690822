"""Purposes and dispositions of calls: the lists that an office edits."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from screenpop.calls.labels import CallLabel, LabelId, LabelKind
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.customer_tables import call_purposes

NEW = LabelId(0)
"""The id of a label that is not stored yet."""


_KINDS = {kind.value: kind for kind in LabelKind}
_ALL = select(call_purposes).order_by(call_purposes.c.position, call_purposes.c.id)


def load_labels(connection: Connection) -> tuple[CallLabel, ...]:
    return tuple(
        CallLabel(
            LabelId(row.id), row.names, row.position, row.active, row.opens_case, _KINDS[row.kind]
        )
        for row in connection.execute(_ALL)
    )


async def list_labels(database: Database, kind: LabelKind) -> tuple[CallLabel, ...]:
    """Return all labels of a kind in their order."""
    return tuple(one for one in await database.read(load_labels) if one.kind is kind)


async def save_labels(database: Database, labels: Iterable[CallLabel]) -> None:
    """Store an edited list; one with the id ``NEW`` is added, one left out stays as it was."""
    async with database.writing() as connection:
        for one in labels:
            names = {code: clean_for_database(name) for code, name in one.names.items()}
            values: dict[str, Any] = {
                "kind": one.kind.value,
                "names": names,
                "position": one.position,
                "active": one.active,
                "opens_case": one.opens_case,
            }
            if one.id == NEW:
                await connection.execute(insert(call_purposes).values(**values))
            else:
                await connection.execute(
                    update(call_purposes).where(call_purposes.c.id == one.id).values(**values)
                )


def renumbered(labels: Iterable[CallLabel]) -> list[CallLabel]:
    """Return labels by their position, numbered from 1."""
    ordered = sorted(labels, key=lambda one: one.position)
    return [replace(one, position=number) for number, one in enumerate(ordered, 1)]
