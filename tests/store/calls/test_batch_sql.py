"""The statements that write a batch of calls."""

import sqlite3
from dataclasses import fields

import pytest
from sqlalchemy import make_url

from screenpop.store.calls.batch_sql import BatchStatement, call_statements
from screenpop.store.engine.database import Database

pytestmark = pytest.mark.anyio


def every(kind: str) -> list[BatchStatement]:
    statements = call_statements("sqlite" if kind == "sqlite" else "postgresql")
    found: list[BatchStatement] = []
    for each in fields(statements):
        value = getattr(statements, each.name)
        found += value if isinstance(value, tuple) else [value]
    return found


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_no_statement_walks_a_whole_table(database: Database, url: str, kind: str) -> None:
    connection = sqlite3.connect(make_url(url).database or "")
    for many in every(kind):
        plan = [
            row[3]
            for row in connection.execute(
                f"EXPLAIN QUERY PLAN {many.sql}", [None] * many.sql.count("?")
            )
        ]
        # "SCAN CONSTANT ROW" is the row of VALUES itself.
        walks = [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step]
        assert walks == [], (many.sql, plan)
    connection.close()


async def test_without_rows_nothing_is_asked_of_the_database(database: Database) -> None:
    async with database.writing() as connection:
        for many in every(database.kind):
            await connection.run_sync(many.run, [])
