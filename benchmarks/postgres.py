"""Copies the customers of a benchmark into a temporary PostgreSQL."""

import asyncio
import csv
import io
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import asyncpg

from screenpop.store.engine.migrate import migrate
from screenpop.store.search.queries import WORDS_VERSION
from tests.store.throwaway_postgres import throwaway_postgres

_TABLES = ("households", "customers", "customer_phones", "search_word_keys")
"""The tables that the page of customers reads."""
_ROWS = 5_000
_NULL = r"\N"
_CURRENT = "INSERT INTO meta (key, value) VALUES ('words_version', $1)"
"""The search trusts the words of this version only."""
_WORDS = "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_customers_words_of_%'"


@contextmanager
def on_postgres(
    source: Path, *, trips: bool = False, more: Sequence[str] = (), connections: int = 60
) -> Iterator[str]:
    """Return the URL of a temporary PostgreSQL with the customers of a SQLite database.

    ``trips``: with their trips; ``more``: with these tables; ``connections``: how many it takes.
    Raises ``NoPostgresError``, with what to install, where there is no PostgreSQL.
    """
    with throwaway_postgres(connections) as url:
        migrate(url)
        tables = (*_TABLES, "trips") if trips else (*_TABLES, *more)
        asyncio.run(_fill(url, source, tables))
        yield url


async def _fill(url: str, source: Path, tables: Sequence[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        # The households and the customers name each other.
        await connection.execute("SET session_replication_role = replica")
        words = await connection.fetch(_WORDS)
        for name, _ in words:
            await connection.execute(f"DROP INDEX {name}")
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as given:
            for table in tables:
                await _copy(given, table, connection)
        await connection.execute(_CURRENT, WORDS_VERSION)
        for _, definition in words:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy(given: sqlite3.Connection, table: str, connection: asyncpg.Connection) -> None:
    rows = given.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in rows.description]
    await connection.copy_to_table(
        table, source=_as_csv(rows), columns=columns, format="csv", null=_NULL
    )


async def _as_csv(rows: sqlite3.Cursor) -> AsyncIterator[bytes]:
    while some := rows.fetchmany(_ROWS):
        text = io.StringIO()
        csv.writer(text).writerows([[_cell(value) for value in row] for row in some])
        yield text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return _NULL if value is None else value
