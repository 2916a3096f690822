"""Many rows at once, by the quickest way each database has: a sheet of a hundred thousand.

SQLite takes tuples by one prepared statement, with ids counted here (nobody else can write
meanwhile); PostgreSQL takes a COPY, with ids from its own sequence.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import JSON, Date, TypeEngine

from screenpop.store.address import Kind
from screenpop.store.text import to_json

Values = Mapping[str, Any]


async def next_ids(connection: AsyncConnection, kind: Kind, table: Table, count: int) -> list[int]:
    """Ids for new rows, in order. Inside the transaction that writes them."""
    if kind == "sqlite":
        last = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
        return list(range(last + 1, last + 1 + count))
    rows = await connection.execute(
        text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"),
        {"name": table.name, "count": count},
    )
    return sorted(rows.scalars())


async def insert_many(
    connection: AsyncConnection, kind: Kind, table: Table, rows: Sequence[Values]
) -> None:
    """Write rows that all have the same columns, values as for an ordinary insert."""
    if not rows:
        return
    names = tuple(rows[0])
    records = _records(rows, names, [table.c[name].type for name in names], kind)
    if kind == "sqlite":
        marks = ", ".join("?" * len(names))
        # Names of our own tables and columns; the values go beside the statement.
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        await connection.exec_driver_sql(statement, records)
        return
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.copy_records_to_table(table.name, records=records, columns=list(names))


def _records(
    rows: Sequence[Values], names: Sequence[str], types: Sequence[TypeEngine[Any]], kind: Kind
) -> list[tuple[Any, ...]]:
    json = [place for place, type_ in enumerate(types) if isinstance(type_, JSON)]
    days = [place for place, type_ in enumerate(types) if isinstance(type_, Date)]
    if kind != "sqlite":
        days = []
    return [_record([row[name] for name in names], json, days) for row in rows]


def _record(values: list[Any], json: Sequence[int], days: Sequence[int]) -> tuple[Any, ...]:
    for place in json:
        values[place] = to_json(values[place])
    for place in days:
        if isinstance(day := values[place], date):
            values[place] = day.isoformat()
    return tuple(values)
