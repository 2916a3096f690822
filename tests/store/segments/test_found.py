"""Customers found by a condition: long lists, merged customers, odd answers."""

from datetime import UTC, date

import pytest
from sqlalchemy import insert, update

from screenpop.conditions.tree import Compare, Not, Op
from screenpop.store.customers.merge import merge_customers
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.store.segments.found import Wanted, count_customers
from screenpop.store.segments.sql_parts import _FEW as FEW
from tests.store.samples import LALEH, NIKOS, add_customer

pytestmark = pytest.mark.anyio


def wanted(node: Compare | Not) -> Wanted:
    return Wanted(node, date(2026, 2, 26), UTC)


async def test_lists_of_any_length_find_the_same_customers(database: Database) -> None:
    async with database.writing() as connection:
        rows = [
            {"names": [], "tags": [f"Tag {n}", "T'x\"\\"], "city": f"Rome{'!' * n}", **STAMPS}
            for n in range(FEW + 1)
        ]
        await connection.execute(insert(customers), rows)
    for found in (FEW, FEW + 1):
        tags = tuple(f"tag {n}" for n in range(found))
        node = Compare("tag", Op.IS_ANY, tags)
        assert await count_customers(database, wanted(node)) == found
        assert await count_customers(database, wanted(Not(node))) == FEW + 1 - found
    in_rome = Compare("city", Op.IS_ANY, ("ρώμη",))
    assert await count_customers(database, wanted(in_rome)) == FEW + 1


STAMPS = {"created_at": 1.0, "changed_at": 1.0}


async def test_a_merged_customer_is_in_no_segment(database: Database) -> None:
    kept = await add_customer(database, "Karimi", LALEH)
    gone = await add_customer(database, "Karimi", NIKOS)
    every = wanted(Compare("tier", Op.IS_ANY, ("none",)))
    assert await count_customers(database, every) == 2
    await merge_customers(database, kept, gone, user_id=None, now=2.0)
    assert await count_customers(database, every) == 1
    assert await count_customers(database, wanted(Not(every.condition))) == 0


async def test_an_answer_that_is_no_yes_or_no_counts_as_never_asked(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    async with database.writing() as connection:
        stored = {"sms": {"given": "yes"}, "email": 1, "phone": {"given": 1}}
        await connection.execute(
            update(customers).where(customers.c.id == customer_id).values(consents=stored)
        )
    for channel in ("sms", "email", "phone"):
        node = Compare(f"consent_{channel}", Op.IS_ANY, ("never_asked",))
        assert await count_customers(database, wanted(node)) == 1
