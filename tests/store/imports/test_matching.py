"""Rows of a sheet are matched by the thousand; the work does not grow with the file."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from screenpop.store.engine.database import Database
from screenpop.store.imports.matching import _with_numbers

pytestmark = pytest.mark.anyio


async def test_people_on_file_are_looked_for_by_their_numbers(database: Database) -> None:
    if database.kind != "sqlite":
        return  # PostgreSQL decides by what is in the tables
    statement = _with_numbers("sqlite", ["912345678", "912345679"]).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )

    async with database.reading() as connection:
        rows = await connection.execute(text(f"EXPLAIN QUERY PLAN {statement}".replace(":", "\\:")))
        steps = [row.detail for row in rows]

    assert any("customer_phones USING INDEX ix_customer_phones_last_nine" in one for one in steps)
    assert any("customers USING INTEGER PRIMARY KEY" in one for one in steps)
    assert not any("SCAN customer" in one for one in steps)
