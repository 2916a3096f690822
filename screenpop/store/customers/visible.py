"""Asks whether records exist for the viewer of the current task."""

import re
from collections.abc import Collection

from sqlalchemy import Table, select

from screenpop.customers.models import CallerRecord
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.store.schema.customer_tables import all_tables

_PATH = re.compile(r"(?:/api/v1)?/(customers|trips|cases|calls|follow-ups)/(\d{1,18})(?:/|$)")
_TABLES = {"follow-ups": "follow_ups"}


async def is_path_visible(database: Database, path: str) -> bool:
    """Return whether the record that a path names exists for the viewer; True for other paths."""
    found = _PATH.match(path)
    if found is None:
        return True
    kind, number = found.groups()
    table = all_tables.tables[_TABLES.get(kind, kind)]
    return bool(await _visible(database, table, [int(number)]))


async def visible_record(database: Database, record: CallerRecord) -> CallerRecord:
    """Return what a viewer may see of a number: all, or as if no customer had it."""
    files = {file.customer.id for file in (*record.exact, *record.maybe)}
    if current_viewer() is None or not files:
        return record
    seen = await _visible(database, all_tables.tables["customers"], files)
    return record if seen == files else CallerRecord(record.e164)


async def _visible(database: Database, table: Table, ids: Collection[int]) -> set[int]:
    async with database.reading() as connection:
        found = await connection.execute(select(table.c.id).where(table.c.id.in_(ids)))
        return set(found.scalars())
