"""Many rows at once, by the quickest way each database has: a sheet of a hundred thousand.

SQLite takes tuples by a prepared statement of many rows, with ids counted here (nobody else can
write meanwhile); PostgreSQL takes a COPY, with ids from its own sequence.
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
"""Of one statement, in every SQLite."""

_CACHE_KB = 65_536

Values = Mapping[str, Any]
Record = tuple[Any, ...]


async def enlarge_cache(connection: AsyncConnection, kind: Kind) -> None:
    """Have this connection keep more of the file in memory from now on: numbers of a sheet lie all
    over their indexes, and each page that is put away half full is written once more."""
    if kind == "sqlite":
        await connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KB}")


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
    await insert_records(connection, kind, table, names, records)


async def insert_records(
    connection: AsyncConnection,
    kind: Kind,
    table: Table,
    names: Sequence[str],
    records: Sequence[Record],
) -> None:
    """Write rows as the drivers take them: JSON as text, and for SQLite days as ISO text. Columns
    that are not among the names get what the table has for them."""
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
    """Some tens of rows a statement: for each statement SQLite prepares to take it back alone,
    which costs more than a row."""
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
    # Names of our own tables and columns; the values go beside the statement.
    marks = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([marks] * rows)}"  # noqa: S608


def is_one_of(kind: Kind, column: Column[str], texts: Collection[str]) -> ColumnElement[bool]:
    """Whether a column holds one of a thousand texts, as one parameter: a thousand would cost more
    than the reading."""
    if kind == "sqlite":
        return column.in_(
            select(func.json_each(to_json(list(texts))).table_valued("value").c.value)
        )
    return column == any_(literal(list(texts), ARRAY(Text)))


def date_for(kind: Kind, day: date | None) -> date | str | None:
    """A day as ``insert_records`` takes it."""
    return day.isoformat() if day is not None and kind == "sqlite" else day


def _records(
    rows: Sequence[Values], names: Sequence[str], types: Sequence[TypeEngine[Any]], kind: Kind
) -> list[Record]:
    json = [place for place, type_ in enumerate(types) if isinstance(type_, JSON)]
    days = [place for place, type_ in enumerate(types) if isinstance(type_, Date)]
    return [_record([row[name] for name in names], json, days, kind) for row in rows]


def _record(values: list[Any], json: Sequence[int], days: Sequence[int], kind: Kind) -> Record:
    for place in json:
        values[place] = to_json(values[place])
    for place in days:
        values[place] = date_for(kind, values[place])
    return tuple(values)
