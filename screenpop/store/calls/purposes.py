"""Purposes of calls: the list that an office edits."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from screenpop.calls.purposes import CallPurpose, PurposeId
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.customer_tables import call_purposes

NEW = PurposeId(0)
"""The id of a purpose that is not stored yet."""


_ALL = select(call_purposes).order_by(call_purposes.c.position, call_purposes.c.id)


def load_purposes(connection: Connection) -> tuple[CallPurpose, ...]:
    return tuple(
        CallPurpose(PurposeId(row.id), row.names, row.position, row.active, row.opens_case)
        for row in connection.execute(_ALL)
    )


async def list_purposes(database: Database) -> tuple[CallPurpose, ...]:
    """Return all purposes in their order."""
    return await database.read(load_purposes)


async def save_purposes(database: Database, purposes: Iterable[CallPurpose]) -> None:
    """Store an edited list; one with the id ``NEW`` is added, one left out stays as it was."""
    async with database.writing() as connection:
        for one in purposes:
            names = {code: clean_for_database(name) for code, name in one.names.items()}
            values: dict[str, Any] = {
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


def renumbered(purposes: Iterable[CallPurpose]) -> list[CallPurpose]:
    """Return purposes by their position, numbered from 1."""
    ordered = sorted(purposes, key=lambda one: one.position)
    return [replace(one, position=number) for number, one in enumerate(ordered, 1)]
