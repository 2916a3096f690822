"""A database that many tests use in turn is to each as a new one."""

import pytest
from sqlalchemy import func, select, text, update

from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import open_database
from screenpop.store.engine.migrate import newest_revision
from screenpop.store.schema.customer_tables import all_tables
from screenpop.store.schema.tables import customers
from tests.store.emptied_postgres import empty_now
from tests.store.sheet_rows import all_customers, person

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("analysed", [False, True])
async def test_nothing_of_one_test_is_there_for_the_next(url: str, analysed: bool) -> None:
    first = open_database(url)
    number = await create_customer(first, person("Nima Moradi", 9), 1.0)
    async with first.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        if analysed:
            await connection.execute(text("ANALYZE"))
    left_open = open_database(url)
    held = left_open.writing()
    await (await held.__aenter__()).execute(update(customers).values(notes="not yet committed"))

    empty_now(url)

    next_one = open_database(url)
    await next_one.ready()
    async with next_one.reading() as connection:
        for table in all_tables.sorted_tables:
            count = await connection.scalar(select(func.count()).select_from(table))
            assert count == 0, table.name
        pages = await connection.scalar(
            text("SELECT relpages FROM pg_class WHERE relname = 'customers'")
        )
        revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert (pages, revision) == (0, newest_revision())
    assert await create_customer(next_one, person("Nima Moradi", 9), 1.0) == number
    assert len(await all_customers(next_one)) == 1
    await next_one.close()
    for database in (left_open, first):
        await database.close()
