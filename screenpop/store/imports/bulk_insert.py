"""Bulk inserts by the fastest way each database has, for a hundred thousand rows.

SQLite takes tuples by a prepared multi-row statement, with ids assigned here (no other connection
can write meanwhile); PostgreSQL takes a COPY, with ids from its own sequence.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, any_, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import JSON, Date, TypeEngine

from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import Kind

_MOST_PARAMETERS = 999
"""Parameters a statement, the limit of every SQLite version."""

_CACHE_KB = 65_536

Values = Mapping[str, Any]
Record = tuple[Any, ...]


async def enlarge_cache(connection: AsyncConnection, kind: Kind) -> None:
    """Enlarge this connection's page cache (SQLite).

    Imported numbers are spread over the indexes, and each page evicted half full is written again.
    """
    if kind == "sqlite":
        await connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KB}")


async def next_ids(connection: AsyncConnection, kind: Kind, table: Table, count: int) -> list[int]:
    """Return ids for new rows, in order. Call inside the transaction that writes them."""
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
    """Insert rows that all have the same columns, values as for an ordinary insert."""
    if not rows:
        return
    names = tuple(rows[0])
    records = _records(rows, names, [table.c[name].type for name in names], kind)
    await insert_records(connection, kind, table, names, records)


async def insert_records(
    connection: AsyncConnection,
    kind: Kind,
    table: Table,
    names: Sequence[str],
    records: Sequence[Record],
) -> None:
    """Insert rows in driver types: JSON as text, and for SQLite days as ISO text.

    Columns that are not in ``names`` get the table's defaults.
    """
    if not records:
        return
    if kind == "sqlite":
        await _insert_into_sqlite(connection, table, names, records)
        return
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.copy_records_to_table(table.name, records=records, columns=list(names))


async def _insert_into_sqlite(
    connection: AsyncConnection, table: Table, names: Sequence[str], records: Sequence[Record]
) -> None:
    """Insert some tens of rows a statement.

    SQLite prepares a rollback for each statement, which costs more than a row.
    """
    at_once = max(1, _MOST_PARAMETERS // len(names))
    alone = len(records) % at_once
    for rows, some in ((1, records[:alone]), (at_once, records[alone:])):
        if some:
            blocks = [
                tuple(chain.from_iterable(some[start : start + rows]))
                for start in range(0, len(some), rows)
            ]
            await connection.exec_driver_sql(_statement(table.name, tuple(names), rows), blocks)


@lru_cache(maxsize=64)
def _statement(table: str, names: tuple[str, ...], rows: int) -> str:
    # Names of our own tables and columns; the values are bound parameters.
    marks = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([marks] * rows)}"  # noqa: S608


def is_one_of(kind: Kind, column: Column[str], texts: Collection[str]) -> ColumnElement[bool]:
    """Return whether a column is one of many texts, passed as one parameter.

    A thousand parameters would cost more than the read.
    """
    if kind == "sqlite":
        return column.in_(
            select(func.json_each(to_json(list(texts))).table_valued("value").c.value)
        )
    return column == any_(literal(list(texts), ARRAY(Text)))


def date_for(kind: Kind, day: date | None) -> date | str | None:
    """Return a day as ``insert_records`` takes it."""
    return day.isoformat() if day is not None and kind == "sqlite" else day


def _records(
    rows: Sequence[Values], names: Sequence[str], types: Sequence[TypeEngine[Any]], kind: Kind
) -> list[Record]:
    json = [place for place, type_ in enumerate(types) if isinstance(type_, JSON)]
    days = [place for place, type_ in enumerate(types) if isinstance(type_, Date)]
    return [_record([row[name] for name in names], json, days, kind) for row in rows]


def _record(values: list[Any], json: Sequence[int], days: Sequence[int], kind: Kind) -> Record:
    for place in json:
        values[place] = None if values[place] is None else to_json(values[place])
    for place in days:
        values[place] = date_for(kind, values[place])
    return tuple(values)
