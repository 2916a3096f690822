"""A sheet is taken into the search slice by slice, whatever happens between two slices."""

import pytest
from sqlalchemy import insert, text, update

from screenpop.store.customers.queries import list_customers
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers, import_batches
from screenpop.store.search.fts_index import index_new_customers
from screenpop.store.search.maintenance import bring_up_to_date, count_outdated
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

pytestmark = pytest.mark.anyio

PLAN = NumberPlan(Region("IR"), "21")
ROWS = 7000
"""Four slices, so that there is something to merge."""


async def bring_in(database: Database, rows: int = ROWS) -> None:
    async with database.writing() as connection:
        batch = insert(import_batches).values(id=1, filename="a.csv", imported_at=1.0)
        await connection.execute(batch)
        people = [
            {
                "names": [],
                "tags": [],
                "folded": f"person{number:05}",
                "created_at": 1.0,
                "changed_at": 1.0,
                "import_batch_id": 1,
            }
            for number in range(rows)
        ]
        await connection.execute(insert(customers), people)


async def found(database: Database, typed: str) -> int:
    return len((await list_customers(database, search=typed)).rows)


async def check(database: Database) -> None:
    """Raises when the index does not hold what the table holds."""
    if database.kind == "sqlite":
        order = "INSERT INTO customers_found(customers_found, rank) VALUES('integrity-check', 1)"
        async with database.writing() as connection:
            await connection.execute(text(order))


async def settings_of(database: Database) -> dict[str, int]:
    async with database.reading() as connection:
        rows = await connection.execute(text("SELECT k, v FROM customers_found_config"))
        return {row.k: row.v for row in rows if row.k.endswith("merge")}


async def test_every_customer_of_a_sheet_is_found_when_nothing_is_left_to_do(
    database: Database,
) -> None:
    await bring_in(database)

    while await index_new_customers(database):
        pass

    assert await found(database, "person0699") == 10
    assert await found(database, "person00000") == 1
    assert await index_new_customers(database) == 0
    await check(database)


async def test_afterwards_the_index_looks_after_itself_as_before(database: Database) -> None:
    if database.kind != "sqlite":
        return  # PostgreSQL writes its index with the row
    await bring_in(database)

    while await index_new_customers(database):
        assert (await settings_of(database))["automerge"] == 4

    assert await settings_of(database) == {"automerge": 4, "crisismerge": 16}


async def test_what_changes_between_two_slices_is_found_as_it_is(database: Database) -> None:
    await bring_in(database)

    await index_new_customers(database)
    async with database.writing() as connection:
        for customer_id, words in ((1, "early"), (ROWS, "late")):
            await connection.execute(
                update(customers).where(customers.c.id == customer_id).values(folded=words)
            )
        for gone in (2, ROWS - 1):
            await connection.execute(customers.delete().where(customers.c.id == gone))
    while await index_new_customers(database):
        pass

    assert (await found(database, "early"), await found(database, "late")) == (1, 1)
    assert await found(database, "person00000") == await found(database, "person00001") == 0
    assert await found(database, "person06998") == await found(database, "person06999") == 0
    await check(database)


async def test_a_customer_left_waiting_by_a_crash_is_found_after_the_next_start(
    database: Database,
) -> None:
    await bring_up_to_date(database, PLAN)  # as every start does
    await bring_in(database)
    await index_new_customers(database)

    waiting = await count_outdated(database, PLAN, 10_000)
    await bring_up_to_date(database, PLAN)

    assert waiting == (5000 if database.kind == "sqlite" else 0)
    assert await found(database, "person0699") == 10
    assert await count_outdated(database, PLAN, 10_000) == 0
    await check(database)
