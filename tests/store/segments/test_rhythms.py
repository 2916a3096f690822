"""The rhythm of customers is stored with the work lists and follows their trips."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select

from screenpop.conditions.tree import Compare, Op
from screenpop.customers.models import CustomerId
from screenpop.store.customers.merge import merge_customers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.work_list_build import build_work_list, list_customers_again
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import trips
from screenpop.store.segments.found import Wanted, count_customers
from tests.store.samples import LALEH, NIKOS, add_customer

pytestmark = pytest.mark.anyio
TODAY = date(2026, 2, 26)
NOW = datetime(2026, 2, 26, 9, tzinfo=UTC).timestamp()
LAPSED = Wanted(Compare("lapsed", Op.IS, True), TODAY, UTC)


async def add_trips(database: Database, customer_id: CustomerId) -> None:
    async with database.writing() as connection:
        for back in (600, 750, 900):
            await connection.execute(
                insert(trips).values(
                    customer_id=customer_id,
                    departs=TODAY - timedelta(days=back),
                    status="travelled",
                )
            )


async def rhythms(database: Database) -> set[int]:
    async with database.reading() as connection:
        return set((await connection.execute(select(customer_rhythms.c.customer_id))).scalars())


async def test_a_rhythm_is_stored_for_three_trips_and_removed_without_them(
    database: Database,
) -> None:
    laleh = await add_customer(database, "Karimi", LALEH)
    await add_customer(database, "Nikolaou", NIKOS)
    await add_trips(database, laleh)
    await build_work_list(database, UTC, NOW)
    assert await rhythms(database) == {laleh}
    assert await count_customers(database, LAPSED) == 1

    async with database.writing() as connection:
        await connection.execute(delete(trips).where(trips.c.departs < TODAY - timedelta(800)))
    await list_customers_again(database, [laleh], UTC, NOW)
    assert await rhythms(database) == set()
    assert await count_customers(database, LAPSED) == 0


async def test_a_merged_customer_and_an_erased_one_have_no_rhythm(database: Database) -> None:
    kept = await add_customer(database, "Karimi", LALEH)
    gone = await add_customer(database, "Karimi", NIKOS)
    await add_trips(database, gone)
    await build_work_list(database, UTC, NOW)
    assert await rhythms(database) == {gone}

    await merge_customers(database, kept, gone, user_id=None, now=NOW)
    assert await count_customers(database, LAPSED) == 0
    await list_customers_again(database, [kept, gone], UTC, NOW)
    assert await rhythms(database) == {kept}
    assert await count_customers(database, LAPSED) == 1

    await erase_customer(database, kept, user_id=None, now=NOW)
    assert await rhythms(database) == set()
